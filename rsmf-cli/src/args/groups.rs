//! The help of `rsmf` itself, with its commands by what they are for.

use std::fmt::Write;

use clap::Command;

/// What the commands are for. One that is missing here stands under “Other”.
const GROUPS: &[(&str, &[&str])] = &[
    ("Convert", &["convert"]),
    ("Look and check", &["view", "inspect", "validate"]),
    (
        "Move and store",
        &[
            "ls", "cat", "stat", "cp", "mv", "rm", "sync", "mkbucket", "rmbucket", "check",
            "presign",
        ],
    ),
    ("Deliver", &["relativity"]),
    ("Set up", &["config", "completions", "help"]),
];

/// Lists the commands by groups.
pub(super) fn grouped(command: Command) -> Command {
    // With what clap adds itself.
    let mut built = command.clone();
    built.build();
    let mut text = String::from("{before-help}{about}\n\n{usage-heading} {usage}\n");
    for (title, names) in GROUPS {
        let members = names.iter().filter_map(|name| built.find_subcommand(name));
        list(&mut text, title, members);
    }
    let others = built.get_subcommands().filter(|command| {
        let name = command.get_name();
        !command.is_hide_set() && !GROUPS.iter().any(|(_, names)| names.contains(&name))
    });
    list(&mut text, "Other", others);
    text.push_str("\nOptions:\n{options}{after-help}");
    command.help_template(text)
}

fn list<'a>(text: &mut String, title: &str, commands: impl Iterator<Item = &'a Command>) {
    let mut commands = commands.peekable();
    if commands.peek().is_some() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "\n{title}:");
    }
    for command in commands {
        let about = command.get_about().map(ToString::to_string);
        let name = command.get_name();
        let _ = writeln!(text, "  {name:<12}  {}", about.unwrap_or_default());
    }
}
