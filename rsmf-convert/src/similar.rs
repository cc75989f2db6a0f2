//! What somebody may have meant who typed something else.

/// How alike two names are, of 1, to be worth a suggestion.
const ENOUGH: f64 = 0.8;
/// How many suggestions are of use.
const MOST: usize = 3;

/// The names that are most like `typed`, the best first.
pub(crate) fn similar<'n>(typed: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let typed = key(typed);
    let score = |name: &str| {
        let name = key(name);
        let part = name.rsplit('/').next().unwrap_or_default();
        let whole = strsim::normalized_damerau_levenshtein(&typed, &name);
        whole.max(strsim::normalized_damerau_levenshtein(&typed, part))
    };
    let mut found: Vec<(f64, &str)> = names
        .into_iter()
        .map(|name| (score(name), name))
        .filter(|(score, _)| *score >= ENOUGH)
        .collect();
    found.sort_by(|(a, left), (b, right)| b.total_cmp(a).then(left.cmp(right)));
    found.dedup();
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// The names as a question; empty where there are none.
pub(crate) fn question(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names => format!("did you mean {}?", names.join(" or ")),
    }
}

fn key(name: &str) -> String {
    name.trim_start_matches('#')
        .to_lowercase()
        .replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likest_comes_first_and_strangers_do_not_come() {
        let names = ["America/New_York", "America/Nome", "Europe/York", "UTC"];
        assert_eq!(similar("new yrok", names), ["America/New_York"]);
        assert_eq!(similar("ameriac/new_york", names), ["America/New_York"]);
        assert!(similar("Mars/Olympus", names).is_empty());
        assert_eq!(question(&["a", "b"]), "did you mean a or b?");
    }
}
