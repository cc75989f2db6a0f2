//! What documents need: a time zone, a folder.

use futures_util::TryStreamExt;
use serde_json::json;

use super::{
    ArtifactId, Workspace, guids,
    objects::{Condition, FieldRef, Named, ObjectType, Query},
};
use crate::Result;

/// The type of objects that folders are.
const FOLDER: i64 = 9;

impl Workspace {
    /// The time zones that documents can be in.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn time_zones(&self) -> Result<Vec<Named>> {
        self.named(ObjectType::guid(guids::TIME_ZONE), None).await
    }

    /// The folder that holds all others (`Folder Manager`).
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn root_folder(&self) -> Result<Named> {
        let path = "Relativity.Services.Folder.IFolderModule/Folder Manager/GetWorkspaceRootAsync";
        let call = self.relativity.post("read the root folder", path);
        let body = json!({ "workspaceArtifactID": self.id });
        call.within(self.id).body(body).safe().read().await
    }

    /// The folders of this name, wherever they are; all, where no name is given.
    ///
    /// # Errors
    /// Whatever stands in the way.
    pub async fn folders(&self, name: Option<&str>) -> Result<Vec<Named>> {
        let condition = name.map(|name| Condition::equals("Name", name));
        self.named(ObjectType::type_id(ArtifactId(FOLDER)), condition)
            .await
    }

    /// Objects of a type with their names, in their order.
    pub(super) async fn named(
        &self,
        object_type: ObjectType,
        condition: Option<Condition>,
    ) -> Result<Vec<Named>> {
        let query = Query::of(object_type)
            .field(FieldRef::named("Name"))
            .condition(condition);
        let found = self.objects(query).map_ok(|object| object.named());
        found.try_collect().await
    }
}
