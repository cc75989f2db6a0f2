//! Making things that must exist once.

use std::time::Duration;

use futures_util::{FutureExt, future::BoxFuture};
use rsmf_core::Failure;
use tokio::time::sleep;

use super::{CustodianKind, Pick, log::Log, names, watch::ATTEMPTS};
use crate::{
    Entry, Result, Thing,
    client::{ArtifactId, Custodian, CustodianType, Workspace, objects::Named},
};

/// Looks for something.
pub(super) trait Find<'a>:
    Fn() -> BoxFuture<'a, Result<Option<ArtifactId>>> + Send + Sync
{
}
impl<'a, F> Find<'a> for F where F: Fn() -> BoxFuture<'a, Result<Option<ArtifactId>>> + Send + Sync {}

/// Makes something.
pub(super) trait Make<'a>: Fn() -> BoxFuture<'a, Result<ArtifactId>> + Send + Sync {}
impl<'a, F> Make<'a> for F where F: Fn() -> BoxFuture<'a, Result<ArtifactId>> + Send + Sync {}

/// How long a service may need to finish what it had begun when the connection broke.
const SETTLES: Duration = Duration::from_secs(1);

/// Makes something once. An earlier run may have made it, or begun to: then it is looked for first. Where nobody knows
/// whether the service has heard the request, it is looked for before the next one.
pub(super) async fn once<'a>(
    log: &Log<'_>,
    thing: Thing,
    find: impl Find<'a>,
    make: impl Make<'a>,
) -> Result<ArtifactId> {
    let (made, begun) = {
        let progress = log.progress();
        (
            progress.created.get(&thing).copied(),
            progress.creating.contains(&thing),
        )
    };
    if let Some(id) = made {
        return Ok(ArtifactId(id));
    }
    let found = if begun { find_late(&find).await? } else { None };
    let id = match found {
        Some(id) => id,
        None => {
            if !begun {
                log.record(Entry::Creating { thing }).await?;
            }
            make_or_find(thing, find, make).await?
        }
    };
    log.record(Entry::Created { thing, id: id.0 }).await?;
    Ok(id)
}

/// Looks for what an earlier run was about to make: the service may still be busy with that.
async fn find_late<'a>(find: &impl Find<'a>) -> Result<Option<ArtifactId>> {
    match find().await? {
        None => {
            sleep(SETTLES).await;
            find().await
        }
        found => Ok(found),
    }
}

async fn make_or_find<'a>(
    thing: Thing,
    find: impl Find<'a>,
    make: impl Make<'a>,
) -> Result<ArtifactId> {
    let mut attempt = 1;
    loop {
        let mut pause = SETTLES * attempt;
        match make().await {
            // Nothing has this number: the answer was empty.
            Ok(ArtifactId(..=0)) => {}
            Ok(id) => return Ok(id),
            Err(error) if (error.is_uncertain() || error.is_temporary()) && attempt < ATTEMPTS => {
                tracing::warn!(%error, ?thing, "not known whether it was created; looking");
                pause = pause.max(error.retry_after().unwrap_or_default());
            }
            Err(error) => return Err(error),
        }
        sleep(pause).await;
        if let Some(id) = find().await? {
            return Ok(id);
        }
        if attempt >= ATTEMPTS {
            return Err(Failure::new("create", format!("{thing:?}"))
                .source("Relativity gave no number for it, and it cannot be found")
                .unavailable()
                .into());
        }
        attempt += 1;
    }
}

/// The custodian, who is created where there is none of this name; once, where there is a journal.
pub(super) async fn custodian(
    workspace: &Workspace,
    log: Option<&Log<'_>>,
    pick: &Pick,
    kind: CustodianKind,
    prefix: &str,
) -> Result<ArtifactId> {
    let name = match pick {
        Pick::Id(id) => return Ok(*id),
        Pick::Name(name) => name,
    };
    let wanted = &described(name, kind, prefix);
    let find = || one_of(workspace, name, wanted).boxed();
    let make = || workspace.create_custodian(wanted).boxed();
    match log {
        Some(log) => found_or_once(log, Thing::Custodian, find, make).await,
        None => match find().await? {
            Some(id) => Ok(id),
            None => make().await,
        },
    }
}

