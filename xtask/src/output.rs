//! What commands leave behind: text on the screen, test counts, files.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use xshell::Cmd;

/// Runs a command that may fail, shows what it prints as it comes, and returns all of it.
pub(crate) fn tee(command: Cmd<'_>) -> Result<(String, bool)> {
    println!("$ {command}");
    let mut child = Command::from(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        bail!("the command has no output to read");
    };
    let text = thread::scope(|scope| {
        let errors = scope.spawn(|| copy(err, std::io::stderr()));
        let output = copy(out, std::io::stdout());
        let errors = errors.join().ok().context("the reading thread died")?;
        anyhow::Ok(output? + &errors?)
    })?;
    Ok((text, child.wait()?.success()))
}

fn copy(from: impl Read, mut to: impl Write) -> Result<String> {
    let mut text = String::new();
    for line in BufReader::new(from).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned() + "\n";
        to.write_all(line.as_bytes())?;
        text += &line;
    }
    Ok(text)
}

/// The RSMF files in a folder and below, in no order.
pub(crate) fn rsmf_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(rsmf_files(&path)?);
        } else if path.extension().is_some_and(|kind| kind == "rsmf") {
            found.push(path);
        }
    }
    Ok(found)
}

/// How many tests passed and failed, by the closing lines of nextest and of cargo test.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Those that did.
    pub(crate) passed: u64,
    /// Those that failed, timed out or did not run at all.
    pub(crate) failed: u64,
}

impl Counts {
    /// Adds up the closing lines in what a test run printed.
    pub(crate) fn read(text: &str) -> Self {
        let mut counts = Self::default();
        for line in text.lines().filter(|line| is_summary(line)) {
            let words: Vec<_> = line
                .split(|c: char| c.is_whitespace() || ",;()".contains(c))
                .filter(|word| !word.is_empty())
                .collect();
            for pair in words.windows(2) {
                let [number, what] = pair else { continue };
                let Ok(number) = number.parse::<u64>() else {
                    continue;
                };
                match *what {
                    "passed" => counts.passed += number,
                    "failed" | "timed" | "exec" => counts.failed += number,
                    _ => {}
                }
            }
        }
        counts
    }
}

/// Whether a line closes a test run. What a test printed that got a second chance is shown further in.
pub(crate) fn is_summary(line: &str) -> bool {
    line.trim_start().starts_with("Summary [") || line.starts_with("test result:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_from_both_runners() {
        let text = "     Summary [   0.010s] 7 tests run: 4 passed (1 slow), 2 failed, 1 timed out, 3 skipped\n\
                    test result: ok. 5 passed; 0 failed; 0 ignored; finished in 0.1s\n\
                    nothing: 9 passed\n    test result: FAILED. 0 passed; 1 failed\n";
        assert_eq!(
            Counts::read(text),
            Counts {
                passed: 9,
                failed: 3
            }
        );
    }
}
