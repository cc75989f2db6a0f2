//! `cargo xtask gen-slack`: a Slack export of any size, for benchmarks and tests of memory.
//!
//! Every message follows from the seed and its own number alone, so nothing is kept in memory
//! and the same arguments give the same bytes.

mod plan;
mod record;
mod text;

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use anyhow::{Result, ensure};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

use self::plan::Plan;
use crate::fixtures::{
    json::{Json, Style, list},
    seed::Seed,
};

/// What `cargo xtask gen-slack` takes.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many messages there are in total
    #[arg(long, default_value_t = 100_000)]
    messages: u64,
    /// How many channels they are spread over
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..))]
    conversations: u64,
    /// How many days they are spread over
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=20_000))]
    days: u64,
    /// Another seed gives other messages
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// All messages in one channel
    #[arg(long, conflicts_with = "conversations")]
    single_conversation: bool,
    /// How many bytes a message has in its day file, about
    #[arg(long)]
    bytes_per_message: Option<usize>,
    /// One message in twenty has a file, whose bytes lie in the archive as slackdump puts them
    #[arg(long)]
    with_files: bool,
    /// The archive to write
    #[arg(long, short)]
    output: PathBuf,
}

/// Writes the archive.
pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let plan = Plan {
        messages: args.messages,
        conversations: if args.single_conversation {
            1
        } else {
            args.conversations
        },
        days: args.days,
        seed: args.seed,
        text_bytes: args.bytes_per_message.map(record::text_bytes),
        with_files: args.with_files,
    };
    let mut archive = Archive::create(args)?;
    archive.index(
        "users.json",
        plan::people().iter().map(|person| person.user()).collect(),
    )?;
    archive.index(
        "channels.json",
        (0..plan.conversations).map(plan::channel).collect(),
    )?;
    archive.file(
        "integration_logs.json",
        list![].print(Style::Slack).as_bytes(),
    )?;
    for conversation in 0..plan.conversations {
        for day in 0..plan.days {
            archive.day(&plan, conversation, day)?;
        }
    }
    let bytes = archive.finish()?;
    println!("{} messages, {bytes} bytes unpacked", plan.messages);
    Ok(ExitCode::SUCCESS)
}

/// The archive in the making.
struct Archive {
    zip: ZipWriter<BufWriter<File>>,
    options: SimpleFileOptions,
    /// Reused for every message.
    buffer: String,
    bytes: u64,
}

impl Archive {
    fn create(args: &Args) -> Result<Self> {
        let file = BufWriter::with_capacity(1 << 20, File::create(&args.output)?);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(6))
            .last_modified_time(DateTime::from_date_and_time(2024, 4, 3, 8, 0, 0)?);
        Ok(Self {
            zip: ZipWriter::new(file),
            options,
            buffer: String::new(),
            bytes: 0,
        })
    }

    fn index(&mut self, name: &str, entries: Vec<Json>) -> Result<()> {
        self.file(name, Json::List(entries).print(Style::Slack).as_bytes())
    }

    fn file(&mut self, name: &str, content: &[u8]) -> Result<()> {
        self.zip.start_file(name, self.options)?;
        self.write(content)
    }

    fn write(&mut self, content: &[u8]) -> Result<()> {
        self.bytes += content.len() as u64;
        Ok(self.zip.write_all(content)?)
    }

    /// The messages of a day, and then their files.
    fn day(&mut self, plan: &Plan, conversation: u64, day: u64) -> Result<()> {
        let count = plan.count(conversation, day);
        if count == 0 {
            return Ok(());
        }
        let name = format!("{}/{}.json", plan::name(conversation), plan::date(day));
        // Beyond 4 GiB the header needs other fields, which must be known before the content.
        let large = count > (1 << 30) / plan.text_bytes.unwrap_or(1024).max(1024) as u64;
        self.zip.start_file(name, self.options.large_file(large))?;
        self.write(b"[\n")?;
        for index in 0..count {
            let mut text = std::mem::take(&mut self.buffer);
            text.clear();
            record::write(&mut text, plan, plan.message(conversation, day, index));
            text.push_str(if index + 1 < count { ",\n" } else { "\n" });
            self.write(text.as_bytes())?;
            self.buffer = text;
        }
        self.write(b"]")?;
        self.uploads(plan, conversation, day)
    }

    fn uploads(&mut self, plan: &Plan, conversation: u64, day: u64) -> Result<()> {
        for index in 0..plan.count(conversation, day) {
            let message = plan.message(conversation, day, index);
            if let Some(upload) = message.upload(plan) {
                let mut seed = Seed::new(message.key);
                let content: Vec<u8> = (0..upload.size).map(|_| seed.next() as u8).collect();
                self.file(
                    &format!("__uploads/{}/{}", upload.id, upload.name),
                    &content,
                )?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<u64> {
        self.zip.finish()?.flush()?;
        ensure!(self.bytes > 0, "nothing was written");
        Ok(self.bytes)
    }
}
