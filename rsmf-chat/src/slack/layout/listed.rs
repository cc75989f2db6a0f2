//! A conversation as its list describes it.

use std::{collections::HashMap, sync::Arc};

use rsmf_core::{UtcTime, integration::Fact, model::ConversationType};
use serde_json::Value;

use super::sort::List;

/// A conversation, from a list or made up for a folder that no list names.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: ConversationType,
    pub(super) display: String,
    pub(super) members: Option<Vec<Arc<str>>>,
    pub(super) facts: Vec<Fact>,
    /// Which workspace lists it.
    pub(super) workspace: usize,
}

impl Listed {
    /// Reads an element of a list; `None` where it has neither id nor name.
    pub(super) fn new(
        value: &Value,
        list: List,
        workspace: usize,
        members: Option<Vec<Arc<str>>>,
        names: &HashMap<String, String>,
    ) -> Option<Self> {
        let id = text(value, "/id").or_else(|| text(value, "/name"))?;
        let name = text(value, "/name").unwrap_or(id);
        let kind = match list {
            List::DirectMessages | List::GroupMessages => ConversationType::Direct,
            _ => ConversationType::Channel,
        };
        Some(Self {
            id: id.to_owned(),
            name: name.to_owned(),
            kind,
            display: display(kind, name, members.as_deref(), names),
            facts: facts(value, list, names),
            members,
            workspace,
        })
    }

    /// Describes a conversation that no list names, from its folder or file.
    pub(super) fn unlisted(name: &str, direct: bool, workspace: usize) -> Self {
        let direct = direct || name.starts_with("mpdm-") || is_direct_id(name);
        let kind = match direct {
            true => ConversationType::Direct,
            false => ConversationType::Channel,
        };
        Self {
            id: name.to_owned(),
            name: name.to_owned(),
            kind,
            display: display(kind, name, None, &HashMap::new()),
            members: None,
            facts: Vec::new(),
            workspace,
        }
    }
}

/// `#name` for a channel; who takes part, for direct messages.
fn display(
    kind: ConversationType,
    name: &str,
    members: Option<&[Arc<str>]>,
    names: &HashMap<String, String>,
) -> String {
    if kind == ConversationType::Channel {
        return format!("#{name}");
    }
    let members = members.unwrap_or_default().iter();
    let people: Vec<&str> = members
        .map(|id| match (names.get(&**id), &**id) {
            (Some(name), _) if !name.trim().is_empty() => name.as_str(),
            // Lists of users often lack Slack's own voice.
            (_, "USLACKBOT") => "Slackbot",
            (_, id) => id,
        })
        .collect();
    match people.is_empty() {
        false => people.join(", "),
        true => group_members(name).unwrap_or_else(|| name.to_owned()),
    }
}

/// `ana, bo` for `mpdm-ana--bo-1`.
fn group_members(name: &str) -> Option<String> {
    let people = name.strip_prefix("mpdm-")?;
    let people = people.rsplit_once('-').map_or(people, |(people, _)| people);
    Some(people.replace("--", ", "))
}

