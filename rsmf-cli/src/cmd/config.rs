//! `rsmf config`.

use serde::Serialize;
use serde_json::Value as Json;
use toml::{Table, Value};

use crate::{
    Console,
    args::ConfigArgs,
    config::Config,
    error::{Error, Result},
    exit,
    output::words::harmless,
};

/// A setting, its value, and where that is from.
#[derive(Debug, Serialize)]
struct Row {
    setting: String,
    value: String,
    from: String,
}

pub(crate) fn run(args: &ConfigArgs, config: &Config, console: &Console) -> Result<u8> {
    let rows = rows(config)?;
    let file = config.found.as_ref();
    let file = file.map(|found| (found.path.display().to_string(), found.why));
    if args.json {
        let file = file.map(|(path, why)| serde_json::json!({ "path": path, "from": why }));
        console.write_json(&serde_json::json!({ "file": file, "settings": rows }))?;
        return Ok(exit::OK);
    }
    let width = rows.iter().map(|row| row.setting.len()).max().unwrap_or(0);
    console.write(|out| {
        match &file {
            Some((path, why)) => writeln!(out, "file: {} ({why})", harmless(path))?,
            None => writeln!(out, "file: none")?,
        }
        rows.iter().try_for_each(|row| {
            let (value, from) = (harmless(&row.value), harmless(&row.from));
            writeln!(out, "{:width$} = {value}  ({from})", row.setting)
        })
    })?;
    Ok(exit::OK)
}

fn rows(config: &Config) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    section(config, "network", &config.settings.network, &mut rows)?;
    section(config, "transfer", &config.settings.transfer, &mut rows)?;
    for name in ["http", "relativity", "stores"] {
        if let Some(Value::Table(table)) = config.table.get(name) {
            written(config, name, table, &mut rows);
        }
    }
    Ok(rows)
}

/// All settings of a section, those that are as usual too.
fn section(
    config: &Config,
    name: &str,
    settings: &impl Serialize,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let settings = serde_json::to_value(settings).map_err(|error| {
        Error::Internal(
            rsmf_core::Failure::new("show", name.to_owned())
                .source(error)
                .other(),
        )
    })?;
    for (key, value) in settings.as_object().into_iter().flatten() {
        let setting = format!("{name}.{key}");
        let from = match (config.lines.exactly(&setting), config.proxies.variable(key)) {
            (Some(line), _) => at(config, line),
            (None, Some(variable)) if name == "network" => {
                format!("environment variable {variable}")
            }
            (None, _) => "default".to_owned(),
        };
        let value = match value {
            Json::String(text) => without_user(text),
            Json::Null => "none".to_owned(),
            other => other.to_string(),
        };
        rows.push(Row {
            setting,
            value,
            from,
        });
    }
    Ok(())
}

/// What the file says in a section.
fn written(config: &Config, path: &str, table: &Table, rows: &mut Vec<Row>) {
    for (key, value) in table {
        let setting = format!("{path}.{key}");
        match value {
            Value::Table(inner) if secret(inner).is_none() => {
                written(config, &setting, inner, rows);
            }
            value => rows.push(Row {
                value: shown(value),
                from: config
                    .lines
                    .line(&setting)
                    .map_or_else(String::new, |line| at(config, line)),
                setting,
            }),
        }
    }
}

fn at(config: &Config, line: usize) -> String {
    match &config.found {
        Some(found) => format!("{}:{line}", found.path.display()),
        None => format!("line {line}"),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Table(table) => secret(table).unwrap_or_default(),
        Value::String(text) => without_user(text),
        other => other.to_string(),
    }
}

/// Where a secret is kept, and whether it is there; never what it is.
fn secret(table: &Table) -> Option<String> {
    let (key, Value::String(name)) = table.iter().next().filter(|_| table.len() == 1)? else {
        return None;
    };
    match key.as_str() {
        "env" => {
            let state = std::env::var_os(name).map_or("not set", |_| "set");
            Some(format!("environment variable {name} ({state})"))
        }
        "file" => {
            let state = match std::path::Path::new(name).is_file() {
                true => "there",
                false => "not there",
            };
            Some(format!("file {name} ({state})"))
        }
        "keyring" => Some(format!("keyring entry {name}")),
        _ => None,
    }
}

/// An address without user and password.
fn without_user(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, before)), Some((_, host))) if before.contains(':') || scheme == "http" => {
            format!("{scheme}://…@{host}")
        }
        _ => text.to_owned(),
    }
}
