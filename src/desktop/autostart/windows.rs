//! Windows: a value under the user's Run key. Next to it, the Task Manager records whether the user
//! has switched it off.

use auto_launch::{AutoLaunch, WindowsEnableMode};
use windows_registry::CURRENT_USER;

use super::{
    entry::{ARGUMENT, LoginEntry},
    error::AutostartError,
    run_command,
};

const RUN: &str = r"Software\Microsoft\Windows\CurrentVersion\Run";
const NAME: &str = "Spot Serve";

/// The Run value of this program, if there is one.
pub fn entry() -> Option<LoginEntry> {
    let command = CURRENT_USER.open(RUN).ok()?.get_string(NAME).ok()?;
    Some(LoginEntry {
        program: run_command::program_of(&command),
        // The value is there, so this is about the Task Manager.
        is_on: auto_launch("").is_enabled().unwrap_or(false),
    })
}

/// Adds a value that starts `program`, and switches it on in the Task Manager.
pub fn enable(program: &str) -> Result<(), AutostartError> {
    Ok(auto_launch(program).enable()?)
}

/// Removes the value.
pub fn disable() -> Result<(), AutostartError> {
    Ok(auto_launch("").disable()?)
}

fn auto_launch(program: &str) -> AutoLaunch {
    AutoLaunch::new(
        NAME,
        &run_command::quoted(program),
        WindowsEnableMode::CurrentUser,
        &[ARGUMENT],
    )
}
