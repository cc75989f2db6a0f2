//! `rsmf completions`.

use clap::Args;
use clap_complete::Shell;

const EXAMPLES: &str = "\
Examples:
  rsmf completions bash > ~/.local/share/bash-completion/completions/rsmf
  rsmf completions zsh > \"${fpath[1]}/_rsmf\"
  rsmf completions fish > ~/.config/fish/completions/rsmf.fish
  rsmf completions powershell >> $PROFILE";

/// Print what a shell needs to complete the options of rsmf
///
/// Prints a script for the shell, which belongs where the shell looks for such.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct CompletionsArgs {
    /// The shell
    ///
    /// Example: rsmf completions bash
    pub(crate) shell: Shell,
}
