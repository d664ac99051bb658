//! Linux: the folder dialog of the portal, or of zenity. Both may be missing.

use std::{
    env, ffi::OsStr, io, os::unix::ffi::OsStrExt, path::Path, process::Stdio, time::Duration,
};

use tokio::time::timeout;
use zbus::{Connection, fdo::DBusProxy};

use super::system_dialog;
use crate::{
    app::{PickResult, Purpose},
    desktop::display,
    process::child_lifetime,
};

const PORTAL: &str = "org.freedesktop.portal.Desktop";

/// A bus that takes longer to answer counts as one without a portal.
const BUS_LIMIT: Duration = Duration::from_secs(3);

/// Shows the available dialog, opened at `start`, and waits for the user; without one, says what
/// to install. Dropping the future closes zenity.
pub async fn pick_folder(purpose: Purpose, start: Option<&Path>) -> PickResult {
    if !display::is_there() {
        return PickResult::Failed(display::NO_DIALOG.into());
    }
    let command = match purpose {
        Purpose::Share => "spot-serve share FOLDER",
        Purpose::Receive => "spot-serve receive FOLDER",
    };
    if timeout(BUS_LIMIT, has_portal())
        .await
        .is_ok_and(|has| has.unwrap_or(false))
    {
        return system_dialog::pick_folder(purpose, start).await;
    }
    if has_zenity() {
        return pick_with_zenity(purpose, start).await.unwrap_or_else(|error| {
            PickResult::Failed(format!(
                "Couldn't start zenity, which shows the folder dialog: {error}. Reinstall zenity, or run `{command}`."
            ))
        });
    }
    PickResult::Failed(format!(
        "Your desktop has no folder dialog. Install xdg-desktop-portal with the backend for your desktop (such as xdg-desktop-portal-gtk), or zenity. Until then, run `{command}`."
    ))
}

/// rfd could start zenity as well, but then the dialog would outlive this program.
async fn pick_with_zenity(purpose: Purpose, start: Option<&Path>) -> io::Result<PickResult> {
    let mut command = child_lifetime::command(Path::new("zenity"))?;
    command.args([
        "--file-selection",
        "--directory",
        "--title",
        system_dialog::title(purpose),
    ]);
    if let Some(start) = start {
        // The trailing slash opens the folder instead of selecting it.
        command.arg("--filename").arg(start.join(""));
    }
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().await?;
    let path = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
    Ok(if output.status.success() && !path.is_empty() {
        PickResult::Chosen(OsStr::from_bytes(path).into())
    } else {
        PickResult::Cancelled
    })
}

fn has_zenity() -> bool {
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .any(|dir| dir.join("zenity").is_file())
}

/// Whether the portal is running, or the bus can start it.
async fn has_portal() -> zbus::Result<bool> {
    let bus = DBusProxy::new(&Connection::session().await?).await?;
    let names = [bus.list_names().await?, bus.list_activatable_names().await?];
    Ok(names.iter().flatten().any(|name| name.as_str() == PORTAL))
}
