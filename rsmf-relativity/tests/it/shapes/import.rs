//! The Import Service.

use super::*;

#[tokio::test]
async fn the_import_service_says_no_with_status_200() {
    let (mut server, workspace) = server().await;
    let path = format!("{JOBS}/{JOB}/begin");
    let no = json!({"isSuccess": false, "ErrorMessage": "cannot", "ErrorCode": "J.BEG.VLD.1501",
        "ImportJobID": JOB});
    json_at(&mut server, "POST", &path, no.clone()).await;
    let begin = || workspace.import_action(JOB, ImportAction::Begin);
    let error = begin().await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.status, refusal.message.as_str()), (200, "cannot"));
    assert!(refusal.import_code().unwrap().is_state_conflict());
    assert!(error.to_string().contains("J.BEG.VLD.1501") && !error.is_uncertain());
    // The same with the status that means it.
    let mock = server.mock("POST", path.as_str()).with_status(400);
    mock.with_body(no.to_string()).create_async().await;
    let refusal = begin().await.unwrap_err();
    let refusal = refusal.refusal().unwrap();
    assert_eq!(
        (refusal.status, refusal.code.as_deref()),
        (400, Some("J.BEG.VLD.1501"))
    );
    for (body, is_refused) in [
        (r#"{"IsSuccess":false}"#, true),
        ("{}", false),
        ("null", false),
        ("[]", false),
    ] {
        at(&mut server, "POST", &path, body).await;
        let error = begin().await.unwrap_err();
        assert_eq!(
            (error.refusal().is_some(), error.is_uncertain()),
            (is_refused, !is_refused)
        );
    }
    json_at(
        &mut server,
        "POST",
        &path,
        json!({"ISSUCCESS": true, "Value": null}),
    )
    .await;
    begin().await.unwrap();
}

#[tokio::test]
async fn imports_are_read_in_both_spellings() {
    let (mut server, workspace) = server().await;
    let yes = |value: Value| json!({"IsSuccess": true, "Value": value});
    for body in [
        json!({"TotalRecords": 9, "ImportedRecords": 7, "ErroredRecords": 2}),
        json!({"RecordsInDataSources": 9, "ImportedRecords": 7, "ErrorRecords": 2}),
        json!({"TotalRecords": 9, "RecordsInDataSources": 8, "ImportedRecords": "7", "ErroredRecords": 2,
            "ErrorRecords": 1}),
    ] {
        for path in ["progress".to_owned(), format!("sources/{JOB}/progress")] {
            json_at(
                &mut server,
                "GET",
                &format!("{JOBS}/{JOB}/{path}"),
                yes(body.clone()),
            )
            .await;
        }
        let progress = workspace.import_progress(JOB).await.unwrap();
        assert_eq!(
            (progress.total, progress.imported, progress.errored),
            (9, 7, 2)
        );
        assert_eq!(
            workspace.import_source_progress(JOB, JOB).await.unwrap(),
            progress
        );
    }
    for (word, state) in [
        (json!("Idle"), ImportState::Idle),
        (json!(50), ImportState::Completed),
    ] {
        let details =
            json!({"IsFinished": true, "State": word, "CreatedOn": "2023-01-11T13:47:45.513"});
        json_at(
            &mut server,
            "GET",
            &format!("{JOBS}/{JOB}/details"),
            yes(details),
        )
        .await;
        let job = workspace.import_job(JOB).await.unwrap();
        assert_eq!((job.state, job.is_finished), (state, true));
    }
    for key in ["Sources", "Jobs"] {
        let listed = json!({key: [JOB], "TotalCount": 1});
        json_at(
            &mut server,
            "GET",
            &format!("{JOBS}/{JOB}/sources"),
            yes(listed),
        )
        .await;
        assert_eq!(workspace.import_sources(JOB).await.unwrap(), [JOB]);
    }
    let listed = json!({"Jobs": [JOB], "TotalCount": 1});
    json_at(&mut server, "GET", &format!("{JOBS}/jobs/"), yes(listed)).await;
    let jobs: Vec<_> = workspace.import_jobs().try_collect().await.unwrap();
    assert_eq!(jobs, [JOB]);
    let errors = json!([{"LineNumber": -1, "ErrorDetails": [{"ErrorCode": "S.RD.EXT.0217"}]}]);
    for errors in [errors.clone(), errors[0].clone(), Value::Null] {
        let source = json!({"State": "Failed", "JobLevelErrors": errors, "DataSourceSettings": {"Path": "p"}});
        json_at(
            &mut server,
            "GET",
            &format!("{JOBS}/{JOB}/sources/{JOB}/details"),
            yes(source),
        )
        .await;
        let source = workspace.import_source(JOB, JOB).await.unwrap();
        assert_eq!(
            (&source.state, source.data_source_settings.path.as_str()),
            (&SourceState::Failed, "p")
        );
        assert_eq!(
            source.job_level_errors.len(),
            usize::from(!errors.is_null())
        );
    }
    let file = format!("{JOBS}/{JOB}/sources/{JOB}/errorloadfile");
    json_at(&mut server, "GET", &file, yes(Value::Null)).await;
    assert_eq!(workspace.import_error_file(JOB, JOB).await.unwrap(), None);
}

#[tokio::test]
async fn errors_of_lines_are_read_to_their_end() {
    let (mut server, _) = server().await;
    let mut small = config(&server.url());
    small.options.page_size = 2;
    let workspace = connect(small).workspace(ArtifactId(7));
    let path = format!("{JOBS}/{JOB}/sources/{JOB}/itemerrors");
    for (start, lines, more) in [(0, vec![1, 2], true), (2, vec![4], false)] {
        let errors: Vec<_> = lines
            .iter()
            .map(|line| {
                json!({"LineNumber": line, "ErrorDetails": [
            {"ErrorProperties": {"artifactID": "x"}}]})
            })
            .collect();
        let body = json!({"IsSuccess": true, "Value": {"Errors": errors, "TotalCount": 1,
            "HasMoreRecords": more}});
        let asked = Matcher::UrlEncoded("start".to_owned(), start.to_string());
        let mock = server.mock("GET", path.as_str()).match_query(asked);
        mock.with_body(body.to_string()).create_async().await;
    }
    let lines: Vec<_> = workspace.item_errors(JOB, JOB).try_collect().await.unwrap();
    let numbers: Vec<_> = lines.iter().map(|line| line.line_number).collect();
    assert_eq!(numbers, [1, 2, 4]);
    assert_eq!(
        lines[0].error_details[0].error_properties["artifactID"],
        "x"
    );
}
