//! Places with a name: `[stores.review]`.

use rsmf_storage::{Location, StoreConfig, StoresBuilder};
use toml::{Table, Value};

use super::read::{Problem, no_lists};

/// What each profile has from the file's own sections, where it says nothing else.
const INHERITED: [&str; 2] = ["network", "transfer"];

pub(super) fn add(mut builder: StoresBuilder, table: &Table) -> Result<StoresBuilder, Problem> {
    let Some(stores) = table.get("stores") else {
        return Ok(builder);
    };
    let stores = as_table("stores", stores)?;
    for (name, profile) in stores {
        let path = format!("stores.{name}");
        let (location, config) = read(&path, name, as_table(&path, profile)?, table)?;
        builder = builder.profile(name, location, config);
    }
    Ok(builder)
}

fn as_table<'t>(path: &str, value: &'t Value) -> Result<&'t Table, Problem> {
    let wrong = || {
        Problem::new(
            path,
            "it has to be a section: [stores.NAME] with a url in it",
        )
    };
    value.as_table().ok_or_else(wrong)
}

fn read(
    path: &str,
    name: &str,
    profile: &Table,
    all: &Table,
) -> Result<(Location, StoreConfig), Problem> {
    check_name(path, name)?;
    let mut profile = profile.clone();
    let url = match profile.remove("url") {
        Some(Value::String(url)) => url,
        _ => {
            return Err(Problem::new(
                format!("{path}.url"),
                "the address of the place is needed, in quotes, such as url = \"s3://bucket/folder\"",
            ));
        }
    };
    no_lists(&profile, path, &INHERITED)?;
    let location: Location = url.parse().map_err(|error: rsmf_core::Error| {
        Problem::new(format!("{path}.url"), error.to_string())
    })?;
    match location {
        Location::Local(_) if is_mistyped(&url) => {
            let problem = "it looks like an address, but is a folder: write it as scheme://…, or ./… for a folder";
            return Err(Problem::new(format!("{path}.url"), problem));
        }
        Location::Local(_) => {}
        _ => inherit(&mut profile, all),
    }
    let config = StoreConfig::read(&location, Value::Table(profile))
        .map_err(|error| Problem::of(path, &error))?;
    Ok((location, config))
}

/// Whether a path begins as an address does, such as `s3//bucket` or `s3:/bucket`: what was meant for a store would go to a
/// folder of this machine.
fn is_mistyped(url: &str) -> bool {
    let first = url.split(['/', '\\']).next().unwrap_or_default();
    let (scheme, is_address) = match first.split_once(':') {
        Some((scheme, _)) => (scheme, scheme.len() > 1),
        None => (first, url.contains("//")),
    };
    let is_word = |c: char| c.is_ascii_alphanumeric() || "+-".contains(c);
    is_address && !scheme.is_empty() && scheme.chars().all(is_word) && !url.starts_with("file:")
}

/// Addresses must not be taken for names, nor drives of Windows.
fn check_name(path: &str, name: &str) -> Result<(), Problem> {
    let schemes = ["file", "s3", "az", "gs", "sftp"];
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    match name.len() > 1 && name.chars().all(good) && !schemes.contains(&name) {
        true => Ok(()),
        false => Err(Problem::new(
            path,
            "choose another name: two letters, digits, `-` or `_` at least, and no scheme",
        )),
    }
}

/// Puts what all places have below what this one has.
fn inherit(profile: &mut Table, all: &Table) {
    for section in INHERITED {
        let Some(Value::Table(usual)) = all.get(section) else {
            continue;
        };
        let own = profile
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(own) = own {
            for (key, value) in usual {
                own.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
}
