//! Which objects are meant (page “Query for resources”).

use std::fmt;

use crate::client::ArtifactId;

/// Which objects are meant. Text is escaped, so that no name can change what is asked.
///
/// ```
/// use rsmf_relativity::client::objects::Condition;
///
/// let name = Condition::equals("Full Name", "O'Neill, Ada");
/// assert_eq!(name.to_string(), r"'Full Name' == 'O\'Neill, Ada'");
/// let numbers = Condition::contains("Control Number", "100%");
/// assert_eq!(numbers.to_string(), "'Control Number' LIKE '%100[%]%'");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition(String);

impl Condition {
    /// A condition as somebody wrote it.
    pub fn raw(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The field is this text.
    pub fn equals(field: &str, text: &str) -> Self {
        Self(format!("{} == {}", quoted(field), quoted(text)))
    }

    /// The field is one of these texts.
    pub fn one_of<'t>(field: &str, texts: impl IntoIterator<Item = &'t str>) -> Self {
        let texts: Vec<_> = texts.into_iter().map(quoted).collect();
        Self(format!("{} IN [{}]", quoted(field), texts.join(", ")))
    }

    /// The field is this number.
    pub fn number(field: &str, number: i64) -> Self {
        Self(format!("{} == {number}", quoted(field)))
    }

    /// The number of the object is one of these.
    pub fn ids(ids: impl IntoIterator<Item = ArtifactId>) -> Self {
        let ids: Vec<_> = ids.into_iter().map(|id| id.to_string()).collect();
        Self(format!("'ArtifactID' IN [{}]", ids.join(", ")))
    }

    /// The field says yes, or no.
    pub fn flag(field: &str, flag: bool) -> Self {
        Self(format!("{} == {flag}", quoted(field)))
    }

    /// The field holds this object.
    pub fn object(field: &str, object: ArtifactId) -> Self {
        Self(format!("{} == OBJECT {object}", quoted(field)))
    }

    /// The field begins with this text.
    pub fn starts_with(field: &str, text: &str) -> Self {
        Self(format!(
            "{} STARTSWITH {}",
            quoted(field),
            quoted(&plain(text))
        ))
    }

    /// The text is somewhere in the field.
    pub fn contains(field: &str, text: &str) -> Self {
        let pattern = format!("%{}%", plain(text));
        Self(format!("{} LIKE {}", quoted(field), quoted(&pattern)))
    }

    /// There is something in the field.
    pub fn is_set(field: &str) -> Self {
        Self(format!("{} ISSET", quoted(field)))
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(format!("({}) AND ({})", self.0, other.0))
    }

    /// One of both holds, or both.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(format!("({}) OR ({})", self.0, other.0))
    }

    /// It does not hold.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(format!("NOT ({})", self.0))
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'"))
}

/// Text in which nothing stands for something else.
fn plain(text: &str) -> String {
    text.replace('%', "[%]").replace('_', "[_]")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The text in quotes at the end, as the service reads it.
    fn unquoted(condition: &str) -> Option<String> {
        let (_, text) = condition.split_once(" == '")?;
        let (mut read, mut letters) = (String::new(), text.chars());
        while let Some(letter) = letters.next() {
            match letter {
                '\\' => read.push(letters.next()?),
                '\'' => return letters.next().is_none().then_some(read),
                letter => read.push(letter),
            }
        }
        None
    }

    proptest! {
        #[test]
        fn any_text_stays_within_its_quotes(text: String) {
            let condition = Condition::equals("Name", &text).to_string();
            prop_assert_eq!(unquoted(&condition), Some(text));
        }
    }

    #[test]
    fn conditions_are_put_together() {
        let both = Condition::number("Size", 3).and(Condition::flag("Done", true));
        let both = both.or(Condition::is_set("a").negated());
        assert_eq!(
            both.to_string(),
            "(('Size' == 3) AND ('Done' == true)) OR (NOT ('a' ISSET))"
        );
        assert_eq!(
            Condition::one_of("Name", ["a", r"b\"]).to_string(),
            r"'Name' IN ['a', 'b\\']"
        );
        assert_eq!(
            Condition::ids([ArtifactId(1), ArtifactId(2)]).to_string(),
            "'ArtifactID' IN [1, 2]"
        );
        assert_eq!(
            Condition::object("Set", ArtifactId(5)).to_string(),
            "'Set' == OBJECT 5"
        );
        assert_eq!(
            Condition::starts_with("N", "a_b").to_string(),
            "'N' STARTSWITH 'a[_]b'"
        );
        assert_eq!(Condition::raw("'a' ISSET").to_string(), "'a' ISSET");
    }
}
