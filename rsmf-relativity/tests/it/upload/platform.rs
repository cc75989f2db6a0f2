use futures_util::{StreamExt, stream};
use rsmf_core::{
    Kind,
    integration::{
        Algorithm, Delivered, Delivery, Integration, JobId, JobSpec, JobState, ReviewPlatform,
        StorePath, Summer,
    },
};
use rsmf_relativity::{RelativityPlatform, UploadOptions};

use super::world::{SHARE, World, quick, rsmf, store};

fn delivery(name: &str, content: Vec<u8>) -> Delivery {
    let sum = Summer::of(Algorithm::Sha256, &content).to_string();
    Delivery {
        name: name.to_owned(),
        size: content.len() as u64,
        sha256: sum.trim_start_matches("sha256:").to_owned(),
        content: stream::iter([Ok(content.into())]).boxed(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relativity_is_a_review_platform() {
    let world = World::empty().await;
    let folder = format!(r"{SHARE}\batch").parse().unwrap();
    let mut options = UploadOptions::new("RSMF", "Ada Müller");
    options.wait = Some(quick());
    let root = StorePath::new("batch").unwrap();
    let platform = RelativityPlatform::new(
        world.workspace(),
        folder,
        store(&world.path("share")),
        root,
        options,
    );
    platform.check().await.unwrap();
    let file = platform
        .deliver(delivery("a/x.rsmf", rsmf("hello", &["y.txt"])))
        .await
        .unwrap();
    let mut wrong = delivery("b.rsmf", b"x".to_vec());
    wrong.sha256 = "00".to_owned();
    assert_eq!(
        platform.deliver(wrong).await.unwrap_err().kind(),
        Kind::Integrity
    );
    let absent = JobSpec::new(
        "j",
        "k",
        vec![Delivered::new(format!(r"{SHARE}\batch\gone.rsmf"))],
    );
    assert_eq!(
        platform.start(&absent).await.unwrap_err().kind(),
        Kind::NotFound
    );
    let spec = JobSpec::new("job", "matter-42", vec![file]);
    let job = platform.start(&spec).await.unwrap();
    assert_eq!(platform.start(&spec).await.unwrap(), job);
    let mut states = Vec::new();
    let ended = platform
        .wait(&job, &mut |status| states.push(status.state))
        .await
        .unwrap();
    assert_eq!(ended.state, JobState::Completed);
    assert_eq!(states.last(), Some(&JobState::Completed));
    assert_eq!(platform.status(&job).await.unwrap().completed, 2);
    assert_eq!(
        platform.cancel(&job).await.unwrap_err().kind(),
        Kind::Conflict
    );
    assert_eq!(
        platform
            .status(&JobId("x".to_owned()))
            .await
            .unwrap_err()
            .kind(),
        Kind::NotFound
    );
    assert_eq!(world.counts(), (1, 1, 1, 2));
}
