//! Linux: the dialog is the portal's, or zenity's; neither need be there.

use std::{
    env, ffi::OsStr, io, os::unix::ffi::OsStrExt, path::Path, process::Stdio, time::Duration,
};

use tokio::time::timeout;
use zbus::{Connection, fdo::DBusProxy};

use crate::{app::Pick, process::child_lifetime};

const PORTAL: &str = "org.freedesktop.portal.Desktop";

/// A bus that does not answer by then has no portal either.
const BUS_LIMIT: Duration = Duration::from_secs(3);

/// Shows the dialog that there is, opened at `start`, and waits for the person; or says what to
/// install. Without somebody who waits the dialog goes, too.
pub async fn pick_folder(start: Option<&Path>) -> Pick {
    if timeout(BUS_LIMIT, has_portal())
        .await
        .is_ok_and(|has| has.unwrap_or(false))
    {
        return super::by_system(start).await;
    }
    if has_zenity() {
        return by_zenity(start).await.unwrap_or_else(|error| {
            Pick::Failed(format!(
                "zenity, which shows the folder dialog, can't be started ({error}). Install it again, or use spot-serve share FOLDER."
            ))
        });
    }
    Pick::Failed("Your desktop offers no folder dialog. Install xdg-desktop-portal with the backend of your desktop (for example xdg-desktop-portal-gtk), or zenity. Until then: spot-serve share FOLDER.".into())
}

/// Started here, and not by rfd, so that the dialog ends with this program.
async fn by_zenity(start: Option<&Path>) -> io::Result<Pick> {
    let mut command = child_lifetime::command(Path::new("zenity"))?;
    command.args(["--file-selection", "--directory", "--title", super::TITLE]);
    if let Some(start) = start {
        // With a slash at its end it is the folder that is opened, and not chosen.
        command.arg("--filename").arg(start.join(""));
    }
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let said = command.output().await?;
    let path = said.stdout.strip_suffix(b"\n").unwrap_or(&said.stdout);
    Ok(match said.status.success() && !path.is_empty() {
        true => Pick::Chosen(OsStr::from_bytes(path).into()),
        false => Pick::Cancelled,
    })
}

fn has_zenity() -> bool {
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .any(|dir| dir.join("zenity").is_file())
}

/// The portal runs, or the bus can start it.
async fn has_portal() -> zbus::Result<bool> {
    let bus = DBusProxy::new(&Connection::session().await?).await?;
    let names = [bus.list_names().await?, bus.list_activatable_names().await?];
    Ok(names.iter().flatten().any(|name| name.as_str() == PORTAL))
}
