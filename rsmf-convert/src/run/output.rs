//! Files on their way into the store, the reports among them.

use std::io::{self, BufWriter, IntoInnerError, Write};

use rsmf_core::integration::{ObjectMeta, PutMode, PutOptions, StorePath};
use tempfile::SpooledTempFile;

use super::{
    Converter, DOWNLOADS, EXCEPTIONS, FILES, PAGE, REPORT, parts::Step, pieces::Pieces,
    record::Record,
};
use crate::{
    Error, Report, Result, TableReport,
    hashing::Hashing,
    ledger::{Ledger, Tables},
    page,
    render::{SPOOL, temporary},
    report::Summary,
};

impl Converter {
    /// Writes the files of a step, in this mode if any.
    pub(super) async fn upload(&self, step: Step, mode: Option<PutMode>) -> Result<Record> {
        let (files, exceptions, downloads) = match step {
            Step::Files(files, exceptions, downloads) => (files, exceptions, downloads),
            Step::Exceptions(exceptions) => return Ok(Record::Exceptions(exceptions)),
            Step::End(tally) => return Ok(Record::End(tally)),
        };
        let mut records = Vec::with_capacity(files.len());
        for mut file in files {
            let content = std::mem::replace(&mut file.rendered.content, SpooledTempFile::new(0));
            if let Some(mode) = mode {
                let pieces = Pieces::new(content)?;
                self.put(&file.name, pieces, "message/rfc822", mode).await?;
            }
            records.push(file.into_record());
        }
        Ok(Record::Files(records, exceptions, downloads))
    }

    async fn put(
        &self,
        name: &str,
        mut pieces: Pieces,
        media_type: &'static str,
        mode: PutMode,
    ) -> Result<ObjectMeta> {
        let path = StorePath::new(name).map_err(Error::Output)?;
        let options = match mode {
            PutMode::Create => PutOptions::default().create(),
            PutMode::Overwrite => PutOptions::default(),
        };
        let mut upload = self
            .output
            .put(&path, options.content_type(media_type))
            .await
            .map_err(Error::Output)?;
        while let Some(piece) = pieces.next()? {
            upload.write(piece).await.map_err(Error::Output)?;
        }
        upload.finish().await.map_err(Error::Output)
    }

    pub(super) async fn write_reports(
        &self,
        report: &mut Report,
        summary: &Summary,
        ledger: Ledger,
        mode: PutMode,
    ) -> Result<()> {
        let Tables {
            exceptions,
            files,
            downloads,
        } = ledger.finish()?;
        let downloads = self.fetcher.is_some().then_some((DOWNLOADS, downloads));
        let always = [(EXCEPTIONS, exceptions), (FILES, files)];
        for (name, table) in always.into_iter().chain(downloads) {
            report.tables.push(TableReport::new(name, &table));
            self.put(name, Pieces::new(table.inner)?, "text/csv", mode)
                .await?;
        }
        let platform = self.source.platform().display;
        let page = page::render(report, platform, &summary.samples)?;
        let mut hashed = Hashing::new(Vec::new());
        hashed.write_all(page.as_bytes()).map_err(temporary)?;
        let page = hashed.finish();
        report.tables.push(TableReport::new(PAGE, &page));
        let page = Pieces::Memory(Some(page.inner.into()));
        self.put(PAGE, page, "text/html", mode).await?;
        let json = Pieces::new(to_json(report).map_err(temporary)?)?;
        self.put(REPORT, json, "application/json", mode).await?;
        Ok(())
    }
}

/// The report as JSON: some hundred bytes for each conversation.
fn to_json(report: &Report) -> io::Result<SpooledTempFile> {
    let mut json = BufWriter::new(SpooledTempFile::new(SPOOL));
    serde_json::to_writer_pretty(&mut json, report)?;
    json.write_all(b"\n")?;
    json.into_inner().map_err(IntoInnerError::into_error)
}
