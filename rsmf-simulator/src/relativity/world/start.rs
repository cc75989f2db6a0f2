//! What is there at the beginning.

use super::{
    World,
    artifact::{Artifact, Val},
    schema::Kind,
    workspace::Workspace,
};

/// The profile that is right for RSMF, and three that are not, or need care.
const PROFILES: [(&str, bool, bool, &str); 4] = [
    ("RSMF", true, false, "None"),
    ("RSMF auto-publish", true, true, "None"),
    ("RSMF dedup", true, false, "Custodial"),
    ("No children", false, false, "None"),
];

/// What stands for the whole instance where a workspace is asked for.
const INSTANCE: i64 = -1;

const TIME_ZONES: [&str; 3] = [
    "(UTC-05:00) Eastern Time (US & Canada)",
    "(UTC) Coordinated Universal Time",
    "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
];

impl World {
    /// Adds a workspace with a root folder, time zones, profiles and choices for tags.
    pub(in crate::relativity) fn add_workspace(&mut self, id: i64, name: &str) {
        let mut workspace = Workspace::new(id, name, self.numbers.clone());
        let zones =
            TIME_ZONES.map(|name| workspace.add(Kind::TimeZone, id, [("Name", name.into())]));
        for (name, children, auto, dedup) in PROFILES {
            workspace.add_profile(name, children, auto, dedup, zones[1]);
        }
        for name in ["From rsmf", "Hot"] {
            workspace.choice(Kind::Document, "Review Tags", name, None);
        }
        for name in ["Not reviewed", "Reviewed"] {
            workspace.choice(Kind::Document, "Review Status", name, None);
        }
        self.workspaces.insert(id, workspace);
        let instance = self.workspaces.entry(INSTANCE);
        let instance =
            instance.or_insert_with(|| Workspace::new(INSTANCE, "", self.numbers.clone()));
        let values = [("Name".to_owned(), Val::from(name))].into();
        let listed = Artifact {
            id,
            kind: Kind::Workspace,
            parent: INSTANCE,
            values,
        };
        instance.artifacts.insert(id, listed);
    }
}

impl Workspace {
    pub(in crate::relativity) fn add_profile(
        &mut self,
        name: &str,
        children: bool,
        auto_publish: bool,
        dedup: &str,
        zone: i64,
    ) -> i64 {
        let dedup = self.choice(Kind::Profile, "Deduplication method", dedup, None);
        let values = [
            ("Name", Val::from(name)),
            ("Extract children", children.into()),
            ("Auto-publish set", auto_publish.into()),
            ("DeNIST", true.into()),
            ("Default time zone", Val::Object(zone)),
            ("Default destination folder", Val::Object(self.root_folder)),
            ("Deduplication method", Val::Choice(dedup)),
            ("Number of digits", Val::Number(10)),
            ("Default document numbering prefix", "REL".into()),
        ];
        self.add(Kind::Profile, self.id, values)
    }
}
