//! GUIDs that are the same in all workspaces, unlike the numbers of the same things.
//!
//! They stand in the vendor's samples and on the page “Processing API services for REST (v0)”.

use uuid::{Uuid, uuid};

/// The object type of processing sets.
pub const PROCESSING_SET: Uuid = uuid!("45B1F80D-C4E7-4A8D-A72A-ED9E21F89900");
/// The object type of data sources of processing.
pub const DATA_SOURCE: Uuid = uuid!("BC7F8480-C80D-4E2D-8638-1FC69E7DFFFB");
/// The object type of processing profiles.
pub const PROFILE: Uuid = uuid!("4BE0A8E2-C236-4DAC-B8DF-E7944B84CEE5");
/// The object type of entities, which custodians are.
pub const ENTITY: Uuid = uuid!("D216472D-A1AA-4965-8B36-367D43D4E64C");
/// The object type of time zones.
pub const TIME_ZONE: Uuid = uuid!("BC411C4D-285A-466B-8824-E084FD981F8B");

/// A processing set's name.
pub const SET_NAME: Uuid = uuid!("FC85B775-037C-47C1-BAC3-BC08F4E85D9F");
/// How far the inventory of a processing set is.
pub const SET_INVENTORY_STATUS: Uuid = uuid!("D04EF741-C622-4993-9A53-2F2E54F4D1D7");
/// How far the discovery of a processing set is.
pub const SET_DISCOVER_STATUS: Uuid = uuid!("513DD373-661B-4EA5-9AC4-43BEA2F793EE");
/// How far the publishing of a processing set is.
pub const SET_PUBLISH_STATUS: Uuid = uuid!("E3343C3E-0FFA-4846-B4D3-CB1E5A37140C");

/// A data source's path.
pub const SOURCE_PATH: Uuid = uuid!("322AC439-6ED5-4CE6-8EB3-FCBC2974274B");
/// How far a data source is.
pub const SOURCE_STATUS: Uuid = uuid!("14D571EC-EF97-4B3E-958F-6ED3669CFEA9");
/// A data source's custodian.
pub const SOURCE_CUSTODIAN: Uuid = uuid!("16D04F50-8202-49FC-8279-73EB4B5EB426");
/// The folder where a data source's documents go.
pub const SOURCE_FOLDER: Uuid = uuid!("05A0FBF7-50AD-41E0-B3B4-F36F4F47BCDF");
/// A data source's time zone.
pub const SOURCE_TIME_ZONE: Uuid = uuid!("39C056A2-BD03-46FB-A7FC-08F0E4D9462F");

/// A profile's name.
pub const PROFILE_NAME: Uuid = uuid!("7161A505-54ED-4EB1-94FE-004BCDC3E988");
/// Whether a profile takes attachments out of files.
pub const PROFILE_EXTRACT_CHILDREN: Uuid = uuid!("410AC62F-DB2A-41E2-AA96-CCDB3AD10C85");
/// Whether a profile publishes what was discovered by itself.
pub const PROFILE_AUTO_PUBLISH: Uuid = uuid!("A13AEE24-CA34-48D0-ADFA-18C737DBDD1E");
/// Whether a profile leaves out files of well-known programs.
pub const PROFILE_DENIST: Uuid = uuid!("04AB3BCA-1A74-4541-92CA-FD6F6D741EEA");
/// A profile's usual time zone.
pub const PROFILE_TIME_ZONE: Uuid = uuid!("8FE787D3-473C-4945-8846-F0D1DAE2D5A7");
/// The folder where a profile's documents usually go.
pub const PROFILE_FOLDER: Uuid = uuid!("E387C847-FEED-47C6-AD0C-C7A1BB406617");
/// How a profile suppresses duplicates.
pub const PROFILE_DEDUPLICATION: Uuid = uuid!("289AAA6A-6EC1-484F-BC68-3636EF5A5F3F");
/// What a profile puts before the numbers of documents.
pub const PROFILE_PREFIX: Uuid = uuid!("4FEAC495-C466-4A6E-BD78-26FA0240E47C");

/// A custodian's whole name.
pub const CUSTODIAN_NAME: Uuid = uuid!("57928EF5-F29D-4137-A215-3A9ABF3E3F82");
/// A custodian's first name.
pub const CUSTODIAN_FIRST: Uuid = uuid!("34EE9D29-44BD-4FC5-8FF1-4335A826A07D");
/// A custodian's last name.
pub const CUSTODIAN_LAST: Uuid = uuid!("0B846E7A-6E05-4544-B5A8-AD78C49D0257");
/// What stands before the numbers of a custodian's documents.
pub const CUSTODIAN_PREFIX: Uuid = uuid!("BAE96568-2B16-4707-8074-BE267F205D9C");
/// Whether a custodian is a person or something else.
pub const CUSTODIAN_TYPE: Uuid = uuid!("E714B260-9CF4-4874-9C76-45E6F32D3CE7");

/// The relational field that ties the documents of one RSMF file together.
pub const GROUP_IDENTIFIER: Uuid = uuid!("1F036749-A691-4AA8-8CF7-5EEB80C36CAF");

/// The inventory has not begun.
pub const INVENTORY_NOT_STARTED: Uuid = uuid!("4BAB4CC3-A8A8-438C-A649-6FD4E0D111EB");
/// The discovery has not begun.
pub const DISCOVER_NOT_STARTED: Uuid = uuid!("955E0B6D-8E50-4DFB-945D-5631FC97F40A");
/// The discovery is done.
pub const DISCOVER_COMPLETED: Uuid = uuid!("BE180E9D-8ABF-41F8-8507-37BD1D22F72E");
/// The discovery is done, with errors.
pub const DISCOVER_COMPLETED_WITH_ERRORS: Uuid = uuid!("F29B76D6-927F-4172-BC7A-92EB7B7328C9");
/// The publishing has not begun.
pub const PUBLISH_NOT_STARTED: Uuid = uuid!("FC78EB19-B905-479C-9C3C-6FC49B95EA08");
/// The publishing is done.
pub const PUBLISH_COMPLETED: Uuid = uuid!("2682816F-2683-4CC0-BE6E-583FBDFF304B");
/// The publishing is done, with errors.
pub const PUBLISH_COMPLETED_WITH_ERRORS: Uuid = uuid!("410C43FD-8A90-4E64-A5AF-5E4CDCFB99A7");
