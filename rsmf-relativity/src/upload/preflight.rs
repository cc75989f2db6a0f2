//! What has to be right before anything is sent.

use rsmf_core::Failure;
use rsmf_http::Category;

use super::{Pick, UploadOptions, create::check_custodian, names};
use crate::{
    Result, UncPath,
    client::{
        ArtifactId, Profile, Workspace,
        objects::{FieldRef, Named, ObjectType, Query},
    },
    rules,
};

/// What was found.
#[derive(Debug)]
pub(super) struct Preflight {
    pub(super) profile: ArtifactId,
    pub(super) is_auto_published: bool,
    pub(super) time_zone: ArtifactId,
    pub(super) folder: ArtifactId,
    /// Where the workspace lets files be processed from.
    pub(super) locations: Vec<UncPath>,
    pub(super) notes: Vec<String>,
}

pub(super) async fn check(workspace: &Workspace, options: &UploadOptions) -> Result<Preflight> {
    check_custodian(&options.custodian, options.custodian_kind)?;
    let version = workspace.relativity().version().await?;
    tracing::info!(version, "Relativity answers");
    let mut notes = Vec::new();
    let profile = profile(workspace, &options.profile).await?;
    suits(&profile, &mut notes)?;
    free(options)?;
    fields(workspace, &options.tags).await?;
    Ok(Preflight {
        profile: profile.id,
        is_auto_published: profile.is_auto_published == Some(true),
        time_zone: time_zone(workspace, &options.time_zone).await?,
        folder: folder(workspace, options.folder.as_ref()).await?,
        locations: locations(workspace, &mut notes).await?,
        notes,
    })
}

/// The profile that is meant.
pub(super) async fn profile(workspace: &Workspace, pick: &Pick) -> Result<Profile> {
    let id = match pick {
        Pick::Id(id) => *id,
        Pick::Name(name) => {
            let found = workspace.find_profiles(name).await?;
            if found.is_empty() {
                let all = workspace.profiles().await?;
                return Err(names::missing(
                    "the processing profile",
                    name,
                    names::listed(&all),
                ));
            }
            names::only("a processing profile", name, &found)?
        }
    };
    workspace.profile(id).await
}

/// Refuses a profile that would lose attachments, and notes what else matters.
fn suits(profile: &Profile, notes: &mut Vec<String>) -> Result<()> {
    let name = &profile.name;
    match profile.extracts_children {
        Some(true) => {}
        Some(false) => {
            return Err(
                Failure::new("use", format!("the processing profile “{name}”"))
                    .source("it does not extract children: attachments in RSMF files would be lost")
                    .advice("set “Extract children” to Yes in the profile, or choose another one")
                    .invalid_input()
                    .into(),
            );
        }
        None => {
            return Err(
                Failure::new("use", format!("the processing profile “{name}”"))
                    .source("Relativity does not tell whether it extracts children")
                    .advice("let the user see the fields of processing profiles")
                    .denied()
                    .into(),
            );
        }
    }
    let deduplication = &profile.deduplication.name;
    if !matches!(deduplication.to_lowercase().as_str(), "" | "none") {
        notes.push(format!(
            "the profile deduplicates ({deduplication}): files that the workspace has already may not become documents"
        ));
    }
    if profile.is_auto_published == Some(true) {
        notes.push("the profile publishes by itself after discovery".to_owned());
    }
    Ok(())
}

async fn time_zone(workspace: &Workspace, pick: &Pick) -> Result<ArtifactId> {
    let all = workspace.time_zones().await?;
    let (name, found) = match pick {
        Pick::Id(id) => {
            let of_id = all.iter().filter(|zone| zone.artifact_id == *id);
            (&id.to_string(), of_id.cloned().collect())
        }
        Pick::Name(name) => (name, choose(&all, name)),
    };
    match found.as_slice() {
        [] => Err(names::missing("the time zone", name, names::listed(&all))),
        found => names::only("a time zone", name, found),
    }
}

