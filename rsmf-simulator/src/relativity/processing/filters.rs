//! Filters for files that were discovered.

use serde_json::{Value, json};

use super::state::File;
use crate::relativity::{
    call::{Call, Keys},
    reply::{Outcome, Refusal, Reply},
    world::{World, workspace::Workspace},
};

/// Expressions are nested so deep at most.
const DEPTH: usize = 100;

pub(crate) fn documents(world: &mut World, call: &Call) -> Outcome {
    answer(world, call, Workspace::result)
}

pub(crate) fn ids(world: &mut World, call: &Call) -> Outcome {
    answer(world, call, |_, file| file.id.into())
}

/// Keeps a filter, whose expression must be one.
pub(crate) fn create(world: &mut World, call: &Call) -> Outcome {
    let request = call.key("request");
    Expression::read(request.key("Expression").text(), 0)?;
    let name = request.key("FilterName").text();
    if name.is_empty() {
        return Err(Refusal::invalid("The filter has no name."));
    }
    let workspace = world.workspace(call)?;
    let id = workspace.numbers.next();
    workspace.filters.push((id, name.to_owned()));
    Ok(Reply::json(shown(id, name)))
}

/// All filters that are kept.
pub(crate) fn stored(world: &mut World, call: &Call) -> Outcome {
    let filters = world.workspace(call)?.filters.iter();
    Ok(Reply::json(
        filters.map(|(id, name)| shown(*id, name)).collect(),
    ))
}

fn shown(id: i64, name: &str) -> Value {
    json!({ "FilterID": id, "FilterName": name, "Type": "Expression" })
}

fn answer(world: &mut World, call: &Call, show: impl Fn(&Workspace, &File) -> Value) -> Outcome {
    let request = call.key("request");
    let workspace = world.workspace(call)?;
    let expression = Expression::read(request.key("Expression").text(), 0)?;
    let found: Vec<_> = workspace
        .files()
        .filter(|file| expression.holds(&workspace.result(file)))
        .collect();
    let number = |key: &str| {
        usize::try_from(request.key(key).number().unwrap_or_default()).unwrap_or_default()
    };
    let page = found
        .iter()
        .skip(number("StartingPointOfResult"))
        .take(number("NumberOfResults"));
    let page: Vec<_> = page.map(|file| show(workspace, file)).collect();
    Ok(Reply::json(
        json!({ "FilterID": 0, "TotalCount": found.len(), "Results": page }),
    ))
}

impl Workspace {
    /// What is told about a file.
    fn result(&self, file: &File) -> Value {
        let found = &file.found;
        let error = found.error.as_ref();
        let custodian = self
            .artifacts
            .get(&file.source)
            .and_then(|source| source.number("Custodian"));
        json!({
            "ProcessingFileId": file.id, "FileName": found.name, "FileExtension": found.extension(),
            "FileType": if found.rsmf.is_some() { "Relativity Short Message Format" } else { "" },
            "FileSize": found.size, "FolderPath": found.folder, "VirtualPath": found.container,
            "MD5Hash": found.md5, "SHA256Hash": found.sha256, "IsContainer": false, "IsEmbedded": false,
            "IsDeleted": false, "IsPublished": file.document.is_some(), "Unprocessable": error.is_some(),
            "IngestionError": error.is_some(), "DocumentErrorMessage": error.map(|it| &*it.message),
            "ErrorMessage": error.map(|it| &*it.message), "ErrorCategory": error.map(|it| it.category),
            "ErrorPhase": error.map(|_| "Discovery"), "ErrorStatus": error.map(|_| "Not Resolved"),
            "DedupeStatus": if file.is_duplicate { "Duplicate" } else { "" },
            "DataSourceArtifactId": file.source, "DataSourceName": self.name_of(file.source),
            "CustodianArtifactId": custodian, "CustodianName": custodian.map(|id| self.name_of(id)),
        })
    }
}

/// Which files a request names: by numbers, or by an expression.
pub(super) struct Wanted {
    ids: Vec<i64>,
    expression: Option<Expression>,
}

pub(super) fn wanted(request: &Value) -> Result<Wanted, Refusal> {
    let text = request.key("Expression").text();
    let expression = (!text.is_empty())
        .then(|| Expression::read(text, 0))
        .transpose()?;
    Ok(Wanted {
        ids: request
            .key("ProcessingFileIDs")
            .items()
            .iter()
            .filter_map(Keys::number)
            .collect(),
        expression,
    })
}

impl Wanted {
    pub(super) fn includes(&self, workspace: &Workspace, file: &File) -> bool {
        match &self.expression {
            _ if !self.ids.is_empty() => self.ids.contains(&file.id),
            Some(expression) => expression.holds(&workspace.result(file)),
            None => false,
        }
    }
}

/// An expression, which comes as a text that holds JSON.
enum Expression {
    Empty,
    All(Vec<Expression>),
    Any(Vec<Expression>),
    /// Property, whether it is so or not, value.
    Is(String, bool, Value),
}

impl Expression {
    fn read(text: &str, depth: usize) -> Result<Self, Refusal> {
        if text.trim().is_empty() {
            return Ok(Self::Empty);
        }
        let wrong = |error| Refusal::invalid(&format!("The expression is no JSON: {error}"));
        Self::of(&serde_json::from_str(text).map_err(wrong)?, depth)
    }

    fn of(value: &Value, depth: usize) -> Result<Self, Refusal> {
        let kind = value.key("Type").text();
        let wrong = || Refusal::invalid(&format!("The expression cannot be understood: {value}"));
        if depth > DEPTH {
            return Err(wrong());
        }
        match kind {
            "EmptyExpression" => Ok(Self::Empty),
            "CompositeExpression" => {
                let inner = value.key("Expressions").items().iter();
                let inner = inner
                    .map(|it| Self::of(it, depth + 1))
                    .collect::<Result<_, _>>()?;
                match value.key("Operator").text() {
                    "And" => Ok(Self::All(inner)),
                    "Or" => Ok(Self::Any(inner)),
                    _ => Err(wrong()),
                }
            }
            "ConditionalExpression" => {
                let is = match value.key("Constraint").text() {
                    "Is" => true,
                    "IsNot" => false,
                    _ => return Err(wrong()),
                };
                let property = value.key("Property").text().to_owned();
                Ok(Self::Is(property, is, value.key("Value").clone()))
            }
            _ => Err(wrong()),
        }
    }

    fn holds(&self, file: &Value) -> bool {
        match self {
            Self::Empty => true,
            Self::All(all) => all.iter().all(|it| it.holds(file)),
            Self::Any(all) => all.iter().any(|it| it.holds(file)),
            Self::Is(property, is, value) => {
                let own = file.key(property);
                let same = own == value || own.number().is_some() && own.number() == value.number();
                same == *is
            }
        }
    }
}
