//! The list of a folder.

use rsmf_view::{Files, Listed, Options, groups, write_index};
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
    assert_eq!(groups(&files), [vec![1], vec![3, 0], vec![4]]);
    let mut index = Vec::new();
    write_index("in <put>", &files, &Options::default(), &mut index).unwrap();
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
    let places: Vec<_> = ["d", "b", "c", "a"]
        .map(|name| index.find(&format!("pages/{name}.html")).unwrap())
        .into();
    assert!(places.is_sorted(), "{places:?}");
}
