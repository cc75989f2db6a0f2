//! The load file of a folder of RSMF files.

use super::{LoadFileFormat, LoadFileWriter};
use crate::SourceFile;

/// The columns: control numbers, and where the files are.
const COLUMNS: [&str; 3] = ["Control Number", "FILE_PATH", "File Name"];
/// How many digits control numbers have.
const DIGITS: usize = 8;

/// A load file with a record for each file: its control number, which is `prefix` and a number of eight digits; its path,
/// which begins with `natives` and has the separators of Windows; its name.
///
/// ```
/// use rsmf_core::integration::StorePath;
/// use rsmf_relativity::{LoadFileFormat, SourceFile, load_file_of};
///
/// let path = StorePath::new("out/x/a.rsmf")?;
/// let files = [SourceFile { name: "x/a.rsmf".to_owned(), path, size: 1 }];
/// let file = load_file_of(&LoadFileFormat::default(), &files, r".\VOL01\", "AC")?;
/// let text = String::from_utf8(file)?;
/// assert!(text.ends_with("þAC00000001þ\u{14}þ.\\VOL01\\x\\a.rsmfþ\u{14}þa.rsmfþ\r\n"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`InvalidInput`](rsmf_core::Error::InvalidInput) for a name that would be read as something else.
pub fn of_files(
    format: &LoadFileFormat,
    files: &[SourceFile],
    natives: &str,
    prefix: &str,
) -> rsmf_core::Result<Vec<u8>> {
    let mut writer = LoadFileWriter::new(Vec::new(), format.clone(), &COLUMNS)?;
    for (index, file) in files.iter().enumerate() {
        let number = format!("{prefix}{:0width$}", index + 1, width = DIGITS);
        let below = file.name.replace('/', "\\");
        let path = format!("{}\\{below}", natives.trim_end_matches('\\'));
        let name = below.rsplit('\\').next().unwrap_or_default();
        writer.record(&[number.as_str().into(), path.as_str().into(), name.into()])?;
    }
    writer.finish()
}
