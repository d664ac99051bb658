//! Windows: the category of each network, as its command for network profiles lists them.

use std::{process::Stdio, time::Duration};

use tokio::{process::Command, time::timeout};

use super::{profiles, standing::Networks};

/// How long PowerShell may take.
const LIMIT: Duration = Duration::from_secs(10);

/// No window appears.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

const SCRIPT: &str = "[Console]::OutputEncoding = [Text.Encoding]::UTF8; ConvertTo-Json @(Get-NetConnectionProfile | ForEach-Object { @{ interface = $_.InterfaceAlias; name = $_.Name; category = \"$($_.NetworkCategory)\" } })";

/// What Windows says.
pub async fn networks() -> Networks {
    let mut command = Command::new("powershell.exe");
    command
        .args(["-NoProfile", "-NonInteractive", "-Command", SCRIPT])
        .creation_flags(CREATE_NO_WINDOW)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    match timeout(LIMIT, command.output()).await {
        Ok(Ok(output)) => profiles::read(&output.stdout),
        Ok(Err(_)) | Err(_) => Networks::unknown(),
    }
}
