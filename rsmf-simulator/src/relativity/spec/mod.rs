//! Which calls there are, and what may stand in their bodies.

mod shapes;

use std::{collections::HashMap, sync::LazyLock};

use self::shapes::Shapes;
use super::reply::Refusal;

/// The facts.
static SPEC: LazyLock<Spec> = LazyLock::new(|| Spec::read(include_str!("calls.txt")));

/// Where paths begin that say nothing else.
const API: &str = "/relativity.rest/api/";

/// Values of the slots in a path, by name.
pub(super) type Slots = HashMap<&'static str, String>;

/// A call that is known.
#[derive(Debug)]
pub(super) struct Route {
    verb: &'static str,
    path: Vec<Part>,
    pub(super) name: &'static str,
    /// Keys of the body.
    keys: Vec<shapes::Key>,
}

#[derive(Debug)]
enum Part {
    /// In small letters.
    Word(String),
    Slot(&'static str),
}

#[derive(Debug, Default)]
struct Spec {
    routes: Vec<Route>,
    shapes: Shapes,
}

impl Spec {
    fn read(text: &'static str) -> Self {
        let mut spec = Self::default();
        for line in text.lines() {
            match line.strip_prefix("shape ") {
                Some(shape) => spec.shapes.add(shape),
                None => spec.routes.extend(Route::read(line)),
            }
        }
        spec
    }
}

impl Route {
    /// Columns stand apart by two spaces, as names of old services hold one.
    fn read(line: &'static str) -> Option<Self> {
        if line.starts_with('#') {
            return None;
        }
        let (verb, rest) = line.split_once(' ')?;
        let mut columns = rest.split("  ").map(str::trim).filter(|it| !it.is_empty());
        let (path, name) = (columns.next()?, columns.next()?);
        Some(Self {
            verb,
            path: parts(path),
            name,
            keys: shapes::keys(columns.next().unwrap_or_default()),
        })
    }

    fn slots(&self, path: &[&str]) -> Option<Slots> {
        if path.len() != self.path.len() {
            return None;
        }
        let mut slots = Slots::new();
        for (part, given) in self.path.iter().zip(path) {
            match part {
                Part::Word(word) if word.eq_ignore_ascii_case(given) => {}
                Part::Word(_) => return None,
                Part::Slot(name) => {
                    slots.insert(name, (*given).to_owned());
                }
            }
        }
        Some(slots)
    }

    /// Refuses what the body of this call does not know, and names it.
    pub(super) fn check(&self, body: &serde_json::Value) -> Result<(), Refusal> {
        let mut unknown = Vec::new();
        SPEC.shapes.check(&self.keys, body, "", &mut unknown);
        if unknown.is_empty() {
            return Ok(());
        }
        Err(Refusal::malformed(&format!(
            "Not known in the body of this call: {}",
            unknown.join(", ")
        )))
    }
}

fn parts(path: &'static str) -> Vec<Part> {
    let root = if path.starts_with('/') { "" } else { API };
    let words = root.split('/').chain(path.split('/'));
    words
        .filter(|word| !word.is_empty())
        .map(|word| match word.strip_prefix('{') {
            Some(slot) => Part::Slot(slot.trim_end_matches('}')),
            None => Part::Word(word.to_ascii_lowercase()),
        })
        .collect()
}

/// What is known of an address.
pub(super) enum Found {
    Call(&'static Route, Slots),
    /// There is something, but not by this verb.
    OtherVerb,
    Nothing,
}

/// Finds the call of a decoded path, whatever the case of its letters, with or without a slash at its end.
pub(super) fn find(verb: &str, path: &str) -> Found {
    let parts: Vec<_> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut found = Found::Nothing;
    for route in &SPEC.routes {
        match route.slots(&parts) {
            Some(slots) if route.verb == verb => return Found::Call(route, slots),
            Some(_) => found = Found::OtherVerb,
            None => {}
        }
    }
    found
}

/// The names of all calls.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SPEC.routes.iter().map(|route| route.name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(verb: &str, path: &str) -> (&'static Route, Slots) {
        match find(verb, path) {
            Found::Call(route, slots) => (route, slots),
            _ => panic!("{verb} {path} is not known"),
        }
    }

    #[test]
    fn paths_are_found_whatever_their_case() {
        let path = "/Relativity.Rest/API/Relativity-Processing/V1/workspaces/7/processing-sets/";
        assert_eq!(call("POST", path).0.name, "set.create");
        let (route, slots) = call("GET", &format!("{path}9/summary"));
        assert_eq!(
            (route.name, &*slots["ws"], &*slots["id"]),
            ("set.summary", "7", "9")
        );
        assert_eq!(
            call("GET", &format!("{path}documents")).0.name,
            "set.documents"
        );
        assert!(matches!(find("PATCH", path), Found::OtherVerb));
        assert!(matches!(find("GET", "/nowhere"), Found::Nothing));
    }

    #[test]
    fn bodies_hold_known_keys_only() {
        let path = "/Relativity.REST/api/relativity-processing/v1/workspaces/7/processing-sets";
        let (route, _) = call("POST", path);
        let good = json!({"PROCESSINGset": {"name": "x", "Profile": {"ProcessingProfileID": 1}}});
        assert!(route.check(&good).is_ok());
        let bad =
            json!({"processingSet": {"Nmae": "x", "Profile": {"Id": 1}, "Name": {}}, "more": 1});
        let message = route.check(&bad).unwrap_err().message;
        for key in [
            "processingSet.Nmae",
            "processingSet.Profile.Id",
            "processingSet.Name",
            "more",
        ] {
            assert!(message.contains(key), "{message}");
        }
    }

    #[test]
    fn every_shape_is_there() {
        for route in &SPEC.routes {
            for shape in route.keys.iter().filter_map(|key| key.shape) {
                assert!(SPEC.shapes.knows(shape), "{shape}");
            }
        }
    }
}
