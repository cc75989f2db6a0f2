//! Turns one Slack record into a message.
