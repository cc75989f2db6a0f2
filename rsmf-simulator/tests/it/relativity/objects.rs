//! Object Manager.

use serde_json::{Value, json};

use super::here::{Got, Here, OBJECTS, PROCESSING, WORKSPACE};

impl Here {
    async fn object(&self, verb: &str, body: Value) -> Got {
        self.post(&format!("{OBJECTS}/{verb}"), body).await
    }

    async fn document(&self, name: &str) -> i64 {
        let values = json!([{ "Field": { "Name": "Control Number" }, "Value": name }]);
        let body =
            json!({ "request": { "ObjectType": { "ArtifactTypeID": 10 }, "FieldValues": values } });
        let (status, made) = self.object("create", body).await;
        assert_eq!(status, 200, "{made}");
        made["Object"]["ArtifactID"].as_i64().unwrap()
    }

    async fn update(&self, id: i64, field: &str, value: Value, options: Value) -> Got {
        let values = json!([{ "Field": { "Name": field }, "Value": value }]);
        let request = json!({ "Object": { "artifactId": id }, "FieldValues": values });
        self.object(
            "update",
            json!({ "request": request, "OperationOptions": options }),
        )
        .await
    }
}

#[tokio::test]
async fn objects_come_in_pages() {
    let here = Here::start().await;
    for at in 0..5 {
        here.document(&format!("X{at}")).await;
    }
    let page = async |start: i64, length: i64| {
        let sort =
            json!([{ "FieldIdentifier": { "Name": "Control Number" }, "Direction": "Descending" }]);
        let fields = json!([{ "Name": "Control Number" }, { "Name": "ArtifactID" }]);
        let request =
            json!({ "ObjectType": { "Name": "Document" }, "fields": fields, "Sorts": sort });
        let (_, found) = here
            .object(
                "query",
                json!({ "request": request, "start": start, "length": length }),
            )
            .await;
        assert_eq!(found["TotalCount"], 5);
        let objects = found["Objects"].as_array().unwrap();
        assert_eq!(found["ResultCount"], objects.len());
        let names = objects
            .iter()
            .map(|it| it["FieldValues"][0]["Value"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(page(1, 2).await, ["X4", "X3"]);
    assert_eq!(page(3, 2).await, ["X2", "X1"]);
    assert_eq!(page(0, 1).await, ["X4"]);
    assert_eq!(page(6, 2).await, [""; 0]);
    here.server.knobs(|knobs| knobs.page = 3);
    assert_eq!(page(1, 0).await.len(), 3);
}

#[tokio::test]
async fn types_fields_and_conditions_must_be_there() {
    let here = Here::start().await;
    let query = async |request: Value| here.object("query", json!({ "request": request })).await.0;
    let kind = json!({ "Guid": "4BE0A8E2-C236-4DAC-B8DF-E7944B84CEE5" });
    let children = json!([{ "Guid": "410AC62F-DB2A-41E2-AA96-CCDB3AD10C85" }]);
    assert_eq!(
        query(json!({ "ObjectType": kind, "Fields": children, "Condition": "'Name' == 'RSMF'" }))
            .await,
        200
    );
    assert_eq!(
        query(json!({ "ObjectType": { "Name": "Nothing" } })).await,
        400
    );
    assert_eq!(
        query(json!({ "ObjectType": kind, "Fields": [{ "Name": "Nothing" }] })).await,
        400
    );
    assert_eq!(
        query(json!({ "ObjectType": kind, "Condition": "Name = 1" })).await,
        400
    );
    assert_eq!(
        query(json!({ "ObjectType": kind, "Nothing": 1 })).await,
        400
    );
}

#[tokio::test]
async fn documents_are_read_tagged_and_deleted() {
    let here = Here::start().await;
    let id = here.document("A").await;
    let free = Value::Null;
    assert_eq!(
        here.update(id, "Matter ID", "M-1".into(), free.clone())
            .await
            .0,
        200
    );
    assert_eq!(
        here.update(id, "Nothing", "M-1".into(), free.clone())
            .await
            .0,
        400
    );
    assert_eq!(
        here.update(id, "File Size", "big".into(), free.clone())
            .await
            .0,
        400
    );
    assert_eq!(
        here.update(id, "Matter ID", "x".repeat(451).into(), free.clone())
            .await
            .0,
        400
    );
    let person = here.custodian().await;
    let ids = json!([{ "ArtifactID": person }]);
    assert_eq!(
        here.update(id, "Related Custodians", ids.clone(), free.clone())
            .await
            .0,
        400,
        "needs a behaviour"
    );
    for (behaviour, count) in [("Merge", 1), ("Merge", 1), ("Remove", 0), ("Replace", 1)] {
        let options = json!({ "CallingContext": null, "UpdateBehavior": behaviour });
        assert_eq!(
            here.update(id, "Related Custodians", ids.clone(), options)
                .await
                .0,
            200
        );
        let held = here.server.documents(WORKSPACE)[0]["Related Custodians"]
            .as_array()
            .unwrap()
            .len();
        assert_eq!(held, count, "{behaviour}");
    }
    let tag = json!([{ "Name": "Hot" }]);
    assert_eq!(
        here.update(id, "Review Tags", tag, json!({ "UpdateBehavior": "Merge" }))
            .await
            .0,
        200
    );
    let nobody = json!({ "ArtifactID": 1 });
    assert_eq!(
        here.update(id, "Custodian", nobody, free.clone()).await.0,
        400
    );
    assert_eq!(
        here.update(
            id,
            "Custodian",
            json!({ "ArtifactID": person }),
            free.clone()
        )
        .await
        .0,
        200
    );
    let fields =
        json!([{ "Name": "Custodian" }, { "Name": "Matter ID" }, { "Name": "Review Tags" }]);
    let (_, read) = here
        .object(
            "read",
            json!({ "Request": { "Object": { "ArtifactID": id }, "Fields": fields } }),
        )
        .await;
    let values = &read["Object"]["FieldValues"];
    assert_eq!(
        (&values[0]["Value"]["Name"], &values[1]["Value"]),
        (&json!("Lovelace, Ada"), &json!("M-1"))
    );
    assert_eq!(
        (
            &values[2]["Value"][0]["Name"],
            &values[2]["Field"]["FieldType"]
        ),
        (&json!("Hot"), &json!("MultipleChoice"))
    );
    let delete = |id: i64| json!({ "request": { "Object": { "ArtifactID": id } } });
    assert_eq!(
        here.object("delete", delete(person)).await.0,
        500,
        "the document names it"
    );
    assert_eq!(here.object("delete", delete(id)).await.0, 200);
    assert_eq!(here.object("delete", delete(id)).await.0, 404);
    assert_eq!(here.object("delete", delete(person)).await.0, 200);
}

#[tokio::test]
async fn some_things_are_created_by_their_own_calls() {
    let here = Here::start().await;
    let create = async |kind: Value, field: &str, value: &str| {
        let values = json!([{ "Field": { "Name": field }, "Value": value }]);
        here.object(
            "create",
            json!({ "request": { "ObjectType": kind, "FieldValues": values } }),
        )
        .await
        .0
    };
    assert_eq!(
        create(json!({ "Name": "Processing Set" }), "Name", "x").await,
        405
    );
    assert_eq!(
        create(json!({ "Name": "Entity" }), "Full Name", "Somebody").await,
        200
    );
    assert_eq!(
        create(json!({ "Name": "Entity" }), "First Name", "Somebody").await,
        400
    );
    here.document("A").await;
    assert_eq!(
        create(json!({ "ArtifactTypeID": 10 }), "Control Number", "a").await,
        400
    );
}

#[tokio::test]
async fn answers_can_look_otherwise() {
    let here = Here::start().await;
    here.server.knobs(|knobs| {
        (
            knobs.camel_keys,
            knobs.shuffle_keys,
            knobs.extra_keys,
            knobs.ids_as_text,
        ) = (true, true, true, true);
    });
    let id = here.set_by_name().await;
    let (_, read) = here
        .get(&format!("{PROCESSING}/processing-sets/{id}"))
        .await;
    assert_eq!(read["processingSetID"], json!(id.to_string()));
    assert!(read["XUnheardOf"].is_object());
}

impl Here {
    /// A set, made without reading an answer but its number.
    async fn set_by_name(&self) -> i64 {
        self.server.knobs(|knobs| knobs.created_status = 201);
        let body = json!({ "request": { "ObjectType": { "Name": "Processing Profile" } } });
        let (_, found) = self.object("query", body).await;
        let profile = found["objects"][0]["artifactID"].clone();
        let body = json!({ "processingSet": { "Name": "x", "Profile": { "ProcessingProfileID": profile } } });
        let (status, id) = self.processing("processing-sets", body).await;
        assert_eq!(status, 201);
        id.as_i64().unwrap()
    }
}

#[tokio::test]
async fn exports_come_block_by_block() {
    let here = Here::start().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(here.document(&format!("E{number}")).await);
    }
    let query = json!({
        "ObjectType": { "ArtifactTypeID": 10 }, "Fields": [{ "Name": "Control Number" }],
        "Condition": "'Control Number' STARTSWITH 'E'",
    });
    let (status, begun) = here
        .object(
            "initializeexport",
            json!({ "queryRequest": query, "start": 0 }),
        )
        .await;
    assert_eq!((status, &begun["RecordCount"]), (200, &json!(5)), "{begun}");
    assert_eq!(begun["FieldData"][0]["Name"], "Control Number");
    let mut found = Vec::new();
    for count in [2, 2, 1, 0] {
        let next = json!({ "runID": begun["RunID"], "batchSize": 2 });
        let (status, block) = here
            .object("retrievenextresultsblockfromexport", next)
            .await;
        assert_eq!((status, block.as_array().unwrap().len()), (200, count));
        found.extend(block.as_array().unwrap().clone());
    }
    let numbers: Vec<_> = found
        .iter()
        .map(|it| it["ArtifactID"].as_i64().unwrap())
        .collect();
    assert_eq!(numbers, ids);
    assert_eq!(found[3]["Values"], json!(["E3"]));
    for (run, size, wanted) in [(json!("none"), 2, 404), (begun["RunID"].clone(), 0, 400)] {
        let next = json!({ "runID": run, "batchSize": size });
        let (status, _) = here
            .object("retrievenextresultsblockfromexport", next)
            .await;
        assert_eq!(status, wanted);
    }
}
