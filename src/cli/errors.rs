//! Errors on standard error, in a form that a hostile file name can't use to steer the terminal.

use std::process::ExitCode;

use clap::{
    CommandFactory,
    error::{ContextKind, ContextValue},
};

use super::args::Cli;
use crate::console;

/// Options that don't fit together, or not what is shared, as far as the command line shows. The exit code is
/// that of wrong usage.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongUsage(pub &'static str);

/// The exit code of wrong usage, as [`clap::Error::exit_code`] has it.
const USAGE: u8 = 2;

/// Prints the error with its causes. Where nobody sees standard error, shows a dialog instead.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let text = with_causes(error);
    console::say(&text);
    console::show_dialog_unless_attached(&text);
    if error.is::<WrongUsage>() {
        ExitCode::from(USAGE)
    } else {
        ExitCode::FAILURE
    }
}

/// Prints a usage error, or the help or version that was asked for.
pub fn report_usage(error: clap::Error) -> ExitCode {
    let error = with_tip(error);
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE));
    if error.use_stderr() {
        // The message quotes the arguments.
        console::say(error.render().to_string().trim_end());
    } else {
        // A closed standard output is not an error.
        let _ = error.print();
    }
    code
}

/// Says which commands have an option that this one lacks.
fn with_tip(mut error: clap::Error) -> clap::Error {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else {
        return error;
    };
    let Some(long) = option.strip_prefix("--") else {
        return error;
    };
    let command = Cli::command();
    let have_it: Vec<String> = command
        .get_subcommands()
        .filter(|one| one.get_arguments().any(|it| it.get_long() == Some(long)))
        .map(|one| format!("`{}`", one.get_name()))
        .collect();
    if !have_it.is_empty() {
        let tip = format!("{option} is an option of {}", have_it.join(", "));
        let tips = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tips);
    }
    error
}

/// The error followed by its causes, without those whose text it already contains.
fn with_causes(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
