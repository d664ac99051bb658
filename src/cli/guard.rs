//! `spot-serve guard-child`: how macOS ties cloudflared to the program that started it.

use std::ffi::OsString;

use super::program::async_runtime;
use crate::tunnel::tie;

/// Runs `program` until it exits or standard input closes, and returns its exit code.
pub fn run(program: OsString, arguments: Vec<OsString>) -> anyhow::Result<i32> {
    let tokio = async_runtime()?;
    let code = tokio.block_on(tie::guard(program, arguments));
    // A thread still waits for the end of standard input, which the parent keeps open.
    tokio.shutdown_background();
    Ok(code?)
}
