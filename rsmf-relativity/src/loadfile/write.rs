//! Writing load files.

use std::io::Write;

use rsmf_core::{Error, Failure, Result};

use super::{Encoding, LoadFileFormat};

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Value<'v> {
    /// A text, which may have several lines.
    Text(&'v str),
    /// Several values of one column, such as choices.
    Many(&'v [&'v str]),
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

/// Writes a load file: a line with the names of the columns, then a line per record, each ended by CRLF.
///
/// ```
/// use rsmf_relativity::{LoadFileFormat, LoadFileWriter};
///
/// let mut file = Vec::new();
/// let mut writer = LoadFileWriter::new(&mut file, LoadFileFormat::default(), &["Control Number", "FILE_PATH"])?;
/// writer.record(&["RSMF0001".into(), r".\NATIVES\a.rsmf".into()])?;
/// writer.finish()?;
/// let text = String::from_utf8(file)?;
/// assert_eq!(text, "\u{feff}þControl Numberþ\u{14}þFILE_PATHþ\r\nþRSMF0001þ\u{14}þ.\\NATIVES\\a.rsmfþ\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct LoadFileWriter<W> {
    out: W,
    format: LoadFileFormat,
    columns: usize,
    line: String,
}

impl<W: Write> LoadFileWriter<W> {
    /// Begins a file with these columns. `out` should be buffered.
    ///
    /// # Errors
    /// Whatever `out` meets; [`InvalidInput`](Error::InvalidInput) where there is no column or a name holds
    /// what stands for a line break.
    pub fn new(out: W, format: LoadFileFormat, columns: &[&str]) -> Result<Self> {
        if columns.is_empty() {
            return Err(wrong("there are no columns"));
        }
        let mut writer = Self {
            out,
            format,
            columns: columns.len(),
            line: String::from('\u{FEFF}'),
        };
        let names: Vec<_> = columns.iter().map(|name| Value::Text(name)).collect();
        writer.record(&names)?;
        Ok(writer)
    }

