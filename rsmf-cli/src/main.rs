//! The command `rsmf`.

use std::process::ExitCode;

use rsmf_cli::Console;

fn main() -> ExitCode {
    ExitCode::from(rsmf_cli::run(std::env::args_os(), &Console::standard()))
}
