//! What ssh_config(5) files say about a host.
//!
//! Read by own code, because it must say the same as `ssh -G` does: the crates there are take a `Match` block for
//! a part of the one before it, and look at the environment by themselves.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rsmf_core::{Error, Failure, Result};

use super::{glob, pattern, words};

/// How deep files may include others, as in OpenSSH.
const DEEPEST: usize = 16;

/// What takes one value and no more.
const TAKES_ONE: [&str; 11] = [
    "hostname",
    "user",
    "port",
    "identityfile",
    "certificatefile",
    "identitiesonly",
    "identityagent",
    "stricthostkeychecking",
    "hostkeyalias",
    "hashknownhosts",
    "canonicalizehostname",
];

/// What is asked about.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The host as it was given.
    pub(super) host: String,
    /// The user and the port, where they were given: nothing in a file changes them.
    pub(super) user: Option<String>,
    pub(super) port: Option<u16>,
    /// Who asks.
    pub(super) local_user: String,
    pub(super) home: Option<PathBuf>,
}

/// A file, and the folder from which the names of files that it includes start.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) file: PathBuf,
    pub(super) includes_from: Option<PathBuf>,
}

/// What the files say, as it is written there. What comes first counts, but for files of identities, which add up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Options {
    pub(super) host_name: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<String>,
    pub(super) identity_files: Vec<String>,
    pub(super) certificate_files: Vec<String>,
    pub(super) identities_only: Option<String>,
    pub(super) identity_agent: Option<String>,
    pub(super) proxy: Option<Proxy>,
    pub(super) user_known_hosts: Option<Vec<String>>,
    pub(super) global_known_hosts: Option<Vec<String>>,
    pub(super) strict: Option<String>,
    pub(super) host_key_alias: Option<String>,
    pub(super) hash_known_hosts: Option<String>,
    pub(super) canonicalize: Option<String>,
}

/// The way to a host that is not the straight one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Proxy {
    /// Over other hosts, with commas between.
    Jump(String),
    /// By the help of a program.
    Command(String),
}

/// Reads what the files say about a host. Files that are not there say nothing.
///
/// # Errors
/// [`InvalidInput`](Error::InvalidInput) for what nobody understands, [`Unsupported`](Error::Unsupported) for what is
/// not understood here and may change the answer.
pub(super) fn read(sources: &[Source], asked: &Asked) -> Result<Options> {
    let mut reader = Reader::new(asked);
    for source in sources {
        reader.file(source, true, 0)?;
    }
    Ok(reader.options)
}

struct Reader<'a> {
    asked: &'a Asked,
    options: Options,
    /// Where it is, for errors.
    place: String,
}

/// Reads one text as if it stood in a file, whatever it is; for tests.
#[cfg(feature = "testing")]
pub(super) fn read_text(bytes: &[u8], asked: &Asked) -> Result<Options> {
    let source = Source {
        file: "config".into(),
        includes_from: None,
    };
    let mut reader = Reader::new(asked);
    reader.text(bytes, &source, true, DEEPEST)?;
    Ok(reader.options)
}

impl<'a> Reader<'a> {
    fn new(asked: &'a Asked) -> Self {
        Self {
            asked,
            options: Options {
                user: asked.user.clone(),
                port: asked.port,
                ..Options::default()
            },
            place: String::new(),
        }
    }

    /// Reads a file. In one that is included where nothing applies, nothing does.
    fn file(&mut self, source: &Source, applies: bool, depth: usize) -> Result<()> {
        let bytes = match fs::read(&source.file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => {
                let file = source.file.display().to_string();
                return Err(Error::from_io("read the configuration", file, error));
            }
        };
        self.text(&bytes, source, applies, depth)
    }