/// The time zones of this name, or else those whose names hold it as a word: Relativity says
/// `(UTC) Coordinated Universal Time` where others say UTC, which `(UTC) Monrovia, Reykjavik` holds too.
fn choose(all: &[Named], name: &str) -> Vec<Named> {
    let same = |zone: &&Named| zone.name.trim().eq_ignore_ascii_case(name.trim());
    let exact: Vec<_> = all.iter().filter(same).cloned().collect();
    if !exact.is_empty() {
        return exact;
    }
    let wanted = name.trim().to_lowercase();
    let holds = |zone: &&Named| {
        let zone = zone.name.to_lowercase();
        let mut words =
            zone.split(|c: char| !c.is_alphanumeric() && !matches!(c, '+' | '-' | ':' | '/' | '_'));
        words.any(|word| word == wanted) || (wanted.contains(' ') && zone.contains(&wanted))
    };
    let held: Vec<_> = all.iter().filter(holds).cloned().collect();
    let is_utc = |zone: &&Named| {
        zone.name
            .to_lowercase()
            .contains("coordinated universal time")
    };
    match held.iter().find(is_utc) {
        Some(utc) if wanted == "utc" => vec![utc.clone()],
        _ => held,
    }
}

pub(crate) async fn folder(workspace: &Workspace, pick: Option<&Pick>) -> Result<ArtifactId> {
    match pick {
        None => Ok(workspace.root_folder().await?.artifact_id),
        Some(Pick::Id(id)) => Ok(*id),
        Some(Pick::Name(name)) => {
            let found = workspace.folders(Some(name)).await?;
            names::only("a folder", name, &found)
        }
    }
}

