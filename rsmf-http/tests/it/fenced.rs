//! Hosts and addresses that are kept out.

use rsmf_http::{Error, Redirects, SystemLookup};
use rsmf_simulator::{Content, Fault, FileHost};

use crate::support::{Names, allow, body, builder, client};

#[tokio::test]
async fn redirects_stay_within_the_fence() {
    let host = FileHost::start();
    host.serve("/a", Content::new("", "text/plain"));
    let client = client(&host);
    for target in [
        "https://example.com/",
        "http://169.254.169.254/latest",
        "file:///etc/passwd",
    ] {
        host.fault("/a", [Fault::Redirect(target.to_owned())]);
        let request = client.get(host.url("/a").parse().unwrap());
        let request = request.redirects(Redirects::Anywhere);
        let error = request.send().await.unwrap_err();
        let kept_out = matches!(error, Error::HostNotAllowed { .. } | Error::Address { .. });
        assert!(kept_out, "{error:?}");
    }
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_connected_to() {
    let host = FileHost::start();
    host.serve("/a", Content::new("inside", "text/plain"));
    let port = host.address().port();
    let rule = format!("http://files.example:{port}").parse().unwrap();
    for address in ["127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1", "fe80::1"] {
        let names = Names::new(&[address]);
        let client = builder(std::slice::from_ref(&rule))
            .lookup(names)
            .build()
            .unwrap();
        let url = format!("http://files.example:{port}/a");
        let error = body(&client, &url).await.unwrap_err();
        assert!(matches!(error, Error::PrivateAddress { .. }), "{error:?}");
    }
    assert!(host.seen().is_empty());
}

#[tokio::test]
async fn what_is_connected_to_is_what_was_checked() {
    let host = FileHost::start();
    host.serve("/a", Content::new("inside", "text/plain"));
    let port = host.address().port();
    let rule = format!("http://files.example:{port}").parse().unwrap();
    // The name changes its address all the time: each connection asks once, and checks the answer.
    let names = Names::new(&["203.0.113.1", "10.0.0.1", "127.0.0.1"]);
    let client = builder(&[rule]).lookup(names.clone()).build().unwrap();
    let url = format!("http://files.example:{port}/a");
    for asked in 1..=3 {
        let error = body(&client, &url).await.unwrap_err();
        assert!(matches!(error, Error::PrivateAddress { .. }), "{error:?}");
        assert_eq!(names.asked(), asked);
    }
    assert!(host.seen().is_empty());
}

#[tokio::test]
async fn an_allowed_private_host_is_reached_by_name() {
    let host = FileHost::start();
    host.serve("/a", Content::new("inside", "text/plain"));
    let url = format!("http://localhost:{}/a", host.address().port());
    let rule = allow(url.trim_end_matches("/a"));
    let names = std::sync::Arc::new(SystemLookup);
    let client = builder(&[rule]).lookup(names).build().unwrap();
    assert_eq!(body(&client, &url).await.unwrap(), b"inside");
}

#[tokio::test]
async fn errors_become_those_of_integrations() {
    let host = FileHost::start();
    let error = body(&client(&host), &host.url("/gone?token=secret"))
        .await
        .unwrap_err();
    let error = rsmf_core::Error::from(error);
    assert_eq!(error.kind(), rsmf_core::Kind::NotFound);
    assert!(!format!("{error:?}").contains("secret"));
}
