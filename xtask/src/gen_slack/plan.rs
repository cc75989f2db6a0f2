//! Who says what when: all of it computed from numbers, nothing remembered.

use jiff::{ToSpan as _, civil};

use crate::fixtures::{
    json::{Json, object},
    people::{Person, STAFF},
    seed::Seed,
    time::Ts,
};

/// How many messages repeat the same pattern of threads.
const PATTERN: u64 = 10;
/// Which messages of the pattern answer its first one.
const REPLIES: [u64; 3] = [2, 3, 5];
/// Which message of the pattern answers the thread of the day before.
const LATE: u64 = 7;
const FIRST_DAY: civil::Date = civil::date(2023, 1, 2);

/// What is to be made.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) messages: u64,
    pub(super) conversations: u64,
    pub(super) days: u64,
    pub(super) seed: u64,
    /// How long every text is; as people write if there is none.
    pub(super) text_bytes: Option<usize>,
    pub(super) with_files: bool,
}

/// One message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    conversation: u64,
    day: u64,
    index: u64,
    /// Where its own random numbers start.
    pub(super) key: u64,
}

/// A file that lies in the archive.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) size: u64,
}

/// Everybody who talks.
pub(super) fn people() -> &'static [Person] {
    STAFF
}

/// The name of a channel.
pub(super) fn name(conversation: u64) -> String {
    format!("project-{conversation:05}")
}

/// The name of a day.
pub(super) fn date(day: u64) -> civil::Date {
    FIRST_DAY.saturating_add((day as i64).days())
}

/// The entry of a channel in `channels.json`.
pub(super) fn channel(conversation: u64) -> Json {
    let members: Vec<&str> = people().iter().map(|person| person.id).collect();
    let value = |text: String| object! { "value" => text, "creator" => members[0], "last_set" => 1_672_531_200 };
    object! {
        "id" => format!("C06GEN{conversation:05}"),
        "name" => name(conversation),
        "created" => 1_672_531_200,
        "creator" => members[0],
        "is_archived" => false,
        "is_general" => conversation == 0,
        "members" => members.clone(),
        "topic" => value(String::new()),
        "purpose" => value(format!("Everything on project {conversation}")),
    }
}

impl Plan {
    /// How many messages a conversation has on a day.
    pub(super) fn count(&self, conversation: u64, day: u64) -> u64 {
        let files = u128::from(self.conversations) * u128::from(self.days);
        let number = u128::from(conversation) * u128::from(self.days) + u128::from(day);
        let before = |number: u128| (u128::from(self.messages) * number / files) as u64;
        before(number + 1) - before(number)
    }

    pub(super) fn message(&self, conversation: u64, day: u64, index: u64) -> Message {
        let mut seed = Seed::new(self.seed ^ conversation << 44 ^ day << 30 ^ index);
        Message {
            conversation,
            day,
            index,
            key: seed.next(),
        }
    }

    /// The message, if there is one of that number on that day.
    fn existing(&self, conversation: u64, day: Option<u64>, index: u64) -> Option<Message> {
        let day = day.filter(|day| *day < self.days && index < self.count(conversation, *day))?;
        Some(self.message(conversation, day, index))
    }
}

impl Message {
    pub(super) fn author(&self) -> usize {
        (self.key % people().len() as u64) as usize
    }

    pub(super) fn ts(&self, plan: &Plan) -> Ts {
        const WORKDAY: u64 = 12 * 3600 * 1_000_000;
        let step = (WORKDAY / plan.count(self.conversation, self.day).max(1)).max(1);
        let micros = self.index * step + (self.key >> 32) % step;
        Ts::at(date(self.day), 8, 0, 0).plus(micros as i64)
    }

    /// Whether a program wrote it; such messages are in no thread.
    pub(super) fn is_bot(&self) -> bool {
        self.index % 30 == 9
    }

    pub(super) fn is_edited(&self) -> bool {
        self.key.is_multiple_of(31)
    }

    /// How many people reacted, if anybody did.
    pub(super) fn reactions(&self) -> u64 {
        match self.key % 6 {
            0 => 1 + self.key % 3,
            _ => 0,
        }
    }

    /// The root of the thread that this one answers.
    pub(super) fn root(&self, plan: &Plan) -> Option<Self> {
        let (days, back) = self.root_offset()?;
        plan.existing(
            self.conversation,
            self.day.checked_sub(days),
            self.index - back,
        )
    }

    /// How many days and messages back the root is.
    fn root_offset(&self) -> Option<(u64, u64)> {
        match self.index % PATTERN {
            LATE => Some((1, LATE)),
            back if REPLIES.contains(&back) => Some((0, back)),
            _ => None,
        }
    }

    /// The messages that answer this one.
    pub(super) fn replies(&self, plan: &Plan) -> Vec<Self> {
        if !self.index.is_multiple_of(PATTERN) {
            return Vec::new();
        }
        let today = REPLIES.iter().map(|on| (self.day, self.index + on));
        today
            .chain([(self.day + 1, self.index + LATE)])
            .filter_map(|(day, index)| plan.existing(self.conversation, Some(day), index))
            .collect()
    }

    /// The file that came with it, if there are any.
    pub(super) fn upload(&self, plan: &Plan) -> Option<Upload> {
        if !plan.with_files || self.index % 20 != 4 {
            return None;
        }
        let id = Seed::new(self.key).id('F');
        let name = format!("report-{}-{}.bin", self.conversation, self.index);
        Some(Upload {
            id,
            name,
            size: 512 + self.key % 16_384,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        Plan {
            messages: 1001,
            conversations: 3,
            days: 7,
            seed: 1,
            text_bytes: None,
            with_files: true,
        }
    }

    #[test]
    fn every_message_belongs_to_a_day() {
        let plan = plan();
        let counts = (0..3).flat_map(|channel| (0..7).map(move |day| (channel, day)));
        let total: u64 = counts.map(|(channel, day)| plan.count(channel, day)).sum();
        assert_eq!(total, 1001);
    }

    #[test]
    fn roots_and_replies_know_each_other() {
        let plan = plan();
        let (mut replies, mut last) = (0, None);
        for index in 0..plan.count(1, 2) {
            let message = plan.message(1, 2, index);
            assert!(last < Some(message.ts(&plan)));
            last = Some(message.ts(&plan));
            for reply in message.replies(&plan) {
                let root = reply.root(&plan).map(|root| root.key);
                assert_eq!(root, Some(message.key));
                assert!(!message.is_bot() && !reply.is_bot());
                replies += 1;
            }
        }
        assert!(replies > 10);
    }
}
