use proptest::prelude::*;

use super::*;

fn text(value: &str) -> Data<'_> {
    Data::Text(value.into())
}

fn root(json: &str) -> Data<'_> {
    parse(json).unwrap().root.data
}

#[test]
fn reads_what_json_net_reads() {
    let json = "/* a */ {'a': NaN, b: 010, \"c\": [1,, 0xF, -1.5e3, undefined,], // d\n d: \"\\u00fc\\ud83d\\ude00\\ud83d\\/\" }";
    let Data::Record(properties) = root(json) else {
        panic!()
    };
    let names: Vec<_> = properties
        .iter()
        .map(|property| property.name.as_ref())
        .collect();
    assert_eq!(names, ["a", "b", "c", "d"]);
    assert_eq!(properties[0].value.data, Data::Float);
    assert_eq!(properties[1].value.data, Data::Integer);
    let Data::List(list) = &properties[2].value.data else {
        panic!()
    };
    let list: Vec<_> = list.iter().map(|value| &value.data).collect();
    let undefined = &Data::Undefined;
    assert_eq!(
        list,
        [
            &Data::Integer,
            undefined,
            &Data::Integer,
            &Data::Float,
            undefined
        ]
    );
    assert_eq!(properties[3].value.data, text("ü😀\u{FFFD}/"));
}

#[test]
fn tells_where_values_and_trailing_commas_are() {
    let document = parse("[1, [2 , ], ]").unwrap();
    assert_eq!(document.trailing_comma, Some(7));
    let Data::List(list) = document.root.data else {
        panic!()
    };
    assert_eq!(
        list.iter().map(|value| value.at).collect::<Vec<_>>(),
        [1, 4]
    );
    assert_eq!(parse("[[1],[2]]").unwrap().trailing_comma, None);
}

#[test]
fn refuses_what_json_net_refuses() {
    for json in [
        "",
        " ",
        "{",
        "[1",
        "[1}",
        "{]",
        "]",
        "[1 2]",
        "{} x",
        "{\"a\"}",
        "{\"a\":}",
        "{,}",
        "\"a",
        "\"\\x\"",
        "\"\\u12\"",
        "tru",
        "08",
        "0x",
        "1.2.3",
        "-",
        "inf",
        "/* ",
        "[a]",
        "'",
        "{1 2}",
    ] {
        assert!(parse(json).is_err(), "{json}");
    }
}

#[test]
fn nests_as_deep_as_it_likes() {
    for (open, close) in [("[", "]"), ("{a:", "}")] {
        let json = open.repeat(200_000) + "1" + &close.repeat(200_000);
        assert!(parse(&json).is_ok());
    }
    assert!(parse(&"[".repeat(2_000_000)).is_err());
}

#[test]
fn decodes_by_the_mark() {
    assert_eq!(decode(b"\xEF\xBB\xBFa\xFC"), "a\u{FFFD}");
    assert_eq!(decode(b"\xFF\xFEa\0\xFC\0"), "aü");
    assert_eq!(decode(b"\xFE\xFF\0a\0\xFC\0"), "aü\u{FFFD}");
}

proptest! {
    #[test]
    fn any_text_gives_a_document_or_an_error(json in any::<String>()) {
        let _ = parse(&json);
    }

    #[test]
    fn anything_like_json_gives_a_document_or_an_error(json in r#"([\[\]{},:'"\\/* \n]|\\u|d83d|1|0x|-|a|null){0,40}"#) {
        let _ = parse(&json);
    }

    #[test]
    fn texts_come_back_as_they_were(value in any::<String>()) {
        let json = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(root(&json), text(&value));
    }
}
