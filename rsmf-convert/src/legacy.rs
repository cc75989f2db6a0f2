//! RSMF 1.0.0, for older servers: what it lacks moves into custom properties.

use rsmf_core::model::{Custom, Event, EventType};

/// Makes an event one of version 1.0.0 without losing what it tells.
pub(crate) fn downgrade(event: &mut Event) {
    if matches!(event.kind, EventType::Unknown | EventType::History) {
        let was = if event.kind == EventType::Unknown {
            "unknown"
        } else {
            "history"
        };
        event.kind = EventType::Disclaimer;
        event.custom.push(Custom::new("Event", was));
    }
    for edit in &mut event.edits {
        let texts = [
            ("Earlier text", edit.previous.take()),
            ("Later text", edit.new.take()),
        ];
        for (name, text) in texts {
            let text = text.filter(|text| !text.is_empty());
            event
                .custom
                .extend(text.map(|text| Custom::new(name, text)));
        }
        if edit.timestamp.is_none() {
            edit.timestamp.clone_from(&event.timestamp);
        }
    }
    for receipt in event.read_receipts.drain(..) {
        let action = receipt.action.map_or("received", |action| match action {
            rsmf_core::model::ReceiptAction::Read => "read",
            rsmf_core::model::ReceiptAction::Delivered => "delivered",
        });
        let when = receipt
            .timestamp
            .map(|time| format!(" at {time}"))
            .unwrap_or_default();
        let value = format!("{action} by {}{when}", receipt.participant);
        event.custom.push(Custom::new("Receipt", value));
    }
    // Version 1.0.0 wants to know who reacted.
    let (named, nameless) = std::mem::take(&mut event.reactions)
        .into_iter()
        .partition(|reaction| !reaction.participants.is_empty());
    event.reactions = named;
    for reaction in nameless {
        let value = format!("{} ({})", reaction.value, reaction.count.unwrap_or(1));
        event.custom.push(Custom::new("Reaction", value));
    }
    for reaction in &mut event.reactions {
        reaction
            .count
            .get_or_insert(reaction.participants.len() as i64);
    }
    event.direction = None;
}