    fn text(&mut self, bytes: &[u8], source: &Source, applies: bool, depth: usize) -> Result<()> {
        let mut active = applies;
        for (number, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
            self.place = format!("{}, line {}", source.file.display(), number + 1);
            let Some((keyword, words)) = words::split(line).map_err(|why| self.wrong(why))? else {
                continue;
            };
            match keyword.as_str() {
                "host" => active = applies && self.is_host(&words),
                "match" => active = applies && self.is_matched(&words)?,
                "include" => self.include(source, &words, active, depth)?,
                keyword if active => self.option(keyword, &words)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// The patterns of a `Host` line take upper and lower case apart, unlike others.
    fn is_host(&self, patterns: &[String]) -> bool {
        pattern::any_matches_exactly(patterns.iter().map(String::as_str), &self.asked.host)
    }

    /// Whether what a `Match` line asks for is so, of which only what is certain here is understood.
    fn is_matched(&self, words: &[String]) -> Result<bool> {
        let mut words = words.iter();
        let mut matched = true;
        while let Some(word) = words.next() {
            let (negated, criterion) = match word.strip_prefix('!') {
                Some(criterion) => (true, criterion),
                None => (false, word.as_str()),
            };
            let mut list = || {
                words
                    .next()
                    .ok_or_else(|| self.wrong("a Match lacks a pattern"))
            };
            let criterion = criterion.to_lowercase();
            let name = match criterion.as_str() {
                "all" => None,
                "host" => Some((list()?, self.options.real_host(&self.asked.host)?)),
                "originalhost" => Some((list()?, self.asked.host.clone())),
                "user" => Some((list()?, self.user())),
                "localuser" => Some((list()?, self.asked.local_user.clone())),
                other => return Err(self.not_understood(&format!("Match {other}"))),
            };
            let is_so = name.is_none_or(|(list, name)| match criterion.ends_with("host") {
                true => pattern::any_matches(list.split(','), &name),
                false => pattern::any_matches_exactly(list.split(','), &name),
            });
            matched &= is_so != negated;
        }
        Ok(matched)
    }

    fn include(
        &mut self,
        source: &Source,
        words: &[String],
        active: bool,
        depth: usize,
    ) -> Result<()> {
        if depth >= DEEPEST {
            return Err(self.wrong("files include each other without end"));
        }
        for word in words {
            let path = self.included(source, word)?;
            for file in glob::files(&path) {
                let included = Source {
                    file,
                    includes_from: source.includes_from.clone(),
                };
                self.file(&included, active, depth + 1)?;
            }
        }
        Ok(())
    }

    fn included(&self, source: &Source, word: &str) -> Result<PathBuf> {
        if let Some(rest) = word.strip_prefix("~/") {
            let home = self.asked.home.as_ref();
            return Ok(home
                .ok_or_else(|| self.wrong("no home is known"))?
                .join(rest));
        }
        let path = Path::new(word);
        match &source.includes_from {
            Some(folder) if path.is_relative() => Ok(folder.join(path)),
            _ => Ok(path.to_owned()),
        }
    }

    fn option(&mut self, keyword: &str, words: &[String]) -> Result<()> {
        if words.len() > 1 && TAKES_ONE.contains(&keyword) {
            return Err(self.wrong("there is one value too many"));
        }
        let first = words.first().cloned();
        let options = &mut self.options;
        let place = match keyword {
            "hostname" => &mut options.host_name,
            "user" => &mut options.user,
            "identitiesonly" => &mut options.identities_only,
            "identityagent" => &mut options.identity_agent,
            "stricthostkeychecking" => &mut options.strict,
            "hostkeyalias" => &mut options.host_key_alias,
            "hashknownhosts" => &mut options.hash_known_hosts,
            "canonicalizehostname" => &mut options.canonicalize,
            _ => return self.other_option(keyword, words),
        };
        let value = first.filter(|word| !word.is_empty());
        match value {
            Some(value) => {
                place.get_or_insert(value);
                Ok(())
            }
            None => Err(self.wrong("a value is missing")),
        }
    }

    fn other_option(&mut self, keyword: &str, words: &[String]) -> Result<()> {
        let missing = || self.wrong("a value is missing");
        match keyword {
            "port" => {
                let port = words.first().ok_or_else(missing)?.parse::<u16>();
                let port = port.ok().filter(|port| *port > 0);
                let port = port.ok_or_else(|| self.wrong("that is no port"))?;
                self.options.port.get_or_insert(port);
            }
            "identityfile" | "certificatefile" => {
                let file = words.first().ok_or_else(missing)?.clone();
                let files = match keyword {
                    "identityfile" => &mut self.options.identity_files,
                    _ => &mut self.options.certificate_files,
                };
                if !files.contains(&file) {
                    files.push(file);
                }
            }
            "userknownhostsfile" => {
                self.options.user_known_hosts.get_or_insert(words.to_vec());
            }
            "globalknownhostsfile" => {
                self.options
                    .global_known_hosts
                    .get_or_insert(words.to_vec());
            }
            "proxyjump" => {
                let jump = Proxy::Jump(words.concat());
                self.options.proxy.get_or_insert(jump);
            }
            "proxycommand" => {
                let command = Proxy::Command(words.join(" "));
                self.options.proxy.get_or_insert(command);
            }
            // What `ssh` would refuse by these must not be let through.
            "revokedhostkeys" | "knownhostscommand" if !is_word(words, "none") => {
                return Err(self.not_understood(keyword));
            }
            "pubkeyauthentication" if is_word(words, "no") => {
                return Err(self.not_understood("PubkeyAuthentication no"));
            }
            // Whatever else `ssh` does with a connection does not matter here.
            _ => {}
        }
        Ok(())
    }

    /// Who logs in, as far as is known by now.
    fn user(&self) -> String {
        let user = self.options.user.as_ref();
        user.unwrap_or(&self.asked.local_user).clone()
    }

    fn wrong(&self, why: &'static str) -> Error {
        Failure::new("read", self.place.clone())
            .source(why)
            .invalid_input()
    }

    fn not_understood(&self, what: &str) -> Error {
        Failure::new("read", self.place.clone())
            .source(format!(
                "`{what}` is not understood here, and may change how this host is reached"
            ))
            .advice("name another file as `ssh_config`, or \"none\" and the rest in the profile")
            .unsupported()
    }
}

fn is_word(words: &[String], wanted: &str) -> bool {
    words
        .first()
        .is_some_and(|word| word.eq_ignore_ascii_case(wanted))
}

impl Options {
    /// The name or address to connect to: `%h` stands for the host as it was given.
    pub(super) fn real_host(&self, asked: &str) -> Result<String> {
        let Some(name) = &self.host_name else {
            return Ok(asked.to_lowercase());
        };
        let mut out = String::new();
        let mut letters = name.chars();
        while let Some(letter) = letters.next() {
            match letter {
                '%' => match letters.next() {
                    Some('%') => out.push('%'),
                    Some('h') => out.push_str(asked),
                    _ => {
                        return Err(Failure::new("use", format!("the host name {name}"))
                            .source("only %h and %% stand for something in it")
                            .invalid_input());
                    }
                },
                letter => out.push(letter),
            }
        }
        // A zone of an address keeps its case.
        Ok(match out.contains('%') {
            true => out,
            false => out.to_lowercase(),
        })
    }
}

#[cfg(test)]
mod tests;
