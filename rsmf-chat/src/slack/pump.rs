//! Brings the bytes of an entry to a [`RecordReader`].

use futures_util::TryStreamExt;
use rsmf_core::{Kind, Result, integration::ByteStream, workers::Workers};

use super::records::{RecordReader, Visitor};

/// An entry that is being read record by record.
pub(crate) struct Pump {
    stream: ByteStream,
    reader: RecordReader,
    damage: Option<String>,
}

impl Pump {
    pub(crate) fn new(stream: ByteStream, max_record: usize) -> Self {
        Self {
            stream,
            reader: RecordReader::new(max_record),
            damage: None,
        }
    }

    /// Fetches some bytes and hands their records to the visitor; `true` as long as there is more.
    pub(crate) async fn step<V>(&mut self, workers: &Workers, mut visitor: V) -> Result<(V, bool)>
    where
        V: Visitor + Send + 'static,
    {
        while self.reader.is_starved() || self.reader.wants_more() {
            match self.stream.try_next().await {
                Ok(Some(bytes)) => self.reader.push(bytes),
                Ok(None) => self.reader.end(),
                Err(error) if error.kind() == Kind::Integrity => self.fail(&error),
                Err(error) => return Err(error),
            }
        }
        let mut reader = std::mem::replace(&mut self.reader, RecordReader::new(0));
        let job = move || {
            reader.run(&mut visitor);
            (reader, visitor)
        };
        let visitor;
        (self.reader, visitor) = workers.run(job).await?;
        Ok((visitor, !self.reader.is_done()))
    }

    /// Hands all records to the visitor.
    pub(crate) async fn drain<V>(&mut self, workers: &Workers, mut visitor: V) -> Result<V>
    where
        V: Visitor + Send + 'static,
    {
        let mut more = true;
        while more {
            (visitor, more) = self.step(workers, visitor).await?;
        }
        Ok(visitor)
    }

    /// What is wrong with the entry's bytes, once all of them have been read.
    pub(crate) fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// What came so far is all there is.
    fn fail(&mut self, error: &rsmf_core::Error) {
        let cause = std::error::Error::source(error);
        let why = cause.map_or_else(|| error.to_string(), ToString::to_string);
        self.damage = Some(why);
        match self.reader.is_untouched() {
            true => self.reader.abandon(),
            false => self.reader.end(),
        }
    }
}
