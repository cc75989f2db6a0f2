//! The services of Relativity, call by call.
//!
//! [`Relativity`] is an instance, [`Workspace`] one of its workspaces; both have a method for each call, with the
//! errors that the service is known for. Answers are read as they come: keys in any case, numbers as text, `null` for
//! what is empty. What is not known for sure is one of the [`Options`].
//!
//! Sources: the pages of platform.relativity.com, the descriptions of services by OpenAPI, the vendor's samples.

mod call;
mod collect;
mod config;
mod custodians;
pub mod guids;
mod ids;
pub mod import;
mod instance;
mod legal_hold;
pub mod objects;
mod pages;
mod places;
pub mod processing;
mod profiles;
mod refusal;
mod relativity;
mod short_messages;
mod transfer;
mod wire;
mod workspaces;

pub use self::{
    collect::{Collection, CollectionTarget},
    config::{Auth, Generation, Options, RelativityConfig, TransferConfig, TransferWords},
    custodians::{Custodian, CustodianType},
    ids::{ArtifactId, FileId, StatusMark},
    instance::Health,
    legal_hold::HeldCustodian,
    profiles::Profile,
    relativity::{Relativity, Workspace},
    short_messages::{
        AttachmentInfo, Participant, ParticipantInfo, RsmfFile, RsmfFinding, RsmfStatus,
        RsmfVerdict, Slice,
    },
    transfer::{EnumerationStatistics, NewTransfer, Transfer, TransferPhase, TransferStatistics},
    workspaces::{FileShare, Securable, WorkspaceInfo},
};
pub use uuid::Uuid;
