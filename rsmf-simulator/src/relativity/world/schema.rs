//! Types of objects and their fields.

/// What sort of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Workspace,
    Folder,
    Document,
    Entity,
    Profile,
    Set,
    Source,
    TimeZone,
}

/// What sort of value a field holds, by the names of the Object Manager.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    FixedLengthText,
    LongText,
    WholeNumber,
    YesNo,
    Date,
    SingleChoice,
    MultipleChoice,
    SingleObject(Kind),
    MultipleObject(Kind),
}

/// A type of objects: name, GUID where one is known, and the number of the type; numbers from a million on
/// are other ones in each workspace.
pub(crate) struct Type {
    pub(crate) kind: Kind,
    pub(crate) name: &'static str,
    pub(crate) guid: &'static str,
    pub(crate) number: i64,
}

const fn kind(kind: Kind, name: &'static str, guid: &'static str, number: i64) -> Type {
    Type {
        kind,
        name,
        guid,
        number,
    }
}

pub(crate) const TYPES: &[Type] = &[
    kind(Kind::Workspace, "Workspace", "", 8),
    kind(Kind::Folder, "Folder", "", 9),
    kind(
        Kind::Document,
        "Document",
        "15c36703-74ea-4ff8-9dfb-ad30ece7530d",
        10,
    ),
    kind(
        Kind::Set,
        "Processing Set",
        "45b1f80d-c4e7-4a8d-a72a-ed9e21f89900",
        1_000_044,
    ),
    kind(
        Kind::Source,
        "Processing Data Source",
        "bc7f8480-c80d-4e2d-8638-1fc69e7dfffb",
        1_000_045,
    ),
    kind(
        Kind::Profile,
        "Processing Profile",
        "4be0a8e2-c236-4dac-b8df-e7944b84cee5",
        1_000_041,
    ),
    kind(
        Kind::Entity,
        "Entity",
        "d216472d-a1aa-4965-8b36-367d43d4e64c",
        1_000_048,
    ),
    kind(
        Kind::TimeZone,
        "Relativity Time Zone",
        "bc411c4d-285a-466b-8824-e084fd981f8b",
        1_000_049,
    ),
];

/// A field: of what, name, GUID where one is known, and what it holds.
pub(crate) type Given = (Kind, &'static str, &'static str, Holds);

/// The fields of everything but documents, by the sheet of GUIDs.
pub(crate) const FIELDS: &[Given] = &[
    (Kind::Workspace, "Name", "", Holds::FixedLengthText),
    (Kind::Folder, "Name", "", Holds::FixedLengthText),
    (Kind::TimeZone, "Name", "", Holds::FixedLengthText),
    (
        Kind::Entity,
        "Full Name",
        "57928ef5-f29d-4137-a215-3a9abf3e3f82",
        Holds::FixedLengthText,
    ),
    (
        Kind::Entity,
        "First Name",
        "34ee9d29-44bd-4fc5-8ff1-4335a826a07d",
        Holds::FixedLengthText,
    ),
    (
        Kind::Entity,
        "Last Name",
        "0b846e7a-6e05-4544-b5a8-ad78c49d0257",
        Holds::FixedLengthText,
    ),
    (
        Kind::Entity,
        "Document Numbering Prefix",
        "bae96568-2b16-4707-8074-be267f205d9c",
        Holds::FixedLengthText,
    ),
    (
        Kind::Entity,
        "Type",
        "e714b260-9cf4-4874-9c76-45e6f32d3ce7",
        Holds::SingleChoice,
    ),
    (
        Kind::Profile,
        "Name",
        "7161a505-54ed-4eb1-94fe-004bcdc3e988",
        Holds::FixedLengthText,
    ),
    (
        Kind::Profile,
        "Extract children",
        "410ac62f-db2a-41e2-aa96-ccdb3ad10c85",
        Holds::YesNo,
    ),
    (
        Kind::Profile,
        "Auto-publish set",
        "a13aee24-ca34-48d0-adfa-18c737dbdd1e",
        Holds::YesNo,
    ),
    (
        Kind::Profile,
        "DeNIST",
        "04ab3bca-1a74-4541-92ca-fd6f6d741eea",
        Holds::YesNo,
    ),
    (
        Kind::Profile,
        "Default time zone",
        "8fe787d3-473c-4945-8846-f0d1dae2d5a7",
        Holds::SingleObject(Kind::TimeZone),
    ),
    (
        Kind::Profile,
        "Default destination folder",
        "e387c847-feed-47c6-ad0c-c7a1bb406617",
        Holds::SingleObject(Kind::Folder),
    ),
    (
        Kind::Profile,
        "Deduplication method",
        "",
        Holds::SingleChoice,
    ),
    (Kind::Profile, "Number of digits", "", Holds::WholeNumber),
    (
        Kind::Profile,
        "Default document numbering prefix",
        "",
        Holds::FixedLengthText,
    ),
    (
        Kind::Set,
        "Name",
        "fc85b775-037c-47c1-bac3-bc08f4e85d9f",
        Holds::FixedLengthText,
    ),
    (
        Kind::Set,
        "Processing profile",
        "",
        Holds::SingleObject(Kind::Profile),
    ),
    (
        Kind::Set,
        "Email notification recipients",
        "",
        Holds::LongText,
    ),
    (
        Kind::Set,
        "Inventory Status",
        "d04ef741-c622-4993-9a53-2f2e54f4d1d7",
        Holds::SingleChoice,
    ),
    (
        Kind::Set,
        "Discover Status",
        "513dd373-661b-4ea5-9ac4-43bea2f793ee",
        Holds::SingleChoice,
    ),
    (
        Kind::Set,
        "Publish Status",
        "e3343c3e-0ffa-4846-b4d3-cb1e5a37140c",
        Holds::SingleChoice,
    ),
    (Kind::Source, "Name", "", Holds::FixedLengthText),
    (
        Kind::Source,
        "Processing Set",
        "",
        Holds::SingleObject(Kind::Set),
    ),
    (
        Kind::Source,
        "Source Path",
        "322ac439-6ed5-4ce6-8eb3-fcbc2974274b",
        Holds::LongText,
    ),
    (
        Kind::Source,
        "Status",
        "14d571ec-ef97-4b3e-958f-6ed3669cfea9",
        Holds::SingleChoice,
    ),
    (
        Kind::Source,
        "Custodian",
        "16d04f50-8202-49fc-8279-73eb4b5eb426",
        Holds::SingleObject(Kind::Entity),
    ),
    (
        Kind::Source,
        "Destination folder",
        "05a0fbf7-50ad-41e0-b3b4-f36f4f47bcdf",
        Holds::SingleObject(Kind::Folder),
    ),
    (
        Kind::Source,
        "Time zone",
        "39c056a2-bd03-46fb-a7fc-08f0e4d9462f",
        Holds::SingleObject(Kind::TimeZone),
    ),
    (
        Kind::Source,
        "Document numbering prefix",
        "",
        Holds::FixedLengthText,
    ),
    (Kind::Source, "Order", "", Holds::WholeNumber),
    (Kind::Source, "OCR languages", "", Holds::LongText),
    (Kind::Source, "Start number", "", Holds::WholeNumber),
    (Kind::Source, "Is start number visible", "", Holds::YesNo),
];

