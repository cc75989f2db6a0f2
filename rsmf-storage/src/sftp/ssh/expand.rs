//! What stands for something else in the names of files in ssh_config(5), TOKENS.

use std::path::{Path, PathBuf};

use rsmf_core::{Error, Failure, Result, secret::SecretSource};

/// What the tokens stand for.
pub(super) struct Expansion<'a> {
    pub(super) asked: &'a str,
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) user: &'a str,
    pub(super) alias: Option<&'a str>,
    pub(super) local_user: &'a str,
    pub(super) home: Option<&'a Path>,
    pub(super) secrets: &'a dyn SecretSource,
}

impl Expansion<'_> {
    /// The files of these names; `none` is no file.
    pub(super) fn files(&self, names: &[String]) -> Result<Vec<PathBuf>> {
        let names = names
            .iter()
            .filter(|name| !name.eq_ignore_ascii_case("none"));
        names.map(|name| self.file(name)).collect()
    }

    fn file(&self, name: &str) -> Result<PathBuf> {
        let wrong = |why: &'static str| wrong(name, why);
        let mut out = String::new();
        let mut rest = name;
        if let Some(below) = name.strip_prefix("~/") {
            out.push_str(&self.home(name)?);
            out.push('/');
            rest = below;
        }
        while let Some(at) = rest.find(['%', '$']) {
            let (before, from) = rest.split_at(at);
            out.push_str(before);
            rest = if let Some(variable) = from.strip_prefix("${") {
                let (variable, after) = variable
                    .split_once('}')
                    .ok_or_else(|| wrong("a `}` is missing"))?;
                let value = self.secrets.env(variable);
                out.push_str(
                    &value.ok_or_else(|| wrong("an environment variable in it is not set"))?,
                );
                after
            } else if let Some(token) = from.strip_prefix('%') {
                let letter = token.chars().next().unwrap_or_default();
                out.push_str(&self.token(letter, name)?);
                token.get(letter.len_utf8()..).unwrap_or_default()
            } else {
                out.push('$');
                from.get(1..).unwrap_or_default()
            };
        }
        out.push_str(rest);
        Ok(out.into())
    }

    fn token(&self, letter: char, name: &str) -> Result<String> {
        Ok(match letter {
            '%' => "%".to_owned(),
            'd' => self.home(name)?,
            'h' => self.host.to_owned(),
            'k' => self.alias.unwrap_or(self.asked).to_owned(),
            'n' => self.asked.to_owned(),
            'p' => self.port.to_string(),
            'r' => self.user.to_owned(),
            'u' => self.local_user.to_owned(),
            _ => {
                return Err(wrong(
                    name,
                    "only %% %d %h %k %n %p %r %u stand for something in it",
                ));
            }
        })
    }

    fn home(&self, name: &str) -> Result<String> {
        let home = self.home.ok_or_else(|| wrong(name, "no home is known"))?;
        Ok(home.display().to_string())
    }
}

fn wrong(name: &str, why: &'static str) -> Error {
    Failure::new("use", format!("{name} in the SSH configuration"))
        .source(why)
        .invalid_input()
}
