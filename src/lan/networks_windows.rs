//! Windows: the category of each network, as its command for network profiles lists them.

use std::{env, path::PathBuf, process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use super::{profiles, standing::Networks};

/// How often to ask whether the user has changed something. It takes a program a second.
pub const ASK_AGAIN: Duration = Duration::from_secs(60);

/// How long PowerShell may take.
const LIMIT: Duration = Duration::from_secs(10);

/// No window appears.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// Below the folder of Windows. A program of this name may be anywhere else.
const POWERSHELL: &str = r"System32\WindowsPowerShell\v1.0\powershell.exe";

const SCRIPT: &str = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; ConvertTo-Json @(Get-NetConnectionProfile | ForEach-Object { @{ interface = $_.InterfaceAlias; name = $_.Name; category = \"$($_.NetworkCategory)\" } })";

/// What Windows says; `None` if it doesn't answer.
pub async fn networks() -> Option<Networks> {
    let windows = PathBuf::from(env::var_os("SystemRoot")?);
    let mut command = Command::new(windows.join(POWERSHELL));
    command
        .args(["-NoProfile", "-NonInteractive", "-Command", SCRIPT])
        .creation_flags(CREATE_NO_WINDOW)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    let output = timeout(LIMIT, command.output()).await.ok()?.ok()?;
    profiles::read(&output.stdout)
}
