//! An event as the page shows it.

use askama::Template;
use rsmf_core::model::{
    Custom, Direction, Edit, Event, EventType, Extra, Importance, Reaction, ReadReceipt,
    ReceiptAction,
};

use crate::{
    clock::Moment,
    files::{Place, Shown},
    people::{People, Person},
    text::{Body, Emoji, visible},
};

/// A name and a value.
#[derive(Debug, Clone)]
pub(crate) struct Fact {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl Fact {
    pub(crate) fn new(name: &str, value: &str) -> Self {
        Self {
            name: visible(name).into_owned(),
            value: value.to_owned(),
        }
    }

    pub(crate) fn customs(customs: &[Custom]) -> impl Iterator<Item = Self> {
        customs
            .iter()
            .map(|custom| Self::new(&custom.name, &custom.value))
    }

    /// What the specification does not know, as it is written.
    pub(crate) fn extras(extra: &Extra) -> impl Iterator<Item = Self> {
        extra.iter().map(|(name, value)| match value {
            serde_json::Value::String(text) => Self::new(name, text),
            other => Self::new(name, &other.to_string()),
        })
    }

    pub(crate) fn shown(&self) -> Body<'_> {
        Body::plain(&self.value)
    }
}

/// What the template of an event needs.
#[derive(Debug, Template)]
#[template(path = "event.html")]
pub(crate) struct Shape<'a> {
    pub(crate) number: usize,
    pub(crate) event: &'a Event,
    /// Whether marks in its texts mean something.
    pub(crate) is_chat: bool,
    pub(crate) person: Option<&'a Person>,
    pub(crate) time: Option<Moment>,
    /// Whether the time alone would not tell the day.
    pub(crate) with_date: bool,
    /// Whether it goes on where the same person's last message ended.
    pub(crate) goes_on: bool,
    pub(crate) edits: Vec<Change>,
    pub(crate) reactions: Vec<Answer<'a>>,
    pub(crate) attachments: Vec<Shown>,
    /// Files that came with the event and never got into the file.
    pub(crate) missing: Vec<String>,
    pub(crate) facts: Vec<Fact>,
    /// What it answers, where that is not the message that it stands below.
    pub(crate) answers: Option<String>,
}

/// An edit.
#[derive(Debug)]
pub(crate) struct Change {
    who: String,
    when: String,
    previous: Option<String>,
    new: Option<String>,
}

/// A reaction.
#[derive(Debug)]
pub(crate) struct Answer<'a> {
    emoji: Emoji<'a>,
    count: String,
    who: String,
}

impl Change {
    fn is_bare(&self) -> bool {
        self.previous.is_none() && self.new.is_none()
    }
}

impl Shape<'_> {
    /// How it looks: `said` for what somebody said, `notice` for what happened.
    fn look(&self) -> &'static str {
        match kind(self.event) {
            EventType::Message => "said",
            EventType::Disclaimer => "notice disclaimer",
            EventType::Unknown => "notice unknown",
            EventType::Join | EventType::Leave | EventType::History => "notice",
        }
    }

    /// What happened, in words; the body is added.
    fn deed(&self) -> &'static str {
        match kind(self.event) {
            EventType::Message => "",
            EventType::Disclaimer => "Notice",
            EventType::Join => "joined",
            EventType::Leave => "left",
            EventType::History => "was shown earlier messages",
            EventType::Unknown => "did something that the file cannot name",
        }
    }

    /// What the filter of kinds looks for.
    fn kinds(&self) -> String {
        let event = self.event;
        let kinds = [
            (event.kind == EventType::Message, "message"),
            (event.kind != EventType::Message, "other"),
            (!event.edits.is_empty(), "edited"),
            (self.is_deleted(), "deleted"),
            (
                !(event.attachments.is_empty() && self.missing.is_empty()),
                "file",
            ),
            (!event.reactions.is_empty(), "reaction"),
            (self.is_important(), "important"),
        ];
        let kinds: Vec<_> = kinds
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| word)
            .collect();
        kinds.join(" ")
    }

    fn is_deleted(&self) -> bool {
        self.event.deleted == Some(true)
    }

    fn is_important(&self) -> bool {
        self.event.importance == Some(Importance::High)
    }

    fn is_context(&self) -> bool {
        is_context(self.event)
    }

    /// Whose event it is. Only a message needs somebody.
    fn name(&self) -> &str {
        match self.person {
            Some(person) => &person.name,
            None if self.event.kind == EventType::Message => "Unknown sender",
            None => "",
        }
    }

    fn avatar(&self) -> String {
        self.person.map_or_else(|| "c0".to_owned(), Person::avatar)
    }

    fn initials(&self) -> &str {
        self.person.map_or("?", Person::letters)
    }

    /// What is said of a message of which nothing else is shown: nobody should think that it is hidden.
    fn nothing(&self) -> Option<&'static str> {
        let shown =
            self.body().is_some() || !self.attachments.is_empty() || !self.missing.is_empty();
        match (shown || self.look() != "said", self.is_context()) {
            (true, _) => None,
            (false, true) => Some("Its text is not in this file."),
            (false, false) => Some("No text"),
        }
    }

    fn body(&self) -> Option<Body<'_>> {
        let body = self.event.body.as_deref();
        body.filter(|body| !body.is_empty())
            .map(|body| self.text(body))
    }

    fn text<'b>(&self, text: &'b str) -> Body<'b> {
        match self.is_chat {
            true => Body::chat(text),
            false => Body::plain(text),
        }
    }
}

