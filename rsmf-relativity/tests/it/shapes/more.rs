//! Everything else.

use super::*;

#[tokio::test]
async fn instances_workspaces_and_places_are_read() {
    let (mut server, workspace) = server().await;
    let relativity: Relativity = workspace.relativity().clone();
    let root = "/Relativity.REST/api";
    let version = format!(
        "{root}/Relativity.Services.InstanceDetails.IInstanceDetailsModule/InstanceDetailsService\
         /GetRelativityVersionAsync"
    );
    at(&mut server, "POST", &version, "\"24.0.375.2\"").await;
    assert_eq!(relativity.version().await.unwrap(), "24.0.375.2");
    let health = format!("{root}/import-service/v1/health-check/");
    json_at(&mut server, "GET", &health, json!({"isHealthy": true})).await;
    assert!(relativity.import_health().await.unwrap().is_healthy);
    let info = json!({"ArtifactID": 7, "Name": "M", "Matter": {"Value": {"Name": "Case", "Guids": []},
        "Secured": false}, "CreatedOn": "0001-01-01T00:00:00"});
    json_at(
        &mut server,
        "GET",
        &format!("{root}/relativity-environment/v1/workspace/7"),
        info,
    )
    .await;
    assert_eq!(workspace.info().await.unwrap().matter.value.name, "Case");
    let shares = format!(
        "{root}/Relativity.Services.Workspace.IWorkspaceModule/Workspace%20Manager%20Service\
         /GetAssociatedFileShareResourceServersAsync"
    );
    let share = json!([{"ArtifactID": 1, "UNCPath": r"\\files.example\T001\Files\", "Status": {}}]);
    json_at(&mut server, "POST", &shares, share).await;
    let shares = workspace.file_shares().await.unwrap();
    assert_eq!(shares[0].root().unwrap(), r"\\files.example\T001");
    let paths = format!("{PROCESSING}/data-sources/source-location-paths");
    json_at(
        &mut server,
        "GET",
        &paths,
        json!([r"\\files.example\T001\ProcessingSource"]),
    )
    .await;
    assert_eq!(workspace.source_locations().await.unwrap().len(), 1);
    at(&mut server, "GET", &paths, "null").await;
    assert!(workspace.source_locations().await.unwrap().is_empty());
    let folder = format!(
        "{root}/Relativity.Services.Folder.IFolderModule/Folder%20Manager/GetWorkspaceRootAsync"
    );
    json_at(
        &mut server,
        "POST",
        &folder,
        json!({"ArtifactID": "1003697", "Name": "Root"}),
    )
    .await;
    assert_eq!(
        workspace.root_folder().await.unwrap().artifact_id,
        ArtifactId(1_003_697)
    );
}

#[tokio::test]
async fn short_messages_are_asked_for_by_both_routes() {
    let (mut server, workspace) = server().await;
    let viewer = "/Relativity.REST/api/relativity-documentViewer/v2";
    let verdict =
        json!({"Status": "PassedWithWarnings", "Warnings": [{"Message": "m", "LineNumber": 3}]});
    json_at(
        &mut server,
        "GET",
        &format!("{viewer}/workspaces/7/short-message/40/validate"),
        verdict,
    )
    .await;
    let verdict = workspace
        .validate_short_message(ArtifactId(40))
        .await
        .unwrap();
    assert_eq!(
        (verdict.status, verdict.warnings[0].line_number),
        (RsmfStatus::PassedWithWarnings, 3)
    );
    let infos = json!([{"attachmentId": "a.png", "documentArtifactId": 41}, {"AttachmentID": "b"}]);
    json_at(
        &mut server,
        "POST",
        &format!("{viewer}/workspace/7/short-message/40/attachment-info"),
        infos,
    )
    .await;
    let infos = workspace
        .attachment_info(ArtifactId(40), &["a.png".to_owned()])
        .await
        .unwrap();
    assert_eq!(
        (infos[0].document, infos[1].document),
        (ArtifactId(41), ArtifactId(0))
    );
    let manifest = json!({"version": "2.0.0", "Events": [{"id": "1"}]});
    json_at(
        &mut server,
        "GET",
        &format!("{viewer}/workspace/7/short-message/40/message-json"),
        manifest.clone(),
    )
    .await;
    assert_eq!(
        workspace.short_message_json(ArtifactId(40)).await.unwrap(),
        manifest
    );
}

#[tokio::test]
async fn collections_and_holds_are_read() {
    let (mut server, workspace) = server().await;
    let root = "/Relativity.REST/api";
    let path = format!("{root}/collect-services/v1/CollectAPI/7/collection/60");
    let body = json!({"Name": "c", "Status": "Completed with Errors", "Targets": [
        {"Target": "Ada", "Items": "12", "Errors": 1, "Size": 5, "State": "Done"}]});
    for body in [body.clone(), json!({"Result": {}, "Value": body})] {
        json_at(&mut server, "GET", &path, body).await;
        let collection = workspace.collection(ArtifactId(60)).await.unwrap();
        assert_eq!(
            (collection.name.as_str(), collection.targets[0].items),
            ("c", 12)
        );
    }
    json_at(
        &mut server,
        "GET",
        &format!("{path}/target-generation"),
        json!({"value": ["Done"]}),
    )
    .await;
    assert_eq!(
        workspace.collection_targets(ArtifactId(60)).await.unwrap(),
        ["Done"]
    );
    let held = json!([{"ProjectID": 3, "FullName": "Ada B"}]);
    json_at(
        &mut server,
        "GET",
        &format!("{root}/custodian-request-manager/ActiveCustodianSummary"),
        held,
    )
    .await;
    let held: Vec<_> = workspace.held_custodians().try_collect().await.unwrap();
    assert_eq!(
        (held[0].project, held[0].full_name.as_str()),
        (ArtifactId(3), "Ada B")
    );
    let ids = json!({"TotalCount": 2, "ArtifactIDs": [1, 2]});
    json_at(
        &mut server,
        "GET",
        &format!("{root}/preservation/61/getCustodians"),
        ids,
    )
    .await;
    let ids: Vec<_> = workspace
        .project_custodians(ArtifactId(61))
        .try_collect()
        .await
        .unwrap();
    assert_eq!(ids, [ArtifactId(1), ArtifactId(2)]);
}
