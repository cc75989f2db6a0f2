//! The command `rsmf`.

use std::process::ExitCode;

use mimalloc::MiMalloc;
use rsmf_cli::Console;

// What one thread reads another one frees, by the million; `docs/performance.md` has the figures.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(rsmf_cli::run(std::env::args_os(), &Console::standard()))
}
