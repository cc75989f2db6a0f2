//! `report.html`.

use rsmf_convert::Options;
use rsmf_core::integration::{Exception, Place, Reason, Severity, SourceItem};
use sha2::{Digest, Sha256};

use crate::harness::{Written, channel, convert, general, items, lost, message, source};

fn page(written: &Written) -> &str {
    std::str::from_utf8(&written.files["report.html"]).unwrap()
}

#[test]
fn it_says_what_the_report_says() {
    let mut chat = items([
        message("U1", "2024-01-05T10:00:00", "one"),
        message("U2", "2024-01-07T10:00:00", "two"),
    ]);
    chat.push(lost(3));
    let mut options = Options::default();
    options.input_name = "/matters/42/export.zip".to_owned();
    options.set_time_zone("Europe/Berlin").unwrap();
    let written = convert(general(chat), options);
    let page = page(&written);
    for words in [
        "<h1><bdi>export.zip</bdi></h1>",
        "5 source messages &#x3D; 2 events + 3 without an event of their own + 0 left out by filters. The figures add up",
        "Something is not in the result: see the 1 error.",
        "general: 2 events, most of them (1) in 5 Jan 2024",
        "<bdi>memory</bdi><small>record 7</small>",
        "not JSON",
        "<bdi>Europe/Berlin</bdi></td><td class=\"default\"><b>chosen</b>",
        "There is none: cannot hash slack: not supported.",
        "2024-01-05",
        "11:00",
    ] {
        assert!(page.contains(words), "{words} is not in\n{page}");
    }
    for table in &written.report.tables {
        let digest = Sha256::digest(&written.files[&*table.name]);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(table.sha256, hex, "{}", table.name);
        assert_eq!(table.name != "report.html", page.contains(&hex));
    }
}

#[test]
fn it_stays_short_however_much_there_is_to_tell() {
    let detail = "x".repeat(1_000);
    let notice = |number: u64| {
        let place = Place::new("a.json").record(number);
        SourceItem::Lost(
            Exception::new(Severity::Notice, Reason::Merged, place, &detail).instead_of(1),
        )
    };
    let mut chat = source();
    for number in 0..340 {
        let id = format!("C{number}");
        let mut items = items([message("U1", "2024-01-05T10:00:00", "one")]);
        items.extend((0..100).map(notice));
        chat = chat.conversation(channel(&id, &id), items);
    }
    let written = convert(chat, Options::default());
    let page = page(&written);
    assert!(page.len() < 250_000, "{} bytes", page.len());
    assert!(page.contains("40 other conversations"));
    assert!(page.contains("These are the first 20; 33,980 more in exceptions.csv."));
}

#[test]
fn what_comes_from_the_chat_is_text_and_nothing_else() {
    let hostile = "</style><script>alert(1)</script>\"'>{{input}}";
    let mut exception = Exception::new(
        Severity::Warning,
        Reason::NoTime,
        Place::new(hostile),
        hostile,
    );
    exception.message_id = Some(hostile.to_owned());
    let mut chat = items([message("U1", "2024-01-05T10:00:00", "one")]);
    chat.push(SourceItem::Lost(exception));
    let mut options = Options::default();
    options.input_name = hostile.to_owned();
    options.filters.conversations = vec![hostile.to_owned()];
    let written = convert(source().conversation(channel("C1", hostile), chat), options);
    let page = page(&written);
    assert_eq!(page.matches("<script").count(), 0);
    assert_eq!(page.matches("<style").count(), 1);
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&gt;{{input}}"));
}