/// Whether an event is repeated from another file, or stands for one, only so that its replies make
/// sense: the converter of this project says so, in these words.
pub(crate) fn is_context(event: &Event) -> bool {
    let mut customs = event.custom.iter();
    customs.any(|custom| custom.name == "Context" && custom.value.starts_with("parent message"))
}

/// What happened. Where an RSMF file cannot say it, the converter of this project writes a notice
/// with the kind beside it.
fn kind(event: &Event) -> EventType {
    let is_notice = event.kind == EventType::Disclaimer;
    let mut customs = event.custom.iter().filter(|_| is_notice);
    let was = customs.find(|custom| custom.name == "Event");
    match was.map(|custom| custom.value.as_str()) {
        Some("join") => EventType::Join,
        Some("leave") => EventType::Leave,
        Some("history") => EventType::History,
        Some("unknown") => EventType::Unknown,
        _ => event.kind,
    }
}

/// What the converter of this project calls a file that the export only names. A reader must not
/// have to open the details to learn that there was one.
const MISSING: &str = "Missing file";

/// The files that came with an event and are not in the file.
pub(crate) fn missing(event: &Event) -> Vec<String> {
    let missing = event.custom.iter().filter(|custom| custom.name == MISSING);
    missing
        .map(|custom| visible(&custom.value).into_owned())
        .collect()
}

/// What hangs on an event and stands in the list of its details.
pub(crate) fn facts(event: &Event, people: &People, zone: &jiff::tz::TimeZone) -> Vec<Fact> {
    let mut facts: Vec<_> = Fact::customs(&event.custom)
        .filter(|fact| fact.name != MISSING)
        .collect();
    let mut add = |name: &str, value: &str| facts.push(Fact::new(name, value));
    for receipt in &event.read_receipts {
        let (name, value) = receipt_fact(receipt, people, zone);
        add(name, &value);
    }
    match event.direction {
        Some(Direction::Incoming) => add("Direction", "received"),
        Some(Direction::Outgoing) => add("Direction", "sent"),
        None => {}
    }
    if let Some(time) = &event.timestamp {
        add("Time", &Moment::read(time, zone).utc());
    }
    for (name, id) in [("Id", &event.id), ("Reply to", &event.parent)] {
        if let Some(id) = id {
            add(name, id);
        }
    }
    facts.extend(Fact::extras(&event.extra));
    facts
}

fn receipt_fact(
    receipt: &ReadReceipt,
    people: &People,
    zone: &jiff::tz::TimeZone,
) -> (&'static str, String) {
    let name = match receipt.action {
        Some(ReceiptAction::Delivered) => "Delivered to",
        Some(ReceiptAction::Read) => "Read by",
        None => "Received by",
    };
    let time = receipt.timestamp.as_deref();
    let time = time.map(|time| format!(", {}", Moment::read(time, zone).long()));
    (
        name,
        people.name(&receipt.participant) + &time.unwrap_or_default(),
    )
}

/// The edits of an event.
pub(crate) fn changes(edits: &[Edit], people: &People, zone: &jiff::tz::TimeZone) -> Vec<Change> {
    let change = |edit: &Edit| Change {
        who: people.name(&edit.participant),
        when: edit
            .timestamp
            .as_deref()
            .map(|time| Moment::read(time, zone).long())
            .unwrap_or_default(),
        previous: edit.previous.clone(),
        new: edit.new.clone(),
    };
    edits.iter().map(change).collect()
}

/// The reactions to an event, with those who gave them.
pub(crate) fn answers<'a>(reactions: &'a [Reaction], people: &People) -> Vec<Answer<'a>> {
    let answer = |reaction: &'a Reaction| {
        let names: Vec<_> = reaction
            .participants
            .iter()
            .map(|id| people.name(id))
            .collect();
        let count = reaction.count.or_else(|| i64::try_from(names.len()).ok());
        Answer {
            emoji: Emoji(&reaction.value),
            count: count.map(|count| count.to_string()).unwrap_or_default(),
            who: names.join(", "),
        }
    };
    reactions.iter().map(answer).collect()
}
