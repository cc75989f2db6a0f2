//! Archives that are no zip files, by how they begin.

/// How much of a file tells which kind it is of.
pub(super) const LOOKED_AT: u64 = 512;

/// How each kind begins, or where it says what it is.
const KINDS: [(usize, &[u8], &str); 7] = [
    (0, b"\x1F\x8B", "a gzip file (such as .tar.gz)"),
    (0, b"7z\xBC\xAF\x27\x1C", "a 7-Zip archive (.7z)"),
    (0, b"Rar!\x1A\x07", "a RAR archive (.rar)"),
    (0, b"\xFD7zXZ\0", "an xz file (such as .tar.xz)"),
    (0, b"BZh", "a bzip2 file (such as .tar.bz2)"),
    (
        0,
        b"\x28\xB5\x2F\xFD",
        "a Zstandard file (such as .tar.zst)",
    ),
    (257, b"ustar", "a tar archive (.tar)"),
];

/// What a file is, where that is known.
pub(super) fn of(start: &[u8]) -> Option<&'static str> {
    let says = |(at, sign, _): &&(usize, &[u8], &str)| {
        start.get(*at..).is_some_and(|rest| rest.starts_with(sign))
    };
    KINDS.iter().find(says).map(|(.., kind)| *kind)
}

/// Whether a file that is called so is most likely an archive.
#[cfg(feature = "slack")]
pub(crate) fn is_archive(name: &str) -> bool {
    const ENDINGS: [&str; 8] = ["zip", "7z", "rar", "tar", "gz", "tgz", "xz", "bz2"];
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}
