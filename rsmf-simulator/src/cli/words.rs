//! Words that say two things.

/// A name and a value, with `=` between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pair(pub(crate) String, pub(crate) String);

pub(crate) fn pair(text: &str) -> Result<Pair, String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok(Pair(name.to_owned(), value.to_owned())),
        _ => Err("it must be two words with `=` between them".to_owned()),
    }
}

/// A value as JSON, or as text where it is none.
pub(crate) fn value(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_two_words() {
        assert_eq!(pair("a=b=c"), Ok(Pair("a".into(), "b=c".into())));
        assert!(pair("a").is_err() && pair("=b").is_err());
        assert_eq!((value("7"), value("open")), (7.into(), "open".into()));
    }
}
