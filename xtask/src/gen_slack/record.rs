//! A message as a day file holds it: four spaces, `\/`, a profile and blocks with each one.

use std::fmt::Write as _;

use super::{
    plan::{Message, Plan, people},
    text,
};
use crate::fixtures::{
    people::{Person, TEAM},
    seed::Seed,
};

/// What a message takes apart from its text, about.
const FRAME: usize = 1250;

/// How long a text must be for its record to have that many bytes; it stands there twice.
pub(super) fn text_bytes(record: usize) -> usize {
    record.saturating_sub(FRAME) / 2
}

/// Appends a message.
pub(super) fn write(out: &mut String, plan: &Plan, message: Message) {
    let mut seed = Seed::new(message.key);
    let bytes = plan
        .text_bytes
        .unwrap_or_else(|| text::usual_bytes(&mut seed));
    let mut body = String::with_capacity(bytes + 32);
    text::write(&mut body, &mut seed, bytes, people());
    let person = &people()[message.author()];
    out.push_str("    {\n");
    if message.is_bot() {
        bot(out, &body);
    } else {
        head(out, &mut seed, person, &body);
    }
    thread(out, plan, message);
    extras(out, plan, message, person);
    let _ = write!(out, "        \"ts\": \"{}\"\n    }}", message.ts(plan));
}

fn bot(out: &mut String, body: &str) {
    let _ = write!(
        out,
        r#"        "subtype": "bot_message",
        "type": "message",
        "text": "{body}",
        "bot_id": "B06ACBUILDS",
        "username": "Buildbot",
        "attachments": [
            {{
                "id": 1,
                "color": "36a64f",
                "fallback": "{body}",
                "title": "Build"
            }}
        ],
"#
    );
}

fn head(out: &mut String, seed: &mut Seed, person: &Person, body: &str) {
    let id = person.id;
    let (uuid, block, hash) = (seed.uuid(), seed.below(100_000), seed.below(1 << 40));
    let (name, real, display) = (person.name, person.real_name, person.display_name);
    let _ = write!(
        out,
        r#"        "user": "{id}",
        "type": "message",
        "client_msg_id": "{uuid}",
        "text": "{body}",
        "team": "{TEAM}",
        "user_team": "{TEAM}",
        "source_team": "{TEAM}",
        "user_profile": {{
            "avatar_hash": "{hash:012x}",
            "image_72": "https:\/\/avatars.slack-edge.com\/2023-01-02\/{id}_72.png",
            "first_name": "{real}",
            "real_name": "{real}",
            "display_name": "{display}",
            "team": "{TEAM}",
            "name": "{name}",
            "is_restricted": false,
            "is_ultra_restricted": false
        }},
        "blocks": [
            {{
                "type": "rich_text",
                "block_id": "{block:05}",
                "elements": [
                    {{
                        "type": "rich_text_section",
                        "elements": [
"#
    );
    elements(out, body);
    out.push_str("                        ]\n                    }\n                ]\n            }\n        ],\n");
}

/// The text once more; a mention at its start is an element of its own.
fn elements(out: &mut String, body: &str) {
    let mention = body
        .strip_prefix("<@")
        .and_then(|rest| rest.split_once('>'));
    let rest = mention.map_or(body, |(_, rest)| rest);
    if let Some((id, _)) = mention {
        let _ = write!(
            out,
            r#"                            {{
                                "type": "user",
                                "user_id": "{id}"
                            }},
"#
        );
    }
    let _ = write!(
        out,
        r#"                            {{
                                "type": "text",
                                "text": "{rest}"
                            }}
"#
    );
}

fn thread(out: &mut String, plan: &Plan, message: Message) {
    if let Some(root) = message.root(plan) {
        let author = people()[root.author()].id;
        let _ = write!(
            out,
            "        \"thread_ts\": \"{}\",\n        \"parent_user_id\": \"{author}\",\n",
            root.ts(plan)
        );
    }
    let replies = message.replies(plan);
    let Some(last) = replies.last() else { return };
    let _ = write!(
        out,
        "        \"thread_ts\": \"{}\",\n        \"reply_count\": {},\n        \"latest_reply\": \"{}\",\n        \"replies\": [\n",
        message.ts(plan),
        replies.len(),
        last.ts(plan)
    );
    for (number, reply) in replies.iter().enumerate() {
        let comma = if number + 1 < replies.len() { "," } else { "" };
        let _ = write!(
            out,
            "            {{\n                \"user\": \"{}\",\n                \"ts\": \"{}\"\n            }}{comma}\n",
            people()[reply.author()].id,
            reply.ts(plan)
        );
    }
    out.push_str("        ],\n");
}

fn extras(out: &mut String, plan: &Plan, message: Message, person: &Person) {
    let seconds = message.ts(plan).seconds();
    if message.is_edited() {
        let _ = write!(
            out,
            "        \"edited\": {{\n            \"user\": \"{}\",\n            \"ts\": \"{}.000000\"\n        }},\n",
            person.id,
            seconds + 60
        );
    }
    reactions(out, message);
    if let Some(upload) = message.upload(plan) {
        let (id, name, size) = (upload.id, upload.name, upload.size);
        let _ = write!(
            out,
            r#"        "files": [
            {{
                "id": "{id}",
                "created": {seconds},
                "name": "{name}",
                "title": "{name}",
                "mimetype": "application\/octet-stream",
                "filetype": "binary",
                "user": "{}",
                "size": {size},
                "mode": "hosted",
                "url_private": "https:\/\/files.slack.com\/files-pri\/{TEAM}-{id}\/{name}"
            }}
        ],
"#,
            person.id
        );
    }
}

fn reactions(out: &mut String, message: Message) {
    let count = message.reactions() as usize;
    if count == 0 {
        return;
    }
    let fans = people().iter().cycle().skip(message.author() + 1);
    let users: Vec<String> = fans
        .take(count)
        .map(|fan| format!("                    \"{}\"", fan.id))
        .collect();
    let _ = write!(
        out,
        r#"        "reactions": [
            {{
                "name": "+1",
                "users": [
{}
                ],
                "count": {count}
            }}
        ],
"#,
        users.join(",\n")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_json_and_as_long_as_asked_for() {
        let plan = Plan {
            messages: 500,
            conversations: 1,
            days: 1,
            seed: 3,
            text_bytes: Some(text_bytes(4000)),
            with_files: true,
        };
        let mut total = 0;
        for index in 0..500 {
            let mut out = String::new();
            write(&mut out, &plan, plan.message(0, 0, index));
            serde_json::from_str::<serde_json::Value>(&out).unwrap();
            total += out.len();
        }
        assert!((3600..4400).contains(&(total / 500)), "{}", total / 500);
    }
}
