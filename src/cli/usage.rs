//! Errors about the command line, and commands to type, as they work where this program was
//! started.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The program as it was started, for commands that are printed: `cargo run --`,
/// `./status-update` or `status-update`.
#[must_use]
pub fn program() -> String {
    // Cargo sets this for programs that it runs.
    if std::env::var_os("CARGO").is_some() {
        return "cargo run --".to_owned();
    }
    let typed = std::env::args().next().filter(|path| !path.contains(char::is_whitespace));
    typed.unwrap_or_else(|| "status-update".to_owned())
}

/// A path as an argument, quoted if it needs it in any shell.
#[must_use]
pub fn argument(path: &std::path::Path) -> String {
    let path = path.display().to_string();
    if path.contains(char::is_whitespace) { format!("\"{path}\"") } else { path }
}

/// One line about a missing argument: its meaning and the usage. `None` for any other error.
#[must_use]
pub fn missing_argument(error: &clap::Error, mut whole: clap::Command) -> Option<String> {
    if error.kind() != ErrorKind::MissingRequiredArgument {
        return None;
    }
    let (Some(ContextValue::Strings(names)), Some(ContextValue::StyledStr(usage))) =
        (error.get(ContextKind::InvalidArg), error.get(ContextKind::Usage))
    else {
        return None;
    };
    let usage = usage.to_string();
    let (_, typed) = usage.trim().strip_prefix("Usage: ")?.split_once(' ')?;
    // Completes the names of arguments.
    whole.build();
    let mut command = &whole;
    while let Some(found) = typed.split(' ').find_map(|word| command.find_subcommand(word)) {
        command = found;
    }
    let name = names.first()?;
    let is_named = |argument: &&clap::Arg| name.starts_with(&argument.to_string());
    let argument = command.get_arguments().find(is_named)?;
    let help = argument.get_help()?.to_string();
    Some(format!("{name} is missing: {help}. Type: {} {typed}", program()))
}
