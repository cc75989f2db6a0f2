//! How far a phase of a processing set is.

use std::fmt;

/// What is done to a processing set, one after the other.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Phase {
    /// Files are listed. Not needed for discovery.
    Inventory,
    /// Containers are opened, and text and metadata are extracted.
    Discover,
    /// What was discovered becomes documents of the workspace.
    Publish,
}

impl Phase {
    /// The lower-case name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Inventory => "inventory",
            Self::Discover => "discover",
            Self::Publish => "publish",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How far a phase is, by its status: a choice, which has a GUID and a name.
///
/// Only some of the choices are known, and new ones may come: whatever is not among them is
/// [`Other`](PhaseState::Other), which never means an end.
///
/// ```
/// use rsmf_relativity::{Phase, PhaseState};
///
/// let discovered = "be180e9d-8abf-41f8-8507-37bd1d22f72e";
/// assert_eq!(PhaseState::of_guid(Phase::Discover, discovered), PhaseState::Completed);
/// assert_eq!(PhaseState::of_name("Complete with Errors"), PhaseState::CompletedWithErrors);
/// assert!(!PhaseState::of_name("Waiting").is_final());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PhaseState {
    /// Nothing of this phase has begun.
    NotStarted,
    /// Done.
    Completed,
    /// Done; some items have errors.
    CompletedWithErrors,
    /// Stopped by somebody.
    Cancelled,
    /// A GUID or a name that says nothing certain: queued, running, or something new.
    Other(String),
}

/// The choices of each phase: not started, completed, completed with errors.
const KNOWN: [(Phase, [Option<&str>; 3]); 3] = [
    (
        Phase::Inventory,
        [Some("4bab4cc3-a8a8-438c-a649-6fd4e0d111eb"), None, None],
    ),
    (
        Phase::Discover,
        [
            Some("955e0b6d-8e50-4dfb-945d-5631fc97f40a"),
            Some("be180e9d-8abf-41f8-8507-37bd1d22f72e"),
            Some("f29b76d6-927f-4172-bc7a-92eb7b7328c9"),
        ],
    ),
    (
        Phase::Publish,
        [
            Some("fc78eb19-b905-479c-9c3c-6fc49b95ea08"),
            Some("2682816f-2683-4cc0-be6e-583fbddff304b"),
            Some("410c43fd-8a90-4e64-a5af-5e4cdcfb99a7"),
        ],
    ),
];

impl PhaseState {
    /// By the GUID of the choice, in any spelling: large or small letters, in braces or not.
    pub fn of_guid(phase: Phase, guid: &str) -> Self {
        let plain = guid.trim().trim_matches(['{', '}']);
        let known = KNOWN.iter().find(|(known, _)| *known == phase);
        let index = known.and_then(|(_, guids)| {
            let is_it =
                |known: &Option<&str>| known.is_some_and(|known| known.eq_ignore_ascii_case(plain));
            guids.iter().position(is_it)
        });
        match index {
            Some(0) => Self::NotStarted,
            Some(1) => Self::Completed,
            Some(2) => Self::CompletedWithErrors,
            _ => Self::Other(guid.to_owned()),
        }
    }

    /// By the name of the choice: only two names are certain, in two spellings, so it is read by its words.
    pub fn of_name(name: &str) -> Self {
        let words = name.trim().to_lowercase();
        match () {
            () if words.contains("error") => Self::CompletedWithErrors,
            () if words.starts_with("complet") => Self::Completed,
            () if words.contains("cancel") => Self::Cancelled,
            () if words == "not started" => Self::NotStarted,
            () => Self::Other(name.to_owned()),
        }
    }

    /// Whether nothing more will happen in this phase.
    pub fn is_final(&self) -> bool {
        matches!(
            self,
            Self::Completed | Self::CompletedWithErrors | Self::Cancelled
        )
    }
}

impl fmt::Display for PhaseState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotStarted => "not started",
            Self::Completed => "completed",
            Self::CompletedWithErrors => "completed with errors",
            Self::Cancelled => "cancelled",
            // A GUID says nothing to people.
            Self::Other(_) => "under way",
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_by_their_words() {
        for (name, state) in [
            ("Completed", PhaseState::Completed),
            (" COMPLETED WITH ERRORS", PhaseState::CompletedWithErrors),
            ("Complete with Errors", PhaseState::CompletedWithErrors),
            ("Canceled", PhaseState::Cancelled),
            ("Cancelled by user", PhaseState::Cancelled),
            ("Not Started", PhaseState::NotStarted),
        ] {
            assert_eq!(PhaseState::of_name(name), state, "{name}");
        }
        assert!(!PhaseState::of_name("In progress").is_final());
    }

    #[test]
    fn a_choice_belongs_to_its_phase() {
        let published = "{2682816F-2683-4CC0-BE6E-583FBDDFF304B}";
        assert_eq!(
            PhaseState::of_guid(Phase::Publish, published),
            PhaseState::Completed
        );
        assert!(!PhaseState::of_guid(Phase::Discover, published).is_final());
    }

    proptest! {
        #[test]
        fn what_is_not_known_is_no_end(guid in "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", phase in 0..3usize) {
            let phase = [Phase::Inventory, Phase::Discover, Phase::Publish][phase];
            prop_assert!(!PhaseState::of_guid(phase, &guid).is_final());
        }

        #[test]
        fn any_text_is_a_state(text: String) {
            let _ = (PhaseState::of_name(&text), PhaseState::of_guid(Phase::Publish, &text));
        }
    }
}