/// The fields of documents; what maps them, and which there are besides, is for each workspace to say.
pub(crate) const DOCUMENT_FIELDS: &[(&str, &str, Holds)] = &[
    (
        "Control Number",
        "2a3f1212-c8ca-4fa9-ad6b-f76c97f05438",
        Holds::FixedLengthText,
    ),
    (
        "Group Identifier",
        "1f036749-a691-4aa8-8cf7-5eeb80c36caf",
        Holds::FixedLengthText,
    ),
    ("Parent Document ID", "", Holds::FixedLengthText),
    ("Relativity Attachment ID", "", Holds::FixedLengthText),
    ("File Name", "", Holds::FixedLengthText),
    ("File Extension", "", Holds::FixedLengthText),
    ("File Type", "", Holds::FixedLengthText),
    ("File Size", "", Holds::WholeNumber),
    ("MD5 Hash", "", Holds::FixedLengthText),
    ("SHA256 Hash", "", Holds::FixedLengthText),
    ("Processing Duplicate Hash", "", Holds::FixedLengthText),
    ("Processing File ID", "", Holds::WholeNumber),
    ("Processing Folder Path", "", Holds::LongText),
    ("Virtual Path", "", Holds::LongText),
    ("Custodian", "", Holds::SingleObject(Kind::Entity)),
    (
        "Originating Processing Set",
        "",
        Holds::SingleObject(Kind::Set),
    ),
    (
        "Originating Processing Data Source",
        "",
        Holds::SingleObject(Kind::Source),
    ),
    ("Has Native", "", Holds::YesNo),
    ("Email Subject", "", Holds::LongText),
    ("Email From", "", Holds::LongText),
    ("Email To", "", Holds::LongText),
    ("Sent Date", "", Holds::Date),
    ("Extracted Text", "", Holds::LongText),
    ("RSMF Begin Date", "", Holds::Date),
    ("RSMF End Date", "", Holds::Date),
    ("RSMF Version", "", Holds::LongText),
    ("RSMF Application", "", Holds::LongText),
    ("RSMF Generator", "", Holds::LongText),
    ("RSMF Custodian", "", Holds::LongText),
    ("RSMF Participants", "", Holds::LongText),
    ("RSMF Message Count", "", Holds::WholeNumber),
    ("RSMF Attachment Count", "", Holds::WholeNumber),
    ("RSMF Event Collection ID", "", Holds::LongText),
    ("Matter ID", "", Holds::FixedLengthText),
    ("Run ID", "", Holds::FixedLengthText),
    ("Notes", "", Holds::LongText),
    ("Review Tags", "", Holds::MultipleChoice),
    ("Review Status", "", Holds::SingleChoice),
    (
        "Related Custodians",
        "",
        Holds::MultipleObject(Kind::Entity),
    ),
];
