//! `spot-serve guard-child`: how macOS ties cloudflared to the program that started it.

use std::ffi::OsString;

use super::program::async_runtime;
use crate::process::child_lifetime;

/// Runs `program` until it exits or standard input closes, and returns its exit code.
pub fn run(program: OsString, arguments: Vec<OsString>) -> anyhow::Result<i32> {
    let tokio = async_runtime()?;
    let code = tokio.block_on(child_lifetime::guard(program, arguments));
    // A thread still waits for the end of standard input, which the parent keeps open.
    tokio.shutdown_background();
    Ok(code?)
}
