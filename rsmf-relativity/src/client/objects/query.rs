//! Finding and reading objects.

use futures_util::{TryStreamExt, stream::BoxStream};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Condition, FieldRef, Named, Object, ObjectType};
use crate::{
    Result,
    client::{ArtifactId, Workspace, call::Call, pages},
};

/// Which objects are asked for, and what of them.
///
/// ```
/// use rsmf_relativity::client::objects::{Condition, FieldRef, ObjectType, Query};
///
/// let query = Query::of(ObjectType::document())
///     .field(FieldRef::named("Control Number"))
///     .condition(Some(Condition::starts_with("Control Number", "REL")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    object_type: ObjectType,
    fields: Vec<FieldRef>,
    condition: Option<Condition>,
    sorts: Vec<FieldRef>,
}

impl Query {
    /// All objects of this type.
    pub fn of(object_type: ObjectType) -> Self {
        Self {
            object_type,
            fields: Vec::new(),
            condition: None,
            sorts: Vec::new(),
        }
    }

    /// With this field.
    #[must_use]
    pub fn field(mut self, field: FieldRef) -> Self {
        self.fields.push(field);
        self
    }

    /// Only those for which this holds.
    #[must_use]
    pub fn condition(mut self, condition: Option<Condition>) -> Self {
        self.condition = condition;
        self
    }

    /// Sorted by this field, after those that were named before.
    #[must_use]
    pub fn sorted_by(mut self, field: FieldRef) -> Self {
        self.sorts.push(field);
        self
    }

    fn json(&self, start: u64, length: u64) -> Value {
        let fields: Vec<_> = self.fields.iter().map(FieldRef::json).collect();
        let sort =
            |field: &FieldRef| json!({ "FieldIdentifier": field.json(), "Direction": "Ascending" });
        let sorts: Vec<_> = self.sorts.iter().map(sort).collect();
        let condition = self.condition.as_ref().map(ToString::to_string);
        json!({
            "request": {
                "ObjectType": self.object_type.json(),
                "fields": fields,
                "condition": condition.unwrap_or_default(),
                "sorts": sorts,
            },
            "start": start,
            "length": length,
        })
    }
}

/// A part of the objects that were found.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(try_from = "RawPage")]
#[non_exhaustive]
pub struct ObjectPage {
    /// How many there are in all.
    pub total_count: u64,
    /// Those of this part.
    pub objects: Vec<Object>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct RawPage {
    total_count: Option<u64>,
    objects: Option<Vec<Object>>,
}

impl TryFrom<RawPage> for ObjectPage {
    type Error = &'static str;

    /// What says nothing at all does not say that there are no objects.
    fn try_from(raw: RawPage) -> Result<Self, &'static str> {
        if raw.objects.is_none() && raw.total_count != Some(0) {
            return Err("it has no objects");
        }
        Ok(Self {
            total_count: raw.total_count.unwrap_or_default(),
            objects: raw.objects.unwrap_or_default(),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Read {
    object: Object,
}

impl Workspace {
    /// A part of the objects that are found, from this place on. The number of the first is an
    /// [option](crate::client::Options::first_result).
    ///
    /// # Errors
    /// Whatever stands in the way, such as a condition that cannot be read.
    pub async fn object_page(&self, query: &Query, start: u64, length: u64) -> Result<ObjectPage> {
        let body = query.json(start, length);
        let send = |call: Call| call.safe().read();
        let mut page: ObjectPage = self
            .object_call("query objects", "query", body, send)
            .await?;
        let objects = page.objects.into_iter();
        page.objects = objects.map(|it| it.completed(&query.fields)).collect();
        Ok(page)
    }

    /// All objects that are found.
    pub fn objects(&self, query: Query) -> BoxStream<'static, Result<Object>> {
        let workspace = self.clone();
        let options = self.relativity.options();
        let (first, size) = (options.first_result, options.page_size.max(1));
        pages::all(first, size, move |start| {
            let (workspace, query) = (workspace.clone(), query.clone());
            async move {
                let page = workspace.object_page(&query, start, size).await?;
                Ok((page.objects, Some(page.total_count)))
            }
        })
    }

    /// How many objects are found.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn count_objects(&self, query: &Query) -> Result<u64> {
        let first = self.relativity.options().first_result;
        Ok(self.object_page(query, first, 1).await?.total_count)
    }

    /// Reads an object with these fields.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn read_object(&self, id: ArtifactId, fields: &[FieldRef]) -> Result<Object> {
        let asked: Vec<_> = fields.iter().map(FieldRef::json).collect();
        let body = json!({ "Request": { "Object": { "ArtifactID": id }, "Fields": asked } });
        let send = |call: Call| call.safe().read();
        let read: Read = self
            .object_call("read an object", "read", body, send)
            .await?;
        Ok(read.object.completed(fields))
    }

    /// The objects of this name, in any case. Where the condition finds none, or is refused, all objects are looked
    /// at: it names the field, which can be called something else in a workspace, and what is overlooked is created
    /// a second time.
    pub(in crate::client) async fn find_by_name(
        &self,
        object_type: ObjectType,
        guid: Uuid,
        field: &str,
        name: &str,
    ) -> Result<Vec<Named>> {
        let query = Query::of(object_type).field(FieldRef::guid(guid));
        let condition = Some(Condition::equals(field, name));
        let narrow = query.clone().condition(condition);
        match self.same_name(narrow, name).await {
            Ok(found) if !found.is_empty() => return Ok(found),
            Err(error) if error.refusal().is_none() => return Err(error),
            _ => {}
        }
        self.same_name(query, name).await
    }

    async fn same_name(&self, query: Query, name: &str) -> Result<Vec<Named>> {
        let wanted = name.trim().to_lowercase();
        let found = self.objects(query).map_ok(|object| object.named());
        let is_it = move |found: &Named| found.name.trim().to_lowercase() == wanted;
        let found = found.try_filter(move |named| std::future::ready(is_it(named)));
        found.try_collect().await
    }
}
