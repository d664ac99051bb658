//! Errors on standard error, in a form that a hostile file name can't use to steer the terminal.

use std::process::ExitCode;

use crate::console;

/// Prints the error with its causes. Where nobody sees standard error, shows a dialog instead.
pub fn report(error: &anyhow::Error) {
    let text = with_causes(error);
    console::say(&text);
    console::show_dialog_unless_attached(&text);
}

/// Prints a usage error, or the help or version that was asked for.
pub fn report_usage(error: &clap::Error) -> ExitCode {
    let code = ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
    if error.use_stderr() {
        // The message quotes the arguments.
        console::say(error.render().to_string().trim_end());
    } else {
        // A closed standard output is not an error.
        let _ = error.print();
    }
    code
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
