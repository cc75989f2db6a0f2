//! What is sent again, and when.

use futures_util::future::join_all;

use super::*;
use crate::Category;

#[tokio::test(start_paused = true)]
async fn pauses_are_a_random_part_of_a_growing_span() {
    let script = Script::new([Broken, Status(503), Late]);
    Rig::new(&script, Config::default())
        .send(get())
        .await
        .unwrap();
    let at: Vec<_> = script.seen().iter().map(|seen| seen.at).collect();
    assert_eq!(at.len(), 4);
    for (pair, longest) in at.windows(2).zip([1, 2, 4]) {
        let pause = pair[1] - pair[0];
        assert!(
            pause <= Duration::from_millis(longest * 1000 + 2),
            "{pause:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_comes_again_at_once() {
    for fault in [Broken, Status(503), Limited(0)] {
        let script = Script::new([fault, Fine].repeat(50));
        let rig = Rig::new(&script, Config::default());
        for _ in 0..50 {
            rig.send(get()).await.unwrap();
        }
        let seen = script.seen();
        let pauses = seen.chunks(2).map(|pair| pair[1].at - pair[0].at);
        let pauses: Vec<_> = pauses.map(|pause| pause.as_millis()).collect();
        // Any part of a second, half of one on average.
        let total: u128 = pauses.iter().sum();
        assert!((12_000..38_000).contains(&total), "{fault:?} {total}");
        let longer = pauses.iter().filter(|pause| **pause > 500).count();
        assert!((8..42).contains(&longer), "{fault:?} {pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_goes_well_pays_for_retries() {
    let script = Script::new([Fine; 300].into_iter().chain([Broken; 300]));
    let config = Config {
        circuit_open_after_failures: 0,
        retry_budget: Some(1.0),
        ..Config::default()
    };
    let rig = Rig::new(&script, config);
    for _ in 0..2 {
        join_all((0..300).map(|_| rig.send(get()))).await;
    }
    // A hundred are free.
    assert_eq!(script.count(), 900);
}

#[tokio::test(start_paused = true)]
async fn what_is_not_safe_to_repeat_is_sent_once_in_every_fault() {
    let faults = [408, 429, 500, 502, 503, 504].map(Status);
    let others = [
        Limited(1),
        Broken,
        Late,
        Redirect(307, "/y"),
        Redirect(308, "/y"),
    ];
    let posts = [Redirect(302, "/y"), Redirect(303, "/y")];
    for fault in faults.into_iter().chain(others).chain(posts) {
        let script = Script::new([fault]);
        let rig = Rig::new(&script, Config::default());
        let _ = rig.send(call(Method::POST)).await;
        let seen = script.seen();
        let sent = seen.iter().filter(|seen| seen.method == Method::POST);
        assert_eq!(sent.count(), 1, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_safe_to_repeat_is_repeated() {
    let mut marked = call(Method::POST);
    marked.repeatable = true;
    let mut once = get();
    once.once = true;
    for (call, fault, sent) in [
        (get(), Status(500), 2),
        (call(Method::PUT), Status(500), 1),
        (call(Method::PUT), Status(503), 2),
        (call(Method::DELETE), Broken, 2),
        (call(Method::PATCH), Broken, 1),
        (marked.clone(), Broken, 2),
        (marked, Status(500), 1),
        (once, Broken, 1),
        (get(), Status(404), 1),
        (get(), Status(501), 1),
    ] {
        let script = Script::new([fault]);
        let shown = format!("{call:?} {fault:?}");
        let _ = Rig::new(&script, Config::default()).send(call).await;
        assert_eq!(script.count(), sent, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_done_once_is_sent_again_where_nothing_was_done() {
    let faults = [408, 403, 500, 502, 503, 504].map(Status);
    let others = [Broken, Late, Redirect(307, "/y")];
    let unheard = [Limited(1), Limited(0)].map(|fault| (fault, 2));
    let all = faults.into_iter().chain(others).map(|fault| (fault, 1));
    for (fault, sent) in all.chain(unheard) {
        let script = Script::new([fault]);
        let mut call = call(Method::POST);
        call.once_done = true;
        let _ = Rig::new(&script, Config::default()).send(call).await;
        assert_eq!(script.count(), sent, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn errors_tell_how_often_it_was_tried() {
    let script = Script::new([Status(502); 9]);
    let rig = Rig::new(&script, Config::default());
    let error = rig.send(get()).await.unwrap_err();
    assert_eq!((error.attempts(), error.status()), (4, Some(502)));
    assert_eq!(error.url(), Some("https://a.example/x"));
    assert_eq!(
        error.to_string(),
        "status 502 for GET https://a.example/x (4 attempts)"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_is_asked_for_is_kept_by_everybody() {
    let script = Script::new([Limited(7)]);
    let rig = Rig::new(&script, Config::default());
    let first = rig.send(get());
    let second = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        rig.send(get()).await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(script.seconds(), [0, 7, 7]);
    // One that is too long is left to the caller.
    script.next([Limited(301)]);
    let error = rig.send(get()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(301)));
    assert_eq!(script.count(), 4);
    // The host is not asked again before the client's patience is over; then, somebody looks.
    tokio::time::advance(Duration::from_secs(299)).await;
    let error = rig.send(get()).await.unwrap_err();
    assert_eq!(error.category(), Category::RateLimit);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));
    assert_eq!(script.count(), 4);
    tokio::time::advance(Duration::from_secs(1)).await;
    rig.send(get()).await.unwrap();
    assert_eq!(script.count(), 5);
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_for_all_attempts() {
    let script = Script::new([Broken, Silent]);
    let rig = Rig::new(&script, Config::default());
    let mut call = get();
    call.within = Some(Duration::from_secs(5));
    let error = rig.send(call.clone()).await.unwrap_err();
    assert_eq!(error.category(), Category::Deadline);
    assert_eq!(script.start.elapsed().as_secs(), 5);
    // Nothing waits for an attempt that would come too late.
    script.next([Limited(60)]);
    let error = rig.send(call).await.unwrap_err();
    assert_eq!(script.start.elapsed().as_secs(), 5);
    let Error::Deadline {
        source: Some(last), ..
    } = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(last.category(), Category::RateLimit);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_down_gets_no_flood_of_retries() {
    let script = Script::new(vec![Broken; 2000]);
    let config = Config {
        circuit_open_after_failures: 0,
        retry_budget: Some(0.0),
        ..Config::default()
    };
    let rig = Rig::new(&script, config);
    join_all((0..300).map(|_| rig.send(get()))).await;
    let retries = script.count() - 300;
    // Ten a second are free, a hundred at once; nine hundred were wanted.
    assert!((90..=200).contains(&retries), "{retries}");
    assert_eq!(rig.shared.meter.stats().total.retries, retries as u64);
}
