//! `spot-serve doctor`.

use std::io::Write;

use super::{args::JsonArgs, program::async_runtime};
use crate::doctor;

/// Prints the report. The exit code is 1 if sharing would not work.
pub fn run(args: &JsonArgs) -> anyhow::Result<i32> {
    let report = async_runtime()?.block_on(doctor::examine());
    let text = if args.json {
        report.json()
    } else {
        report.colored_text()
    };
    // Removes the colours where they are not wanted: in pipes and files, and with NO_COLOR.
    // With a closed standard output, the exit code still has the result.
    let _ = writeln!(anstream::stdout(), "{text}");
    Ok(i32::from(!report.sharing_works()))
}
