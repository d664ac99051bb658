//! `spot-serve doctor`.

use std::io::{self, Write};

use super::{args::JsonArgs, program::async_runtime};
use crate::doctor;

/// Prints the report. The exit code is 1 if sharing would not work.
pub fn run(args: &JsonArgs) -> anyhow::Result<i32> {
    let findings = async_runtime()?.block_on(doctor::examine());
    let report = if args.json {
        findings.json()
    } else {
        findings.text()
    };
    // With a closed standard output, the exit code still has the result.
    let _ = writeln!(io::stdout(), "{report}");
    Ok(i32::from(!findings.would_work()))
}
