//! Circuits and limits of hosts.

use futures_util::future::join_all;

use super::*;
use crate::{Category, CircuitState};

fn once() -> Call {
    let mut call = get();
    call.once = true;
    call
}

#[tokio::test(start_paused = true)]
async fn a_host_that_fails_again_and_again_is_left_alone() {
    let script = Script::new([Broken, Late, Status(500), Status(504), Broken]);
    let rig = Rig::new(&script, Config::default());
    for _ in 0..5 {
        rig.send(once()).await.unwrap_err();
    }
    let error = rig.send(get()).await.unwrap_err();
    assert_eq!(error.category(), Category::CircuitOpen);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    assert_eq!(script.count(), 5);
    // The first to come after the pause finds out for all.
    tokio::time::advance(Duration::from_secs(30)).await;
    script.next([Broken]);
    assert_eq!(
        rig.send(once()).await.unwrap_err().category(),
        Category::Network
    );
    assert_eq!(
        rig.send(once()).await.unwrap_err().category(),
        Category::CircuitOpen
    );
    tokio::time::advance(Duration::from_secs(30)).await;
    rig.send(once()).await.unwrap();
    rig.send(once()).await.unwrap();
    assert_eq!(script.count(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_circuit_that_is_open_tells_what_failed_before() {
    let script = Script::new([Status(502)]);
    let config = Config {
        circuit_open_after_failures: 1,
        ..Config::default()
    };
    let error = Rig::new(&script, config).send(get()).await.unwrap_err();
    let Error::CircuitOpen { source, .. } = error else {
        panic!("{error:?}");
    };
    assert_eq!(source.unwrap().status(), Some(502));
}

#[tokio::test(start_paused = true)]
async fn what_a_host_refuses_says_that_it_is_well() {
    let script = Script::new(
        [
            Status(404),
            Status(403),
            Limited(0),
            Status(408),
            Status(501),
        ]
        .repeat(3),
    );
    let rig = Rig::new(&script, Config::default());
    for _ in 0..15 {
        rig.send(once()).await.unwrap_err();
    }
    assert!(rig.send(once()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_is_given_up_leaves_the_way_free() {
    let script = Script::new([Broken; 5]);
    let rig = Rig::new(&script, Config::default());
    for _ in 0..5 {
        rig.send(once()).await.unwrap_err();
    }
    tokio::time::advance(Duration::from_secs(30)).await;
    script.next([Silent]);
    let probe = tokio::time::timeout(Duration::from_secs(1), rig.send(once()));
    assert!(probe.await.is_err());
    assert!(rig.send(once()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_place_is_taken_to_the_end_of_the_answer() {
    let script = Script::new([Pieces; 9]);
    let config = Config {
        concurrency: 2.try_into().ok(),
        ..Config::default()
    };
    let rig = Rig::new(&script, config);
    let (first, mut second) = (
        rig.send(get()).await.unwrap(),
        rig.send(get()).await.unwrap(),
    );
    let third = async { tokio::time::timeout(Duration::from_secs(1), rig.send(get())).await };
    assert!(third.await.is_err());
    drop(first);
    let _third = rig.send(get()).await.unwrap();
    while second.piece().await.unwrap().is_some() {}
    rig.send(get()).await.unwrap();
    assert_eq!(script.count(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_over_takes_no_place() {
    let script = Script::new([]);
    let config = Config {
        concurrency: 1.try_into().ok(),
        ..Config::default()
    };
    let rig = Rig::new(&script, config);
    // In memory, and without a body.
    for answer in [Fine, Any(204)] {
        script.next([answer, Pieces]);
        let _kept = rig.send(get()).await.unwrap();
        let next = tokio::time::timeout(Duration::from_secs(1), rig.send(get()));
        assert!(next.await.is_ok(), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_host_that_fails_does_so_whatever_is_made_of_its_answer() {
    for fault in [Busy(0), Busy(7), Any(500), Any(503)] {
        let script = Script::new([fault; 5]);
        let rig = Rig::new(&script, Config::default());
        for _ in 0..5 {
            let _ = rig.send(once()).await;
        }
        let state = rig.shared.hosts.get("a.example").state();
        assert_eq!(state, CircuitState::Open, "{fault:?}");
        tokio::time::advance(Duration::from_secs(30)).await;
        script.next([fault]);
        let _ = rig.send(once()).await;
        let state = rig.shared.hosts.get("a.example").state();
        assert_eq!(state, CircuitState::Open, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_keep_to_the_rate() {
    let script = Script::new([]);
    let config = Config {
        requests_per_second: Some(0.5),
        burst: 2.try_into().unwrap(),
        ..Config::default()
    };
    let rig = Rig::new(&script, config);
    for _ in 0..4 {
        rig.send(get()).await.unwrap();
    }
    assert_eq!(script.seconds(), [0, 0, 2, 4]);
}

#[tokio::test(start_paused = true)]
async fn whoever_waits_in_line_hears_that_the_host_wants_no_more() {
    let one_at_a_time = Config {
        concurrency: 1.try_into().ok(),
        ..Config::default()
    };
    let slowly = Config {
        requests_per_second: Some(1.0),
        ..Config::default()
    };
    for config in [one_at_a_time, slowly] {
        let script = Script::new([SlowlyLimited(3600); 20]);
        let rig = Rig::new(&script, config);
        let results = join_all((0..20).map(|_| rig.send(get()))).await;
        for result in results {
            assert_eq!(result.unwrap_err().category(), Category::RateLimit);
        }
        assert!(script.count() <= 2, "{}", script.count());
    }
}

#[tokio::test(start_paused = true)]
async fn connections_that_break_at_once_open_no_circuit() {
    let script = Script::new([Slow; 10]);
    let rig = Rig::new(&script, Config::default());
    let results = join_all((0..10).map(|_| rig.send(get()))).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(script.count(), 20);
}
