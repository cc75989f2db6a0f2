//! Files from a container of one's own.

use super::*;
use rsmf_relativity::client::{NewTransfer, Transfer, TransferPhase, Uuid};
use rsmf_simulator::{FaultServer, PLANTED, Reply};

const JOB: Uuid = Uuid::from_u128(7);

/// A container with a file.
async fn container() -> (FaultServer, NewTransfer) {
    let server = FaultServer::start().await;
    let list = "<EnumerationResults><Blobs><Blob><Name>run/a.rsmf</Name><Properties>\
        <Content-Length>5</Content-Length></Properties></Blob></Blobs><NextMarker/></EnumerationResults>";
    server.serve("/account/box", Reply::text(list));
    server.serve("/account/box/run/a.rsmf", Reply::text("first"));
    let right = format!("sp=rl&se=2100-01-01T00:00:00Z&sig={PLANTED}sig");
    let source = format!("{}?{right}", server.url("/account/box/run"));
    let transfer = NewTransfer::new(JOB, source, format!(r"{ROOT}\run-1"));
    (server, transfer)
}

async fn ended(relativity: &Relativity) -> Transfer {
    for _ in 0..400 {
        let transfer = relativity.transfer(JOB).await.unwrap();
        if transfer.phase(relativity.transfer_words()) != TransferPhase::Running {
            return transfer;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the transfer never ends");
}

#[tokio::test]
async fn a_container_comes_to_the_share() {
    let here = Here::start(|_| ()).await;
    let (_container, transfer) = container().await;
    here.relativity.create_transfer(&transfer).await.unwrap();
    let ended = ended(&here.relativity).await;
    assert_eq!(
        ended.phase(here.relativity.transfer_words()),
        TransferPhase::Completed
    );
    assert!(ended.is_whole(1, 5), "{ended:?}");
    assert_eq!(ended.id, JOB.to_string());
    assert!(!format!("{ended:?}").contains(PLANTED));
    let copied = here.folder.path().join("run-1").join("a.rsmf");
    assert_eq!(std::fs::read(copied).unwrap(), b"first");
    assert!(
        here.relativity
            .transfer_control(JOB)
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn transfers_are_refused_lost_and_cancelled() {
    let here = Here::start(|knobs| knobs.transfer_time = 60_000).await;
    let (_container, transfer) = container().await;
    let relativity = &here.relativity;
    let outside = NewTransfer::new(JOB, "https://ours.example/box?sig=x", r"\\elsewhere\x");
    let error = relativity.create_transfer(&outside).await.unwrap_err();
    assert!(error.refusal().is_some(), "{error}");
    assert!(relativity.transfer(JOB).await.is_err());
    here.server
        .fault("transfer.create", [RelativityFault::Lost]);
    let lost = relativity.create_transfer(&transfer).await.unwrap_err();
    assert!(lost.is_uncertain());
    // It is there: nobody has to ask again.
    relativity.transfer(JOB).await.unwrap();
    relativity.cancel_transfer(JOB).await.unwrap();
    let ended = ended(relativity).await;
    assert_eq!(
        ended.phase(relativity.transfer_words()),
        TransferPhase::Cancelled
    );
    // Administrators may not.
    let mut config = config(&here.server.url());
    config.auth = Auth::oauth2(Simulator::CLIENT.0, Simulator::CLIENT.1);
    let error = connect(config)
        .create_transfer(&transfer)
        .await
        .unwrap_err();
    assert!(!error.is_uncertain());
}
