//! `rsmf completions`.

use crate::{Console, args, error::Result, exit};

pub(crate) fn run(args: &args::CompletionsArgs, console: &Console) -> Result<u8> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut args::command(), "rsmf", &mut script);
    console.write(|out| out.write_all(&script))?;
    Ok(exit::OK)
}