/// Where files may be processed from. Relativity Server may not tell: then only the service itself can refuse.
async fn locations(workspace: &Workspace, notes: &mut Vec<String>) -> Result<Vec<UncPath>> {
    match workspace.source_locations().await {
        Ok(texts) => Ok(texts
            .iter()
            .filter_map(|text| text.trim().parse().ok())
            .collect()),
        Err(error) if error.status() == Some(404) => {
            notes.push("Relativity does not tell where files may be processed from".to_owned());
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// Refuses to fill the fields by which documents are known again.
fn free(options: &UploadOptions) -> Result<()> {
    let file_name = options
        .verify
        .as_ref()
        .map(|verify| verify.file_name.as_str());
    let known = [Some(IDENTIFIER), file_name];
    let is_known = |field: &str| {
        known
            .iter()
            .flatten()
            .any(|name| name.eq_ignore_ascii_case(field.trim()))
    };
    match options.tags.iter().find(|(field, _)| is_known(field)) {
        None => Ok(()),
        Some((field, _)) => Err(
            Failure::new("fill", format!("the field “{field}” of documents"))
                .source("documents are known by it")
                .advice("choose another field")
                .invalid_input()
                .into(),
        ),
    }
}

/// What the identifier of documents is called, unless somebody has renamed it.
const IDENTIFIER: &str = "Control Number";

/// Makes sure that documents have the fields that are to be filled: asked for one that they do not have, the Object
/// Manager refuses.
async fn fields(workspace: &Workspace, tags: &[(String, String)]) -> Result<()> {
    let first = workspace.relativity().options().first_result;
    for (field, _) in tags {
        let query = Query::of(ObjectType::document()).field(FieldRef::named(field));
        let asked = workspace.object_page(&query, first, 1).await;
        asked.map_err(|error| match error.category() {
            Category::InvalidInput | Category::NotFound | Category::Protocol => {
                let failure = Failure::new("fill", format!("the field “{field}” of documents"));
                let advice = "check its name, and whether the user may see it, or leave it out";
                failure.source(error).advice(advice).not_found().into()
            }
            _ => error,
        })?;
    }
    Ok(())
}

/// The one place that files go to: the only one there is, or the only one called `ProcessingSource`.
pub(super) fn usual(locations: &[UncPath]) -> Option<&UncPath> {
    if let [only] = locations {
        return Some(only);
    }
    let mut named = locations
        .iter()
        .filter(|location| location.name().eq_ignore_ascii_case(PROCESSING));
    named.next().filter(|_| named.next().is_none())
}

const PROCESSING: &str = match rules::TOP_FOLDERS {
    [_, processing, ..] => processing,
};

/// Refuses a folder that no data source may point at.
pub(super) fn check_folder(folder: &UncPath, locations: &[UncPath]) -> Result<()> {
    let is_legal = |location: &UncPath| folder.below(location).is_some();
    if locations.is_empty() || locations.iter().any(is_legal) {
        return Ok(());
    }
    let names: Vec<_> = locations.iter().map(UncPath::as_str).collect();
    Err(Failure::new("process", folder.to_string())
        .source("no processing source location of the workspace's resource pool holds it")
        .advice(format!("choose a folder in {}", names.join(" or ")))
        .invalid_input()
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zones(names: &[&str]) -> Vec<Named> {
        let zone = |(id, name): (usize, &&str)| {
            let mut zone = Named::default();
            (zone.artifact_id, zone.name) = (ArtifactId(id as i64), (*name).to_owned());
            zone
        };
        names.iter().enumerate().map(zone).collect()
    }

    #[test]
    fn time_zones_are_found_by_what_they_hold() {
        let all = zones(&[
            "(UTC-05:00) Eastern Time",
            "(UTC) Monrovia, Reykjavik",
            "(UTC) Coordinated Universal Time",
            "Europe/Berlin",
        ]);
        let found = |name| -> Vec<_> {
            let found = choose(&all, name);
            found.iter().map(|zone| zone.artifact_id.0).collect()
        };
        assert_eq!(found("UTC"), [2]);
        assert_eq!(found("europe/berlin"), [3]);
        assert_eq!(found("Eastern Time"), [0]);
        assert_eq!(found("time"), [0, 2], "nothing is guessed");
        assert!(found("Mars").is_empty());
    }

    #[test]
    fn the_usual_place_is_the_only_one() {
        let unc = |text: &str| -> UncPath { text.parse().unwrap() };
        let (a, b) = (unc(r"\\f\T1\ProcessingSource"), unc(r"\\f\T1\Other"));
        assert_eq!(usual(&[a.clone(), b.clone()]), Some(&a));
        assert_eq!(usual(std::slice::from_ref(&b)), Some(&b));
        assert_eq!(usual(&[b.clone(), b.clone()]), None);
        assert_eq!(usual(&[]), None);
        assert!(check_folder(&a.join("run").unwrap(), std::slice::from_ref(&a)).is_ok());
        assert!(check_folder(&b, &[a]).is_err());
        assert!(check_folder(&b, &[]).is_ok());
    }

    #[test]
    fn what_documents_are_known_by_is_not_filled() {
        let mut options = UploadOptions::new("RSMF", "Ada");
        for (field, is_free) in [
            ("control number", false),
            ("File Name ", false),
            ("Matter", true),
        ] {
            options.tags = vec![(field.to_owned(), "5".to_owned())];
            assert_eq!(free(&options).is_ok(), is_free, "{field}");
        }
    }

    #[test]
    fn a_profile_that_loses_attachments_is_refused() {
        let mut profile = Profile::default();
        let mut notes = Vec::new();
        assert!(suits(&profile, &mut notes).is_err());
        profile.extracts_children = Some(false);
        assert!(suits(&profile, &mut notes).is_err());
        profile.extracts_children = Some(true);
        profile.is_auto_published = Some(true);
        profile.deduplication.name = "Global".to_owned();
        assert!(suits(&profile, &mut notes).is_ok());
        assert_eq!(notes.len(), 2);
    }
}
