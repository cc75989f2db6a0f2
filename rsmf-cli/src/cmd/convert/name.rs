//! What the reports call the input.

use std::path::Path;

use rsmf_storage::Location;

use crate::config::Config;

/// Where public links of Nextcloud lie: who knows the part behind it gets in.
const LINKS: &str = "public.php/dav/files";

/// The name of the file or folder at an address. Its path is nobody's business to whom the reports
/// are given, and makes no difference to what is converted.
pub(super) fn of(config: &Config, address: &str) -> String {
    match config.stores.locate(address) {
        Ok((Location::Local(path), _)) => local(&path),
        Ok((elsewhere, _)) => remote(&elsewhere.to_string()),
        // What is wrong with it is told where it is opened.
        Err(_) => String::new(),
    }
}

/// `.` and `..` are called as the folders that they stand for.
fn local(path: &Path) -> String {
    let real = || path.canonicalize().ok()?.file_name().map(Into::into);
    let name = path.file_name().map(Into::into).or_else(real);
    name.map_or_else(
        || "the whole disk".to_owned(),
        |name: std::ffi::OsString| name.to_string_lossy().into_owned(),
    )
}

fn remote(address: &str) -> String {
    let place = address.split_once("://").map_or(address, |(_, rest)| rest);
    let place = place.trim_end_matches('/');
    match place.rsplit_once('/') {
        Some((folder, _)) if folder.ends_with(LINKS) => "a shared folder".to_owned(),
        Some((_, name)) => name.to_owned(),
        // A bucket, or a host; who asks it stands before.
        None => place.rsplit('@').next().unwrap_or(place).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_last_part_of_an_address() {
        let config = Config::default();
        for (address, name) in [
            ("in.zip", "in.zip"),
            ("/matters/42/my export/", "my export"),
            ("/", "the whole disk"),
            ("s3://matters/acme/export.zip", "export.zip"),
            ("s3://matters", "matters"),
            ("az://account/box/a@b.zip", "a@b.zip"),
            ("sftp://ada@host:22/in/a.zip", "a.zip"),
            ("sftp://ada@host/", "host"),
            (
                "dav+https://host/public.php/dav/files/pl4nted/",
                "a shared folder",
            ),
            ("nowhere://a", ""),
        ] {
            assert_eq!(of(&config, address), name, "{address}");
        }
        let here = std::env::current_dir().unwrap();
        let here = here.file_name().unwrap().to_str().unwrap();
        assert_eq!([of(&config, "."), of(&config, "./")], [here, here]);
    }
}
