//! Shows an RSMF file: `cargo run -p rsmf-view --example one_page -- FILE.rsmf PAGE.html`.

use std::{
    error::Error,
    fs::File,
    io::{BufReader, BufWriter},
};

use rsmf_view::{Files, Links, Options, Source, write_page};

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(page)) = (args.next(), args.next()) else {
        return Err("give an RSMF file and the page to write".into());
    };
    let mut source = Source::open(&file, BufReader::new(File::open(&file)?))?;
    let mut out = BufWriter::new(File::create(page)?);
    // Attachments too large for the page are only named on it.
    let mut files = Files::none();
    write_page(
        &mut source,
        &Options::default(),
        &mut files,
        &Links::default(),
        &mut out,
    )?;
    Ok(())
}
