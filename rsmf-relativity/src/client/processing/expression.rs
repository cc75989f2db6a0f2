//! Which discovered files are meant.

use std::fmt;

use serde_json::{Value, json};

/// Which discovered files are meant: the service takes it as text that holds JSON.
///
/// ```
/// use rsmf_relativity::client::processing::Expression;
///
/// let failed = Expression::new("Unprocessable", "Is", true);
/// let both = Expression::all([Expression::new("DataSourceArtifactId", "Is", 1046822), failed]);
/// assert!(both.to_string().contains(r#""Operator":"And""#));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Expression(Value);

impl Expression {
    /// All files.
    pub fn everything() -> Self {
        Self(json!({ "Type": "EmptyExpression" }))
    }

    /// The files with this property (`FileName`, `DataSourceArtifactId`, `IngestionError` …), for instance one that
    /// `Is` a value.
    pub fn new(property: &str, constraint: &str, value: impl Into<Value>) -> Self {
        Self(json!({
            "Type": "ConditionalExpression",
            "Property": property,
            "Constraint": constraint,
            "Value": value.into(),
        }))
    }

    /// The files for which all of these hold.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::composite("And", parts)
    }

    /// The files for which one of these holds.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::composite("Or", parts)
    }

    fn composite(operator: &str, parts: impl IntoIterator<Item = Self>) -> Self {
        let parts: Vec<_> = parts.into_iter().map(|part| part.0).collect();
        Self(json!({
            "Type": "CompositeExpression",
            "Operator": operator,
            "Expressions": parts,
        }))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
