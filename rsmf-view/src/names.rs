//! Names for files that are safe on every system, whatever names chats give them.

use std::collections::{HashMap, hash_map::Entry};

use crate::text::visible;

/// How a browser meets a file of this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// It lies beside the page and is opened by a click. Only kinds that no browser runs keep
    /// their extension; others get `.bin`.
    Opened,
    /// It is part of the page and can only be saved. Only what a double click would run gets
    /// `.bin`.
    Saved,
}

/// Kinds that browsers show or save, by extension, without looking into the file.
const SHOWN: &[&str] = &[
    "bmp", "csv", "doc", "docx", "gif", "gz", "jpeg", "jpg", "json", "m4a", "mp3", "mp4", "ogg",
    "pdf", "png", "ppt", "pptx", "rtf", "txt", "wav", "webm", "webp", "xls", "xlsx", "zip",
];

/// Kinds that a double click runs, in a browser or in the system.
const RUN: &[&str] = &[
    "app", "bat", "cmd", "com", "command", "cpl", "desktop", "dll", "exe", "hta", "htm", "html",
    "inf", "jar", "js", "jse", "lnk", "mht", "mhtml", "mjs", "msi", "pif", "ps1", "reg", "scf",
    "scr", "sh", "shtml", "svg", "svgz", "swf", "url", "vb", "vbe", "vbs", "webloc", "website",
    "wsf", "wsh", "xht", "xhtml", "xml", "xsl", "xslt",
];

/// Names that Windows keeps for devices.
const DEVICES: &[&str] = &["aux", "clock$", "con", "conin$", "conout$", "nul", "prn"];

/// Bytes; with a number and an extension it stays within every system's limit.
const LONGEST: usize = 120;

/// A name for a file that lies in no other folder than meant, that no system refuses, and that
/// does not run when it is opened.
///
/// ```
/// use rsmf_view::{NameKind, safe_name};
///
/// assert_eq!(safe_name("../../etc/passwd", NameKind::Saved), "passwd");
/// assert_eq!(safe_name("con.txt", NameKind::Saved), "_con.txt");
/// assert_eq!(safe_name("page.html", NameKind::Opened), "page.html.bin");
/// ```
pub fn safe_name(name: &str, kind: NameKind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut safe: String = visible(last)
        .chars()
        .map(|c| if is_unsafe(c) { '_' } else { c })
        .collect();
    safe = safe.trim_matches([' ', '.']).to_owned();
    safe = shorten(&safe);
    let stem = safe.split('.').next().unwrap_or_default().trim_end();
    if safe.is_empty() || is_device(stem) {
        safe.insert(0, '_');
    }
    let extension = safe.rsplit_once('.').map(|(_, end)| end.to_lowercase());
    let listed = |list: &[&str]| extension.as_deref().is_some_and(|end| list.contains(&end));
    let keep = match kind {
        NameKind::Opened => listed(SHOWN),
        NameKind::Saved => !listed(RUN),
    };
    if keep { safe } else { safe + ".bin" }
}

/// `#`, `%` and `?` are harmless in files but not in the addresses of links.
fn is_unsafe(character: char) -> bool {
    character.is_control() || "<>:\"|?*#%\u{200E}\u{200F}\u{061C}".contains(character)
}

fn is_device(stem: &str) -> bool {
    let stem = stem.to_lowercase();
    let numbered = stem.strip_prefix("com").or(stem.strip_prefix("lpt"));
    let digits = [
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³",
    ];
    DEVICES.contains(&stem.as_str()) || numbered.is_some_and(|rest| digits.contains(&rest))
}

/// Cuts the stem and keeps a short extension.
fn shorten(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, end)) if end.len() <= 10 => (stem, format!(".{end}")),
        _ => (name, String::new()),
    };
    let end = stem.floor_char_boundary(LONGEST - extension.len());
    let cut = stem
        .get(..end)
        .unwrap_or_default()
        .trim_end_matches([' ', '.']);
    format!("{cut}{extension}")
}

/// Hands out names of which no two are the same on any system, also where case does not count.
///
/// ```
/// let mut names = rsmf_view::Names::default();
/// assert_eq!(names.claim("a.txt"), "a.txt");
/// assert_eq!(names.claim("A.txt"), "A-2.txt");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Names(
    /// With the last number that was tried for it.
    HashMap<String, usize>,
);

impl Names {
    /// The name itself, or with a number where it is taken.
    pub fn claim(&mut self, name: &str) -> String {
        let (stem, extension) = match name.split_once('.') {
            Some((stem, _)) => name.split_at(stem.len()),
            None => (name, ""),
        };
        let key = name.to_lowercase();
        let Some(mut number) = self.0.get(&key).copied() else {
            self.0.insert(key, 1);
            return name.to_owned();
        };
        loop {
            number += 1;
            let free = format!("{stem}-{number}{extension}");
            if let Entry::Vacant(vacant) = self.0.entry(free.to_lowercase()) {
                vacant.insert(1);
                self.0.insert(key, number);
                return free;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn many_of_one_name_take_no_time() {
        let mut names = Names::default();
        assert_eq!(names.claim("a-3.txt"), "a-3.txt");
        // One by one from 1, it would be minutes.
        let last = (0..100_000).map(|_| names.claim("a.txt")).last();
        assert_eq!(last.unwrap(), "a-100001.txt");
        assert_eq!(names.claim("A-3.txt"), "A-3-2.txt");
    }

    #[test]
    fn hostile_names_become_harmless() {
        for (name, safe) in [
            ("C:\\Windows\\a.pdf", "a.pdf"),
            ("..", "_.bin"),
            ("", "_.bin"),
            ("a\u{202E}fdp.exe", "a[U+202E]fdp.exe.bin"),
            ("COM1.pdf", "_COM1.pdf"),
            ("lpt9 .pdf", "_lpt9 .pdf"),
            ("a?b#c%d.png", "a_b_c_d.png"),
            ("x.SVG", "x.SVG.bin"),
            ("noext", "noext.bin"),
        ] {
            assert_eq!(safe_name(name, NameKind::Opened), safe, "{name:?}");
        }
        assert_eq!(safe_name("plan.ics", NameKind::Saved), "plan.ics");
        assert_eq!(safe_name("a.HTML", NameKind::Saved), "a.HTML.bin");
        let long = safe_name(&("ä".repeat(300) + ".pdf"), NameKind::Opened);
        assert!(long.len() <= LONGEST && long.ends_with("ä.pdf"), "{long}");
    }

    proptest! {
        #[test]
        fn any_name_stays_in_its_folder(name in "\\PC*|[a-z./\\\\:\\x00-\\x1F ]*") {
            for kind in [NameKind::Opened, NameKind::Saved] {
                let safe = safe_name(&name, kind);
                prop_assert!(!safe.contains(['/', '\\', ':', '\0', '#', '%', '?']));
                prop_assert!(!safe.starts_with('.') && !safe.ends_with(['.', ' ']));
                prop_assert!(!safe.is_empty() && safe.len() <= LONGEST + 10);
            }
        }
    }
}
