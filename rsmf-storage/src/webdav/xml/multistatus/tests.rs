use futures_util::FutureExt;
use proptest::prelude::*;

use super::*;

fn read(text: &[u8]) -> Result<Vec<Resource>, XmlError> {
    let mut answer = Multistatus::new(text);
    let all = async {
        let mut all = Vec::new();
        while let Some(resource) = answer.next().await? {
            all.push(resource);
        }
        Ok(all)
    };
    all.now_or_never().expect("memory is never waited for")
}

fn why(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn properties_are_sorted_by_their_status() {
    let found = read(
        br#"<?xml version="1.0"?>
        <multistatus xmlns="DAV:" xmlns:x="urn:x"><response><href>/a%20b/</href>
          <propstat><prop><resourcetype><collection/></resourcetype><x:y>a &amp; &#98;<![CDATA[<c>]]></x:y></prop>
            <status>HTTP/1.1 200 OK</status></propstat>
          <propstat><prop><getetag/></prop><status>HTTP/1.1 404 Not Found</status></propstat>
        </response><response><href>/c</href><status>HTTP/1.1 423 Locked</status></response>
        <responsedescription>text</responsedescription></multistatus>"#,
    )
    .unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].href, "/a%20b/");
    let kind = found[0].property(DAV, "resourcetype").unwrap();
    assert_eq!(kind.elements, ["collection"]);
    assert_eq!(found[0].text("urn:x", "y"), Some("a & b<c>"));
    assert_eq!(found[0].text(DAV, "getetag"), None);
    let (refused, status) = &found[0].refused[0];
    assert_eq!((refused.name.as_str(), *status), ("getetag", 404));
    assert_eq!((found[1].href.as_str(), found[1].status), ("/c", Some(423)));
}

#[test]
fn the_same_names_elsewhere_mean_nothing() {
    let found = read(
        br#"<a:multistatus xmlns:a="DAV:" xmlns:b="urn:b"><b:response><a:href>/x</a:href></b:response>
        <a:response><b:href>/no</b:href><a:href>/yes</a:href><a:error><a:href>/no</a:href></a:error></a:response>
        </a:multistatus>"#,
    )
    .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].href, "/yes");
}

#[test]
fn bombs_are_refused() {
    let entity = r#"<!DOCTYPE a [<!ENTITY b "cc">]><multistatus xmlns="DAV:">&b;</multistatus>"#;
    assert!(why(entity).contains("document type"));
    let undefined = r#"<multistatus xmlns="DAV:">&b;</multistatus>"#;
    assert!(why(undefined).contains("entity"));
    let deep = format!(r#"<multistatus xmlns="DAV:">{}"#, "<a>".repeat(1000));
    assert!(why(&deep).contains("deep"));
    let long = format!(
        r#"<multistatus xmlns="DAV:"><response>{}"#,
        "x".repeat(3 << 20)
    );
    assert!(matches!(read(long.as_bytes()), Err(XmlError::Read(_))));
    let text = format!("<a>{}</a>", "y".repeat(1 << 19));
    let heavy = format!(r#"<multistatus xmlns="DAV:"><response>{}"#, text.repeat(20));
    assert!(why(&heavy).contains("too large"));
}

#[test]
fn what_is_no_whole_answer_is_refused() {
    for wrong in [
        "",
        "<html><body>Sign in</body></html>",
        r#"<multistatus xmlns="DAV:"><response><href>/a</href>"#,
        r#"<multistatus xmlns="DAV:"></multistatus><again/>"#,
        r#"<multistatus xmlns="DAV:"></other>"#,
        r#"<x:multistatus/>"#,
        "<multistatus/>",
    ] {
        assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
    }
    assert!(read(b"<multistatus xmlns=\"DAV:\">\xff</multistatus>").is_err());
}

proptest! {
    #[test]
    fn any_bytes_are_an_answer_or_an_error(bytes: Vec<u8>) {
        let _ = read(&bytes);
    }

    #[test]
    fn any_cut_is_an_answer_or_an_error(at in 0usize..400, byte: u8) {
        let mut whole = br#"<d:multistatus xmlns:d="DAV:"><d:response><d:href>/a%20b</d:href><d:propstat><d:prop><d:getetag>&quot;1&#50;&quot;</d:getetag><d:x/></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"#.to_vec();
        let at = at % whole.len();
        let _ = read(&whole[..at]);
        whole[at] = byte;
        let _ = read(&whole);
    }

    #[test]
    fn names_and_texts_come_back(text in "[^\\p{C}\r]{0,40}") {
        let escaped = quick_xml::escape::escape(&text);
        let whole = format!(
            r#"<multistatus xmlns="DAV:"><response><href>{escaped}</href></response></multistatus>"#
        );
        prop_assert_eq!(&read(whole.as_bytes()).unwrap()[0].href, &text);
    }
}