fn is_direct_id(name: &str) -> bool {
    name.len() >= 7
        && name.starts_with('D')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// What else the list tells, as custom properties: none of them empty.
fn facts(value: &Value, list: List, names: &HashMap<String, String>) -> Vec<Fact> {
    let person = |id: &str| match names.get(id) {
        Some(name) if name != id => format!("{name} ({id})"),
        _ => id.to_owned(),
    };
    let own = |path: &str| text(value, path).map(str::to_owned);
    let yes = |paths: &[&str]| {
        let is_set = |path: &&str| value.pointer(path).and_then(Value::as_bool) == Some(true);
        paths.iter().any(is_set).then(|| "yes".to_owned())
    };
    let facts = [
        ("Visibility", visibility(value, list)),
        ("Topic", own("/topic/value")),
        ("Purpose", own("/purpose/value")),
        ("Created", created(value)),
        ("Created by", text(value, "/creator").map(person)),
        ("Archived", yes(&["/is_archived"])),
        ("Shared with other organisations", yes(&["/is_ext_shared"])),
        (
            "Shared with other workspaces",
            yes(&["/is_org_shared", "/is_shared"]),
        ),
        ("Previous names", joined(value, "/previous_names")),
        ("Members", member_count(value)),
    ];
    let present = facts
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    let mut facts: Vec<Fact> = present
        .map(|(name, value)| Fact::new(name, value))
        .collect();
    // They stay, and there are as many lists of them as conversations.
    facts.shrink_to_fit();
    facts
}

fn visibility(value: &Value, list: List) -> Option<String> {
    let stated = value.pointer("/is_private").and_then(Value::as_bool);
    let private = match list {
        List::Channels => stated.unwrap_or(false),
        List::Groups => stated.unwrap_or(true),
        _ => return None,
    };
    Some(if private { "private" } else { "public" }.to_owned())
}

fn created(value: &Value) -> Option<String> {
    let created = value.get("created")?;
    let seconds = created
        .as_i64()
        .or_else(|| created.as_str()?.parse().ok())?;
    let time = UtcTime::from_micros(seconds.checked_mul(1_000_000)?)?;
    (seconds > 0).then(|| time.to_rsmf())
}

fn member_count(value: &Value) -> Option<String> {
    let listed = value
        .get("members")
        .and_then(Value::as_array)
        .map(|list| list.len() as u64);
    let stated = value.get("num_members").and_then(Value::as_u64);
    listed.or(stated).map(|count| count.to_string())
}

fn joined(value: &Value, path: &str) -> Option<String> {
    let texts = value
        .pointer(path)?
        .as_array()?
        .iter()
        .filter_map(Value::as_str);
    let joined = texts.collect::<Vec<_>>().join(", ");
    (!joined.is_empty()).then_some(joined)
}

fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value
        .pointer(path)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(value: Value, list: List) -> Listed {
        let names = HashMap::from([("U1".to_owned(), "Ana".to_owned())]);
        let members = value["members"].as_array().map(|members| {
            let ids = members.iter().filter_map(Value::as_str);
            ids.map(Arc::from).collect()
        });
        Listed::new(&value, list, 0, members, &names).unwrap()
    }

    #[test]
    fn describes_channels() {
        let channel = listed(
            json!({"id": "C1", "name": "deals", "created": 1_577_836_800, "creator": "U1",
                "is_archived": true, "topic": {"value": "A"}, "purpose": {"value": ""},
                "members": ["U1", "U2"], "previous_names": ["old"]}),
            List::Channels,
        );
        assert_eq!(channel.display, "#deals");
        let facts: Vec<_> = channel
            .facts
            .iter()
            .map(|fact| (&*fact.name, &*fact.value))
            .collect();
        let expected = [
            ("Visibility", "public"),
            ("Topic", "A"),
            ("Created", "2020-01-01T00:00:00.000Z"),
            ("Created by", "Ana (U1)"),
            ("Archived", "yes"),
            ("Previous names", "old"),
            ("Members", "2"),
        ];
        assert_eq!(facts, expected);
    }

    #[test]
    fn names_direct_messages_after_the_people() {
        let dm = listed(
            json!({"id": "D1", "members": ["U1", "U2"]}),
            List::DirectMessages,
        );
        assert_eq!(
            (dm.display.as_str(), dm.kind),
            ("Ana, U2", ConversationType::Direct)
        );
        let group = listed(
            json!({"id": "G1", "name": "mpdm-ana--bo-1"}),
            List::GroupMessages,
        );
        assert_eq!(group.display, "ana, bo");
        let slackbot = listed(
            json!({"id": "D2", "members": ["U1", "USLACKBOT"]}),
            List::DirectMessages,
        );
        assert_eq!(slackbot.display, "Ana, Slackbot");
    }

    #[test]
    fn needs_an_id_or_a_name() {
        let names = HashMap::new();
        assert!(Listed::new(&json!({"members": []}), List::Channels, 0, None, &names).is_none());
        assert!(Listed::new(&json!(7), List::Channels, 0, None, &names).is_none());
    }

    #[test]
    fn tells_unlisted_direct_messages_by_their_names() {
        let direct = |name| Listed::unlisted(name, false, 0).kind == ConversationType::Direct;
        assert!(direct("D012345AB"));
        assert!(direct("mpdm-a--b-1"));
        assert!(!direct("DESIGN-team"));
    }
}
