//! The Object Manager.

use super::*;

#[tokio::test]
async fn objects_come_page_by_page() {
    let (mut server, _) = server().await;
    let mut small = config(&server.url());
    small.options.page_size = 2;
    let workspace = connect(small).workspace(ArtifactId(7));
    let path = format!("{OBJECTS}/query");
    for (start, ids) in [(1, vec![1, 2]), (3, vec![3, 4]), (5, vec![5])] {
        let objects: Vec<_> = ids.iter().map(|id| json!({"ArtifactID": id})).collect();
        let body = json!({"TotalCount": 5, "ResultCount": ids.len(), "Objects": objects});
        let asked = Matcher::PartialJson(json!({"start": start, "length": 2}));
        let mock = server
            .mock("POST", path.as_str())
            .match_body(asked)
            .expect(1);
        mock.with_body(body.to_string()).create_async().await;
    }
    let query = Query::of(ObjectType::document());
    let all: Vec<_> = workspace
        .objects(query.clone())
        .try_collect()
        .await
        .unwrap();
    let ids: Vec<_> = all.iter().map(|object| object.artifact_id.0).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5]);
    for body in ["null", "{}", "[]", r#"{"TotalCount":3}"#] {
        at(&mut server, "POST", &path, body).await;
        assert!(workspace.count_objects(&query).await.is_err(), "{body}");
    }
}

#[tokio::test]
async fn objects_are_written() {
    let (mut server, workspace) = server().await;
    let created = json!({"Object": {"ArtifactID": 9}, "EventHandlerStatuses": []});
    json_at(&mut server, "POST", &format!("{OBJECTS}/create"), created).await;
    let object = NewObject::of(ObjectType::named("Entity"));
    let object = workspace.create_object(&object).await.unwrap();
    assert_eq!(object.artifact_id, ArtifactId(9));
    let path = format!("{OBJECTS}/update");
    let values = [(FieldRef::named("Matter"), json!("m1"))];
    let update = || workspace.update_object(ArtifactId(9), &values, UpdateBehavior::Replace);
    for (body, is_well) in [
        (
            json!({"EventHandlerStatuses": [{"Success": true, "Message": ""}]}),
            true,
        ),
        (json!({}), true),
        (
            json!({"EventHandlerStatuses": [{"success": false, "message": "locked"}]}),
            false,
        ),
    ] {
        json_at(&mut server, "POST", &path, body).await;
        assert_eq!(update().await.is_ok(), is_well);
    }
    assert_eq!(
        update().await.unwrap_err().refusal().unwrap().message,
        "locked"
    );
}

#[tokio::test]
async fn profiles_are_read_by_their_guids() {
    let (mut server, workspace) = server().await;
    let field = |guid: Uuid, value: Value| json!({"Field": {"Guids": [guid]}, "Value": value});
    let object = json!({"Object": {"ArtifactID": 20, "FieldValues": [
        field(guids::PROFILE_NAME, json!("RSMF")),
        field(guids::PROFILE_EXTRACT_CHILDREN, json!(true)),
        field(guids::PROFILE_AUTO_PUBLISH, json!("No")),
        field(guids::PROFILE_DEDUPLICATION, json!({"ArtifactID": 5, "Name": "Global"})),
    ]}});
    let path = format!("{OBJECTS}/read");
    json_at(&mut server, "POST", &path, object.clone()).await;
    let profile = workspace.profile(ArtifactId(20)).await.unwrap();
    assert_eq!(
        (profile.name.as_str(), profile.extracts_children),
        ("RSMF", Some(true))
    );
    assert_eq!(
        (profile.is_auto_published, profile.is_denisted),
        (Some(false), None)
    );
    assert_eq!(profile.deduplication.name, "Global");
    // An older version that does not know all fields.
    let refusal = server.mock("POST", path.as_str()).with_status(400);
    let refusal = refusal.with_body(r#"{"ErrorType":"A.ValidationException","Message":"field"}"#);
    let known = Matcher::Regex(guids::PROFILE_DEDUPLICATION.to_string());
    refusal.match_body(known).create_async().await;
    assert!(workspace.profile(ArtifactId(20)).await.is_ok());
    let path = "/Relativity.REST/api/Relativity.Services.ArtifactGuid.IArtifactGuidModule\
        /Artifact%20Guid%20Manager/ReadMultipleArtifactIdsAsync";
    let pairs = json!([{"ArtifactID": 3, "Guid": guids::PROFILE}, {"ArtifactID": 4, "Guid": "?"}]);
    json_at(&mut server, "POST", path, pairs).await;
    let found = workspace.artifact_ids(&[guids::PROFILE]).await.unwrap();
    assert_eq!(found, [(guids::PROFILE, ArtifactId(3))]);
}

#[tokio::test]
async fn statuses_are_read_by_name() {
    let (mut server, workspace) = server().await;
    let object = json!({"Object": {"FieldValues": [
        {"Field": {"Guids": [guids::SET_DISCOVER_STATUS]}, "Value": {"Name": "Completed with errors"}},
        {"Field": {"Guids": [guids::SET_PUBLISH_STATUS]}, "Value": null},
    ]}});
    json_at(&mut server, "POST", &format!("{OBJECTS}/read"), object).await;
    let statuses = workspace.processing_statuses(ArtifactId(30)).await.unwrap();
    assert_eq!(statuses.discover.name, "Completed with errors");
    assert_eq!(
        (statuses.publish.name, statuses.inventory.name),
        (String::new(), String::new())
    );
}