/// Enters what is there already, whoever has made it; else makes it once.
async fn found_or_once<'a>(
    log: &Log<'_>,
    thing: Thing,
    find: impl Find<'a>,
    make: impl Make<'a>,
) -> Result<ArtifactId> {
    if !log.progress().created.contains_key(&thing)
        && let Some(id) = find().await?
    {
        log.record(Entry::Created { thing, id: id.0 }).await?;
        return Ok(id);
    }
    once(log, thing, find, make).await
}

/// The custodian of this name, as it was typed or as Relativity writes persons.
async fn one_of(
    workspace: &Workspace,
    name: &str,
    wanted: &Custodian,
) -> Result<Option<ArtifactId>> {
    let full = wanted.full_name();
    let mut found: Vec<Named> = workspace.find_custodians(&full).await?;
    if found.is_empty() && full != name {
        found = workspace.find_custodians(name).await?;
    }
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one.artifact_id)),
        several => Err(names::ambiguous("the custodian", name, several)),
    }
}

/// Makes sure that a custodian of this name could be created.
pub(super) fn check_custodian(pick: &Pick, kind: CustodianKind) -> Result<()> {
    let Pick::Name(name) = pick else {
        return Ok(());
    };
    let wanted = described(name, kind, "");
    let is_person = wanted.custodian_type == CustodianType::Person;
    let parts: &[_] = match is_person {
        true => &[
            ("first name", &wanted.first_name, LONGEST_PART),
            ("last name", &wanted.last_name, LONGEST_PART),
        ],
        false => &[("name", &wanted.name, LONGEST_NAME)],
    };
    for (part, text, most) in parts {
        // Relativity counts as .NET does.
        let length = text.encode_utf16().count();
        if length == 0 || length > *most {
            return Err(Failure::new("use", format!("the custodian “{name}”"))
                .source(format!(
                    "its {part} has {length} characters; it must have 1 to {most}"
                ))
                .advice("choose another name, or another type (--custodian-type)")
                .invalid_input()
                .into());
        }
    }
    Ok(())
}

/// The most characters of a person's first and last name.
const LONGEST_PART: usize = 125;
/// The most characters of any other custodian's name.
const LONGEST_NAME: usize = 255;

/// What a custodian of this name is.
fn described(name: &str, kind: CustodianKind, prefix: &str) -> Custodian {
    let name = name.trim();
    let parts = match name.split_once(',') {
        Some((last, first)) => Some((first.trim(), last.trim())),
        None => name
            .rsplit_once(char::is_whitespace)
            .map(|(first, last)| (first.trim(), last)),
    };
    match (kind, parts) {
        (CustodianKind::Person | CustodianKind::Auto, Some((first, last))) => {
            Custodian::person(first, last, prefix)
        }
        // A person has two names.
        (CustodianKind::Person, None) => Custodian::person("-", name, prefix),
        _ => Custodian::other(name, prefix),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_several_words_is_a_persons() {
        let full = |name, kind| described(name, kind, "REL").full_name();
        assert_eq!(full("Ada Müller", CustodianKind::Auto), "Müller, Ada");
        assert_eq!(
            full("Müller, Ada Maria", CustodianKind::Auto),
            "Müller, Ada Maria"
        );
        assert_eq!(
            full("Ada Maria Müller", CustodianKind::Person),
            "Müller, Ada Maria"
        );
        assert_eq!(full("Slack export", CustodianKind::Other), "Slack export");
        assert_eq!(full("Slack", CustodianKind::Auto), "Slack");
    }

    #[test]
    fn a_name_must_not_be_longer_than_relativity_takes() {
        let allowed = |name: &str, kind| check_custodian(&Pick::from(name), kind).is_ok();
        let (part, longer) = ("é".repeat(125), "é".repeat(126));
        assert!(allowed(&format!("{part} {part}"), CustodianKind::Auto));
        assert!(!allowed(&format!("Ada {longer}"), CustodianKind::Auto));
        assert!(!allowed(&format!("{longer} Müller"), CustodianKind::Person));
        assert!(allowed(&"x".repeat(255), CustodianKind::Auto));
        assert!(!allowed(&"x".repeat(256), CustodianKind::Other));
        assert!(!allowed(&"😀".repeat(128), CustodianKind::Other));
        assert!(!allowed("Müller,", CustodianKind::Auto));
        assert!(allowed("1046822", CustodianKind::Person));
    }
}
