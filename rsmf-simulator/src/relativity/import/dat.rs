//! Load files, taken apart.

use super::settings::SourceSettings;

/// All records of a load file, the names of its columns first where there are such.
pub(super) fn records(bytes: &[u8], settings: &SourceSettings) -> Result<Vec<Vec<String>>, String> {
    let text = decoded(bytes, settings.is_utf16)?;
    let mut reader = Reader {
        settings,
        records: Vec::new(),
        record: Vec::new(),
        value: String::new(),
    };
    reader.read(text.strip_prefix('\u{feff}').unwrap_or(&text))?;
    Ok(reader.records)
}

fn decoded(bytes: &[u8], is_utf16: bool) -> Result<String, String> {
    if !is_utf16 {
        return String::from_utf8(bytes.to_vec())
            .map_err(|_| "The load file is not UTF-8.".to_owned());
    }
    let units: Vec<_> = bytes
        .chunks(2)
        .map(|pair| {
            u16::from_le_bytes([
                pair.first().copied().unwrap_or(0),
                pair.get(1).copied().unwrap_or(0),
            ])
        })
        .collect();
    String::from_utf16(&units).map_err(|_| "The load file is not UTF-16.".to_owned())
}

struct Reader<'a> {
    settings: &'a SourceSettings,
    records: Vec<Vec<String>>,
    record: Vec<String>,
    value: String,
}

impl Reader<'_> {
    fn read(&mut self, mut rest: &str) -> Result<(), String> {
        while !rest.is_empty() {
            rest = match rest.strip_prefix(self.settings.quote) {
                Some(inside) => self.quoted(inside)?,
                None => rest,
            };
            rest = self.plain(rest);
        }
        if !self.record.is_empty() {
            self.end_value();
            self.records.push(std::mem::take(&mut self.record));
        }
        Ok(())
    }

    /// What stands up to the closing quote; two of them are one that belongs to the value.
    fn quoted<'t>(&mut self, mut rest: &'t str) -> Result<&'t str, String> {
        let quote = self.settings.quote;
        loop {
            let missing = || {
                format!(
                    "A quote of record {} is never closed.",
                    self.records.len() + 1
                )
            };
            let (before, after) = rest.split_once(quote).ok_or_else(missing)?;
            self.value.push_str(before);
            rest = after;
            match rest.strip_prefix(quote) {
                Some(more) => {
                    self.value.push(quote);
                    rest = more;
                }
                None => return Ok(rest),
            }
        }
    }

    /// What stands up to the end of a value, and that end.
    fn plain<'t>(&mut self, rest: &'t str) -> &'t str {
        let (column, end) = (self.settings.column, self.settings.end_of_line);
        let next_column = rest.find(column).unwrap_or(rest.len());
        let next_end = rest.find(end).unwrap_or(rest.len());
        let (value, after) = rest.split_at(next_column.min(next_end));
        self.value.push_str(value);
        self.end_value();
        if next_column < next_end {
            return after.strip_prefix(column).unwrap_or(after);
        }
        let record = std::mem::take(&mut self.record);
        if record.iter().any(|value| !value.is_empty()) {
            self.records.push(record);
        }
        after.strip_prefix(end).unwrap_or(after)
    }

    fn end_value(&mut self) {
        let value = std::mem::take(&mut self.value);
        self.record.push(value.replace(self.settings.newline, "\n"));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Result<Vec<Vec<String>>, String> {
        let settings = json!({ "Path": "x", "Type": "LoadFile", "ColumnDelimiter": ",", "QuoteDelimiter": "\"" });
        records(text.as_bytes(), &SourceSettings::read(&settings).unwrap())
    }

    #[test]
    fn load_files_are_taken_apart() {
        for (text, found) in [
            ("", vec![]),
            (
                "\u{feff}A,B\r\n1,2\r\n",
                vec![vec!["A", "B"], vec!["1", "2"]],
            ),
            ("\"a\"\"b\",\"c,\r\nd\"\r\n", vec![vec!["a\"b", "c,\r\nd"]]),
            (
                "one\u{ae}two,\r\n\r\nx",
                vec![vec!["one\ntwo", ""], vec!["x"]],
            ),
            ("x,", vec![vec!["x", ""]]),
        ] {
            assert_eq!(read(text).unwrap(), found, "{text:?}");
        }
        assert!(read("\"open").is_err());
    }

    proptest::proptest! {
        #[test]
        fn what_is_quoted_comes_back(rows in proptest::collection::vec(proptest::collection::vec("[^\u{ae}]{1,9}", 1..4), 0..4)) {
            let quoted = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
            let lines = rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n");
            assert_eq!(read(&lines.collect::<String>()).unwrap(), rows);
        }

        #[test]
        fn any_bytes_are_records_or_an_error(bytes: Vec<u8>) {
            let settings = json!({ "Path": "x", "Type": 2, "QuoteDelimiter": "a", "ColumnDelimiter": "b" });
            let _ = records(&bytes, &SourceSettings::read(&settings).unwrap());
        }
    }

    #[test]
    fn load_files_may_be_utf_16() {
        let settings =
            json!({ "Path": "x", "Type": 2, "Encoding": "utf-16", "EndOfLine": "Linux" });
        let settings = SourceSettings::read(&settings).unwrap();
        let bytes: Vec<u8> = "\u{feff}þäþ\u{14}b\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(records(&bytes, &settings).unwrap(), [["ä", "b"]]);
    }
}
