//! The list of a folder.

use rsmf_view::{Catalogue, Files, Listed, Options, write_index};
use serde_json::json;

use crate::sample::{manifest, message, page, rsmf};

fn listed(name: &str, collection: &str, title: &str, day: &str) -> Listed {
    let mut manifest = manifest(json!([message(
        "1",
        "U1",
        &format!("{day}T09:00:00Z"),
        "a"
    )]));
    manifest["eventcollectionid"] = collection.into();
    manifest["conversations"][0]["display"] = title.into();
    let (overview, _) = page(
        &rsmf(&manifest, &[]),
        &Options::default(),
        &mut Files::none(),
    );
    Listed {
        name: name.to_owned(),
        href: format!("pages/{name}.html"),
        result: Ok(overview),
    }
}

fn catalogue(files: &[Listed]) -> Catalogue {
    let mut catalogue = Catalogue::default();
    for file in files {
        catalogue.add(file).unwrap();
    }
    catalogue
}

#[test]
fn slices_are_put_together_in_the_order_of_time() {
    let broken = Listed {
        name: "<b>.rsmf".to_owned(),
        href: String::new(),
        result: Err("it has no <zip>".to_owned()),
    };
    let files = [
        listed("c", "1", "Zebra", "2024-03-09"),
        listed("d", "2", "apes", "2024-03-01"),
        broken,
        listed("b", "1", "Zebra, renamed", "2024-03-07"),
        listed("a", "3", "Zebra", "2024-03-08"),
    ];
    let mut files = catalogue(&files);
    assert_eq!(files.groups().unwrap(), [vec![1], vec![3, 0], vec![4]]);
    let mut index = Vec::new();
    write_index("in <put>", &mut files, &Options::default(), &mut index).unwrap();
    let index = String::from_utf8(index).unwrap();
    for needle in [
        "<bdi>in &#60;put&#62;</bdi>",
        "1 not shown",
        "it has no &#60;zip&#62;",
        "<bdi>&#60;b&#62;.rsmf</bdi>",
        "3 conversations",
        "5 files",
    ] {
        assert!(index.contains(needle), "{needle}");
    }
    assert!(files.get(5).is_err());
    let places: Vec<_> = ["d", "b", "c", "a"]
        .map(|name| index.find(&format!("pages/{name}.html")).unwrap())
        .into();
    assert!(places.is_sorted(), "{places:?}");
}

/// A message as the converter repeats it for a reply in another file.
fn repeated(id: &str, time: &str) -> serde_json::Value {
    let mut parent = message(id, "U2", time, "a plan");
    parent["custom"] =
        json!([{"name": "Context", "value": "parent message of then, repeated from another file"}]);
    parent
}

#[test]
fn what_is_repeated_for_context_neither_counts_nor_dates_a_slice() {
    let slice = |name: &str, events| {
        let mut manifest = manifest(events);
        manifest["eventcollectionid"] = "1".into();
        let (overview, page) = page(
            &rsmf(&manifest, &[]),
            &Options::default(),
            &mut Files::none(),
        );
        let listed = Listed {
            name: name.to_owned(),
            href: format!("pages/{name}.html"),
            result: Ok(overview),
        };
        (listed, page)
    };
    let said = |id: &str, day: &str| message(id, "U1", &format!("{day}T09:00:00Z"), "b");
    let mut reply = said("9", "2024-03-28");
    reply["parent"] = "1".into();
    let (late, text) = slice(
        "late",
        json!([repeated("1", "2024-03-07T08:00:00Z"), reply]),
    );
    let (first, _) = slice("first", json!([said("1", "2024-03-07")]));
    let (second, _) = slice("second", json!([said("2", "2024-03-08")]));
    let overview = late.result.as_ref().unwrap();
    assert_eq!((overview.events, overview.context), (1, 1));
    assert_eq!(overview.days, "28 Mar 2024");
    for needle in [
        "<span>1 event</span> <span>+ 1 shown again for context</span>",
        "<option value=\"1\">Ben Osei (0)</option>",
        "1 event of Thursday, 7 March 2024",
    ] {
        assert!(text.contains(needle), "{needle}");
    }
    let files = [late, first, second];
    let mut files = catalogue(&files);
    assert_eq!(files.groups().unwrap(), [vec![1, 2, 0]]);
    let mut index = Vec::new();
    write_index("in", &mut files, &Options::default(), &mut index).unwrap();
    let index = String::from_utf8(index).unwrap();
    assert!(index.contains("<span>3 events</span> <span>+ 1 shown again for context</span>"));
    // Where nothing else is there, it is all that can tell the days.
    let (only, _) = slice("only", json!([repeated("1", "2024-03-07T08:00:00Z")]));
    let overview = only.result.unwrap();
    assert_eq!((overview.events, &overview.days[..]), (0, "7 Mar 2024"));
    // What others call context is what it is.
    let mut other = said("1", "2024-03-07");
    other["custom"] = json!([{"name": "Context", "value": "on a boat"}]);
    let (other, _) = slice("other", json!([other]));
    assert_eq!(other.result.unwrap().context, 0);
}

#[test]
fn notices_that_stand_for_something_else_say_what() {
    let notice = |was: &str| json!({"type": "disclaimer", "participant": "U1", "conversation": "C1", "body": "Ana has left", "custom": [{"name": "Event", "value": was}]});
    for (was, shown) in [
        ("join", "class=\"deed\">joined<"),
        ("leave", "class=\"deed\">left<"),
        ("history", "class=\"deed\">was shown earlier messages<"),
        ("unknown", "class=\"notice unknown\""),
        ("call", "class=\"deed\">Notice<"),
    ] {
        let file = rsmf(&manifest(json!([notice(was)])), &[]);
        let (_, text) = page(&file, &Options::default(), &mut Files::none());
        assert!(text.contains(shown), "{was}");
    }
}
