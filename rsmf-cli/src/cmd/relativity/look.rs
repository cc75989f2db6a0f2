//! `rsmf relativity login-check`, `workspaces` and `profiles`.

use futures_util::TryStreamExt;
use rsmf_relativity::client::{Profile, objects::Condition};
use serde::Serialize;
use serde_json::json;

use super::connect::Connected;
use crate::{
    Console,
    args::{LoginCheckArgs, ProfilesArgs, WorkspacesArgs},
    cmd::stores::drive,
    config::Config,
    error::{Error, Result},
    exit,
    output::words::harmless,
};

pub(super) fn login_check(args: &LoginCheckArgs, config: &Config, console: &Console) -> Result<u8> {
    let connected = Connected::new(&args.connection, config)?;
    let relativity = &connected.relativity;
    let (version, import) = drive(async {
        let version = relativity.version().await?;
        // It is not installed everywhere.
        let import = relativity.import_health().await.ok();
        // Where there are credentials for transfers alone, nothing else tries them.
        relativity.check_transfer().await?;
        Ok((version, import))
    })?;
    let host = relativity.host().as_str();
    let health = import.as_ref().map(|health| health.is_healthy);
    if args.connection.json {
        console.write_json(
            &json!({ "host": host, "version": version, "importServiceIsHealthy": health }),
        )?;
        return Ok(exit::OK);
    }
    let import = match health {
        Some(true) => "well",
        Some(false) => "not well",
        None => "not there",
    };
    console.write(|out| {
        writeln!(out, "{host} lets us in: version {}", harmless(&version))?;
        if relativity.has_transfer_credentials() {
            writeln!(out, "credentials for transfers: good")?;
        }
        writeln!(out, "Import Service: {import}")
    })?;
    Ok(exit::OK)
}

pub(super) fn workspaces(args: &WorkspacesArgs, config: &Config, console: &Console) -> Result<u8> {
    let connected = Connected::new(&args.connection, config)?;
    let condition = args
        .name
        .as_deref()
        .map(|name| Condition::contains("Name", name));
    let found: Vec<_> = drive(async {
        let found = connected.relativity.workspaces(condition);
        found.try_collect().await.map_err(Error::from)
    })?;
    if args.connection.json {
        let all: Vec<_> = found
            .iter()
            .map(|one| json!({ "id": one.artifact_id, "name": one.name }))
            .collect();
        console.write_json(&all)?;
        return Ok(exit::OK);
    }
    console.write(|out| {
        let mut found = found.iter();
        found.try_for_each(|one| writeln!(out, "{:>10}  {}", one.artifact_id, harmless(&one.name)))
    })?;
    Ok(exit::OK)
}

/// A profile, for scripts.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'p> {
    id: i64,
    name: &'p str,
    extracts_children: Option<bool>,
    is_auto_published: Option<bool>,
    deduplication: &'p str,
}

impl<'p> Row<'p> {
    fn of(profile: &'p Profile) -> Self {
        Self {
            id: profile.id.0,
            name: &profile.name,
            extracts_children: profile.extracts_children,
            is_auto_published: profile.is_auto_published,
            deduplication: &profile.deduplication.name,
        }
    }
}

pub(super) fn profiles(args: &ProfilesArgs, config: &Config, console: &Console) -> Result<u8> {
    let connected = Connected::new(&args.connection, config)?;
    let workspace = connected.workspace(args.workspace);
    let profiles = drive(async {
        let mut profiles = Vec::new();
        for named in workspace.profiles().await? {
            profiles.push(workspace.profile(named.artifact_id).await?);
        }
        Ok(profiles)
    })?;
    let rows: Vec<_> = profiles.iter().map(Row::of).collect();
    if args.connection.json {
        console.write_json(&rows)?;
        return Ok(exit::OK);
    }
    console.write(|out| {
        rows.iter().try_for_each(|row| {
            let suits = match row.extracts_children {
                Some(true) => "extracts children",
                Some(false) => "does not extract children: no use for RSMF",
                None => "does not tell whether it extracts children",
            };
            let publishes = if row.is_auto_published == Some(true) {
                ", publishes by itself"
            } else {
                ""
            };
            let deduplicates = match row.deduplication {
                "" | "None" => String::new(),
                how => format!(", deduplicates: {}", harmless(how)),
            };
            writeln!(
                out,
                "{:>10}  {}  ({suits}{publishes}{deduplicates})",
                row.id,
                harmless(row.name)
            )
        })
    })?;
    Ok(exit::OK)
}
