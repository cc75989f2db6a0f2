//! What can be found.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Good to know; never changes the outcome.
    Info,
    /// May not be shown as expected.
    Warning,
    /// Has to be fixed before Relativity takes the file.
    Error,
}

impl Level {
    /// `error`, `warning` or `info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! codes {
    ($($variant:ident, $name:literal, $level:ident, $description:literal;)*) => {
        /// What was found.
        ///
        /// Codes that do not start with `Strict` are Relativity's, in its spelling.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $description] $variant,)*
        }

        impl Code {
            /// The name, such as `RSMFValidity`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is wrong, in one sentence.
            pub fn description(self) -> &'static str {
                match self { $(Self::$variant => $description,)* }
            }

            /// How bad it is.
            pub fn level(self) -> Level {
                match self { $(Self::$variant => Level::$level,)* }
            }

            /// Whether it is one of our own, which only the strict profile gives.
            pub fn is_strict(self) -> bool {
                self.as_str().starts_with("Strict")
            }

            /// Every code, errors of Relativity's first.
            pub fn all() -> &'static [Self] {
                &[$(Self::$variant,)*]
            }
        }
    };
}

codes! {
    RsmfValidity, "RSMFValidity", Error, "The file is not a well-formed message.";
    RsmfHeadersMissing, "RSMFHeadersMissing", Error, "The message has no X-RSMF-Version header.";
    RsmfHeaderVersion, "RSMFHeaderVersion", Error, "X-RSMF-Version names no version of RSMF.";
    RsmfAccessZip, "RSMFAccessZip", Error, "The message does not have exactly one attachment, rsmf.zip.";
    ZipIntegrity, "ZipIntegrity", Error, "The zip or a file in it is damaged, empty, or cannot be read.";
    ZipMissingManifest, "ZipMissingManifest", Error, "The zip has no rsmf_manifest.json at its root.";
    ManifestValidity, "ManifestValidity", Error, "The manifest is not JSON.";
    JsonTrailingCommas, "JSONTrailingCommas", Error, "The manifest has a comma behind the last item of a list or object.";
    ManifestSchemaViolation, "ManifestSchemaViolation", Error, "The manifest breaks the JSON schema of its version.";
    ManifestVersion, "ManifestVersion", Error, "The manifest names no version of RSMF.";
    ManifestDuplicateId, "ManifestDuplicateId", Error, "Two participants, two conversations, or two events of a conversation have the same id.";
    RsmfMissingBody, "RSMFMissingBody", Warning, "The message has no text, so nothing of it can be searched.";
    RsmfInvalidHeaderValue, "RSMFInvalidHeaderValue", Warning, "A header holds an encoded word that Relativity cannot decode.";
    RsmfHeaderVersionMismatch, "RSMFHeaderVersionMismatch", Warning, "X-RSMF-Version and the manifest name different versions.";
    RsmfHeaderDateFormat, "RSMFHeaderDateFormat", Warning, "X-RSMF-BeginDate or X-RSMF-EndDate is not a date and time as ISO 8601 writes it.";
    MissingTimeZoneOffset, "MissingTimeZoneOffset", Warning, "X-RSMF-BeginDate or X-RSMF-EndDate has no time zone.";
    RsmfHeaderDateMismatch, "RSMFHeaderDateMismatch", Warning, "X-RSMF-BeginDate or X-RSMF-EndDate is not the time of the first or last event.";
    RsmfHeaderEventCountFormat, "RSMFHeaderEventCountFormat", Warning, "X-RSMF-EventCount is not a whole number above zero.";
    RsmfHeaderEventCountMismatch, "RSMFHeaderEventCountMismatch", Warning, "X-RSMF-EventCount is not the number of events.";
    RsmfHeaderAttachmentCountFormat, "RSMFHeaderAttachmentCountFormat", Warning, "X-RSMF-AttachmentCount is not a whole number.";
    RsmfHeaderParticipantsMismatch, "RSMFHeaderParticipantsMismatch", Warning, "X-RSMF-Participants does not list the display names of the participants.";
    ZipAttachmentMissing, "ZipAttachmentMissing", Warning, "An attachment of an event is not in the zip.";
    ZipAvatarMissing, "ZipAvatarMissing", Warning, "The avatar of a participant is not in the zip.";
    ZipUnreferencedFiles, "ZipUnreferencedFiles", Warning, "The zip has files that are neither an attachment nor an avatar.";
    ManifestParticipantArrayEmpty, "ManifestParticipantArrayEmpty", Warning, "There is no participant.";
    ManifestConversationArrayEmpty, "ManifestConversationArrayEmpty", Warning, "There is no conversation.";
    ManifestEventArrayEmpty, "ManifestEventArrayEmpty", Warning, "There is no event.";
    ManifestParticipantCount, "ManifestParticipantCount", Warning, "There are more than 10,000 participants.";
    ManifestConversationCount, "ManifestConversationCount", Warning, "There are more than 10,000 conversations.";
    ManifestEventCount, "ManifestEventCount", Warning, "There are more than 10,000 events.";
    ManifestOrphanedDirectConversation, "ManifestOrphanedDirectConversation", Warning, "No event belongs to a direct conversation.";
    ManifestOrphanedEvent, "ManifestOrphanedEvent", Warning, "An event belongs to a conversation that does not exist.";
    ManifestUndefinedProperty, "ManifestUndefinedProperty", Warning, "The specification does not define a property.";
    ManifestParentIdInvalid, "ManifestParentIdInvalid", Warning, "The parent of an event is not an earlier event of the same conversation.";
    ManifestUndefinedParticipantId, "ManifestUndefinedParticipantId", Warning, "A participant of an event, an edit or a reaction does not exist.";
    ManifestInvalidConversationParticipant, "ManifestInvalidConversationParticipant", Warning, "A participant of a conversation does not exist.";
    ManifestInvalidConversationCustodian, "ManifestInvalidConversationCustodian", Warning, "The custodian of a conversation is not one of its participants.";
    ManifestJoinLeaveInDirectConversation, "ManifestJoinLeaveInDirectConversation", Warning, "Somebody joins or leaves a conversation that is not a channel.";
    ManifestInvalidEventParticipant, "ManifestInvalidEventParticipant", Warning, "The participant of an event is not in its conversation at that time.";
    ManifestInvalidEventEditTimestamp, "ManifestInvalidEventEditTimestamp", Warning, "An edit is earlier than its event.";
    ManifestInvalidEventEditParticipant, "ManifestInvalidEventEditParticipant", Warning, "Whoever edited an event is not in its conversation at that time.";
    ManifestInvalidEventReactionParticipants, "ManifestInvalidEventReactionParticipants", Warning, "Somebody who reacted to an event is not in its conversation at that time.";
    ManifestInvalidEventReceiptParticipant, "ManifestInvalidEventReceiptParticipant", Warning, "The recipient of an event is not in its conversation at that time.";
    StrictEncryptedZip, "StrictEncryptedZip", Error, "A file in the zip needs a password.";
    StrictMemberEscapes, "StrictMemberEscapes", Error, "The name of a file in the zip would lead out of the folder that it is unpacked to.";
    StrictSizeProcessing, "StrictSizeProcessing", Error, "The file has more than 2 GB, which Relativity does not process.";
    StrictSizeViewer, "StrictSizeViewer", Warning, "The file has more than 250 MB, which Relativity's viewer may refuse to show.";
    StrictSizeServer, "StrictSizeServer", Info, "The file has more than 200 MB, which Relativity Server before 2024 may not process.";
    StrictMemberFolder, "StrictMemberFolder", Warning, "A file in the zip is in a folder.";
    StrictMemberCase, "StrictMemberCase", Warning, "The names of two files in the zip differ only by case.";
    StrictRepeatedAttachment, "StrictRepeatedAttachment", Warning, "An event has the same attachment twice.";
    StrictIconMissing, "StrictIconMissing", Warning, "The icon of a conversation is not in the zip.";
    StrictImageFormat, "StrictImageFormat", Warning, "An avatar or icon is not a PNG, JPEG or GIF.";
    StrictEventCollectionIdMismatch, "StrictEventCollectionIdMismatch", Warning, "X-RSMF-EventCollectionID and eventcollectionid differ.";
    StrictAttachmentCountMismatch, "StrictAttachmentCountMismatch", Warning, "X-RSMF-AttachmentCount is not the number of attachments.";
    StrictMailHeaderMissing, "StrictMailHeaderMissing", Info, "The message has no From, To, Subject or Date.";
    StrictFromMailboxes, "StrictFromMailboxes", Warning, "From has more than one mailbox.";
    StrictTimeZoneMissing, "StrictTimeZoneMissing", Warning, "A time in the manifest has no time zone.";
    StrictTimePrecision, "StrictTimePrecision", Info, "A time in the manifest is finer than milliseconds.";
    StrictReactionLength, "StrictReactionLength", Warning, "A reaction has more than 30 characters.";
    StrictReactionPicture, "StrictReactionPicture", Info, "Relativity shows a reaction as text because it has no picture for it.";
    StrictNoMessage, "StrictNoMessage", Warning, "No event is a message, so Relativity shows nothing.";
    StrictObjectReplacement, "StrictObjectReplacement", Info, "A text holds U+FFFC, which is shown as a box.";
    StrictDuplicateKey, "StrictDuplicateKey", Warning, "An object of the manifest has the same property twice.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_codes_are_called_strict() {
        let relativity: Vec<_> = Code::all()
            .iter()
            .filter(|code| !code.is_strict())
            .collect();
        assert_eq!(relativity.len(), 43);
        assert!(relativity.iter().all(|code| code.level() != Level::Info));
    }

    #[test]
    fn every_code_is_described_by_one_sentence() {
        for code in Code::all() {
            let text = code.description();
            assert!(
                text.ends_with('.') && !text.contains(". "),
                "{code}: {text}"
            );
            assert_eq!(
                format!("{code} {}", code.level()),
                format!("{} {}", code.as_str(), code.level().as_str())
            );
        }
    }
}
