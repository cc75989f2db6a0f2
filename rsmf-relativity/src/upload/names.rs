//! From names to ArtifactIDs.

use rsmf_core::Failure;

use crate::{
    Result,
    client::{ArtifactId, objects::Named},
};

/// The only one of these; `what` is such as `a processing profile`.
pub(super) fn only(what: &'static str, name: &str, found: &[Named]) -> Result<ArtifactId> {
    match found {
        [one] => Ok(one.artifact_id),
        [] => Err(missing(
            what,
            name,
            "check its name and whether the user may see it",
        )),
        several => Err(ambiguous(what, name, several)),
    }
}

pub(super) fn missing(what: &str, name: &str, advice: impl Into<String>) -> crate::Error {
    let failure = Failure::new("find", format!("{what} “{name}”"));
    failure.advice(advice.into()).not_found().into()
}

pub(super) fn ambiguous(what: &str, name: &str, several: &[Named]) -> crate::Error {
    let ids: Vec<_> = several
        .iter()
        .map(|one| one.artifact_id.to_string())
        .collect();
    Failure::new("choose", format!("{what} “{name}”"))
        .source(format!("there are {}: {}", several.len(), ids.join(", ")))
        .advice("name it by its ArtifactID")
        .conflict()
        .into()
}

/// The names of some of these, for advice.
pub(super) fn listed(found: &[Named]) -> String {
    let names: Vec<_> = found.iter().take(20).map(|one| one.name.as_str()).collect();
    match found.len() {
        0 => "there is none".to_owned(),
        count if count > 20 => format!("there are {} and others", names.join(", ")),
        _ => format!("there is {}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(ids: &[i64]) -> Vec<Named> {
        let one = |id: &i64| {
            let mut named = Named::default();
            (named.artifact_id, named.name) = (ArtifactId(*id), format!("n{id}"));
            named
        };
        ids.iter().map(one).collect()
    }

    #[test]
    fn one_is_taken_and_several_are_named() {
        assert_eq!(only("a set", "x", &named(&[7])).unwrap(), ArtifactId(7));
        let none = only("a set", "x", &[]).unwrap_err();
        assert!(none.to_string().contains("a set “x”"), "{none}");
        let several = only("a set", "x", &named(&[7, 8])).unwrap_err();
        let cause = std::error::Error::source(&several).unwrap().to_string();
        assert!(cause.contains("7, 8"), "{cause}");
        assert_eq!(listed(&named(&[1, 2])), "there is n1, n2");
        assert_eq!(listed(&[]), "there is none");
        let many: Vec<_> = (0..30).collect();
        assert!(listed(&named(&many)).ends_with("and others"));
    }
}
