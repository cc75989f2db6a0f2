//! Folders of this machine that stand for shares.

use std::path::{Path, PathBuf};

/// Which folder is which UNC path. Shares are the same whatever the case of their names; names below them
/// are not.
#[derive(Debug, Default, Clone)]
pub(crate) struct Shares(Vec<(String, PathBuf)>);

/// The only folders of a tenant that can be written to.
const WRITABLE: [&str; 4] = ["ARM", "ProcessingSource", "StructuredData", "TenantVM"];

impl Shares {
    /// The folder stands for this path from now on.
    pub(crate) fn map(&mut self, unc: &str, folder: &Path) {
        let unc = tidy(unc);
        self.0.retain(|(known, _)| *known != unc);
        self.0.push((unc, folder.to_owned()));
    }

    /// The paths that are mapped.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(unc, _)| unc.as_str())
    }

    /// The roots, `\\host\share`, of what is mapped, each once.
    pub(crate) fn roots(&self) -> Vec<String> {
        let mut roots: Vec<String> = Vec::new();
        for unc in self.paths() {
            let root = root(unc);
            if !roots.iter().any(|known| known.eq_ignore_ascii_case(&root)) {
                roots.push(root);
            }
        }
        roots
    }

    /// The paths from which data can be processed.
    pub(crate) fn processing_sources(&self) -> Vec<String> {
        let is_source = |unc: &&str| top(unc).eq_ignore_ascii_case("ProcessingSource");
        self.paths().filter(is_source).map(str::to_owned).collect()
    }

    /// Where a path lies on this machine; nothing where no share covers it, or it leads out of one.
    pub(crate) fn local(&self, unc: &str) -> Option<PathBuf> {
        let unc = tidy(unc);
        self.0.iter().find_map(|(share, folder)| {
            let rest = below(&unc, share)?;
            let mut path = folder.clone();
            for part in rest.split('\\').filter(|part| !part.is_empty()) {
                if matches!(part, "." | "..") {
                    return None;
                }
                path.push(part);
            }
            Some(path)
        })
    }

    /// Whether the path lies in one of the folders that can be written to, but is none of them itself.
    pub(crate) fn is_writable(&self, unc: &str) -> bool {
        let unc = tidy(unc);
        let is_top = WRITABLE
            .iter()
            .any(|name| name.eq_ignore_ascii_case(top(&unc)));
        is_top && unc.split('\\').count() > 5 && self.local(&unc).is_some()
    }
}

/// Whether this path is the other one or lies below it.
pub(crate) fn is_below(unc: &str, folder: &str) -> bool {
    below(&tidy(unc), &tidy(folder)).is_some()
}

fn below<'a>(unc: &'a str, folder: &str) -> Option<&'a str> {
    let start = unc.get(..folder.len())?;
    let rest = unc.get(folder.len()..)?;
    (start.eq_ignore_ascii_case(folder) && (rest.is_empty() || rest.starts_with('\\')))
        .then_some(rest)
}

/// Without slashes at the end, and all of them backward.
fn tidy(unc: &str) -> String {
    unc.replace('/', "\\").trim_end_matches('\\').to_owned()
}

fn root(unc: &str) -> String {
    unc.splitn(5, '\\').take(4).collect::<Vec<_>>().join("\\")
}

/// The first folder of the share.
fn top(unc: &str) -> &str {
    unc.split('\\').nth(4).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares() -> Shares {
        let mut shares = Shares::default();
        shares.map(r"\\files\T001\ProcessingSource\", Path::new("/in"));
        shares.map(r"\\FILES\t001\StructuredData", Path::new("/load"));
        shares
    }

    #[test]
    fn paths_lead_to_folders() {
        let shares = shares();
        let local = |unc| shares.local(unc);
        assert_eq!(
            local(r"\\FILES\T001\processingsource\Run\a"),
            Some("/in/Run/a".into())
        );
        assert_eq!(local(r"\\files\T001\ProcessingSource"), Some("/in".into()));
        assert_eq!(local(r"\\files\T001\ProcessingSources\a"), None);
        assert_eq!(local(r"\\files\T001\ProcessingSource\..\a"), None);
        assert_eq!(shares.roots(), [r"\\files\T001"]);
        assert_eq!(
            shares.processing_sources(),
            [r"\\files\T001\ProcessingSource"]
        );
    }

    #[test]
    fn four_folders_can_be_written_to() {
        let shares = shares();
        assert!(shares.is_writable(r"\\files\T001\ProcessingSource\run-1"));
        assert!(!shares.is_writable(r"\\files\T001\ProcessingSource"));
        assert!(!shares.is_writable(r"\\files\T001\Files\run-1"));
        assert!(!shares.is_writable(r"\\other\T001\ProcessingSource\run-1"));
    }
}