    /// Writes a record, a value for each column.
    ///
    /// # Errors
    /// [`InvalidInput`](Error::InvalidInput) where the number of values is another one than that of columns, or a
    /// value holds a character that would be read as something else; whatever the writer meets.
    pub fn record(&mut self, values: &[Value<'_>]) -> Result<()> {
        if values.len() != self.columns {
            return Err(wrong(format!(
                "a record has {} values for {} columns",
                values.len(),
                self.columns
            )));
        }
        for (index, value) in values.iter().enumerate() {
            if index > 0 {
                self.line.push(self.format.column);
            }
            self.line.push(self.format.quote);
            self.value(*value)?;
            self.line.push(self.format.quote);
        }
        self.line.push_str("\r\n");
        self.flush()
    }

    /// Ends the file and gives back where it was written to.
    ///
    /// # Errors
    /// Whatever the writer meets.
    pub fn finish(mut self) -> Result<W> {
        self.out.flush().map_err(failed)?;
        Ok(self.out)
    }

    fn value(&mut self, value: Value<'_>) -> Result<()> {
        let several = match value {
            Value::Text(text) => return self.text(text),
            Value::Many(several) => several,
        };
        for (index, one) in several.iter().enumerate() {
            self.refuse(
                one,
                self.format.multi_value,
                "the end of one of several values",
            )?;
            if index > 0 {
                self.line.push(self.format.multi_value);
            }
            self.text(one)?;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<()> {
        let LoadFileFormat { quote, newline, .. } = self.format;
        self.refuse(text, newline, "a line break")?;
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '\r' if characters.peek() == Some(&'\n') => {}
                '\r' | '\n' => self.line.push(newline),
                c if c == quote => self.line.extend([quote, quote]),
                c => self.line.push(c),
            }
        }
        Ok(())
    }

    fn refuse(&self, text: &str, delimiter: char, meaning: &str) -> Result<()> {
        match text.contains(delimiter) {
            false => Ok(()),
            true => Err(wrong(format!(
                "a value holds {delimiter:?}, which would be read as {meaning}; choose another delimiter"
            ))),
        }
    }

    fn flush(&mut self) -> Result<()> {
        let written = match self.format.encoding {
            Encoding::Utf8 => self.out.write_all(self.line.as_bytes()),
            Encoding::Utf16 => {
                let units = self.line.encode_utf16().flat_map(u16::to_le_bytes);
                self.out.write_all(&units.collect::<Vec<_>>())
            }
        };
        self.line.clear();
        written.map_err(failed)
    }
}

fn wrong(why: impl Into<String>) -> Error {
    Failure::new("write", "the load file")
        .source(why.into())
        .invalid_input()
}

fn failed(error: std::io::Error) -> Error {
    Error::from_io("write", "the load file", error)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(format: LoadFileFormat, rows: &[&[Value<'_>]]) -> Result<Vec<u8>> {
        let columns = ["Control Number", "FILE_PATH", "Notes"];
        let mut writer = LoadFileWriter::new(Vec::new(), format, &columns)?;
        for row in rows {
            writer.record(row)?;
        }
        writer.finish()
    }

    /// What a reader of such files makes of a line: the values between the quotes.
    fn read(text: &str) -> Vec<Vec<String>> {
        let lines = text.trim_start_matches('\u{feff}').split_terminator("\r\n");
        let values = |line: &str| {
            let inner = line.strip_prefix('þ').unwrap().strip_suffix('þ').unwrap();
            let values = inner.split("þ\u{14}þ");
            values
                .map(|value| value.replace("þþ", "þ").replace('®', "\n"))
                .collect()
        };
        lines.map(values).collect()
    }

    const ROWS: &[&[Value<'static>]] = &[
        &[
            Value::Text("RSMF0001"),
            Value::Text(r".\VOL01\a ü.rsmf"),
            Value::Text("one\r\ntwo\nthree"),
        ],
        &[
            Value::Text("RSMF0002"),
            Value::Text(r".\VOL01\þ.rsmf"),
            Value::Many(&["a", "b c"]),
        ],
        &[
            Value::Text("RSMF0003"),
            Value::Text(""),
            Value::Text("a;b\\c"),
        ],
    ];

    #[test]
    fn the_bytes_are_those_that_were_agreed() {
        for (encoding, golden) in [
            (
                Encoding::Utf8,
                &include_bytes!("../../tests/golden/utf8.dat")[..],
            ),
            (
                Encoding::Utf16,
                &include_bytes!("../../tests/golden/utf16.dat")[..],
            ),
        ] {
            let bytes = written(LoadFileFormat::default().encoding(encoding), ROWS).unwrap();
            assert!(
                bytes == golden,
                "{encoding:?}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }

    #[test]
    fn what_would_be_read_as_something_else_is_refused() {
        let row = |value| [Value::Text("a"), Value::Text("b"), value];
        for value in [
            Value::Text("Acme®"),
            Value::Many(&["a;b"]),
            Value::Many(&["®"]),
        ] {
            let error = written(LoadFileFormat::default(), &[&row(value)]).unwrap_err();
            assert_eq!(error.kind(), rsmf_core::Kind::InvalidInput);
        }
        assert!(written(LoadFileFormat::default(), &[&[Value::Text("a")]]).is_err());
        assert!(LoadFileWriter::new(Vec::new(), LoadFileFormat::default(), &[]).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(values in prop::collection::vec("[^®\r\u{14}þ]*", 3)) {
            let row: Vec<_> = values.iter().map(|value| Value::Text(value)).collect();
            let bytes = written(LoadFileFormat::default(), &[&row]).unwrap();
            let rows = read(std::str::from_utf8(&bytes).unwrap());
            prop_assert_eq!(&rows[1], &values);
        }
    }
}
