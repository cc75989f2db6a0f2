//! Paths as URIs.

use std::path::Path;

use url::Url;

/// The URI of `path`: relative to the folder `base` if it lies in there, else absolute. A path
/// that no URI can express stays as it is shown.
pub(super) fn of(path: &Path, base: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| base.join(path));
    let parts = (
        Url::from_file_path(&absolute),
        Url::from_directory_path(base),
    );
    match parts {
        (Ok(file), Ok(base)) if file.path().starts_with(base.path()) => base
            .make_relative(&file)
            .unwrap_or_else(|| file.to_string()),
        (Ok(file), _) => file.to_string(),
        _ => path.display().to_string(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn is_relative_within_the_base_and_absolute_elsewhere() {
        let base = Path::new("/matter 42");
        assert_eq!(
            of(Path::new("/matter 42/out/ä b.rsmf"), base),
            "out/%C3%A4%20b.rsmf"
        );
        assert_eq!(
            of(Path::new("/other/a#b.rsmf"), base),
            "file:///other/a%23b.rsmf"
        );
    }
}
