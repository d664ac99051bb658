//! Linux: the display server of a session. The program keeps an idle connection to it.

use std::{env, io, path::PathBuf, time::Duration};

use tokio::{io::AsyncReadExt, net::UnixStream, time::sleep};
use x11rb::connection::Connection;

/// A compositor that crashed may be back by then.
const COMES_BACK: Duration = Duration::from_secs(2);

/// Waits until the display server ends. Without one, waits forever.
pub async fn ended() {
    let is_over = match wayland_socket() {
        Some(socket) => wayland_ended(socket).await.is_ok(),
        None => {
            env::var_os("DISPLAY").is_some()
                && tokio::task::spawn_blocking(x11_ended)
                    .await
                    .unwrap_or(false)
        }
    };
    if !is_over {
        std::future::pending().await
    }
}

fn wayland_socket() -> Option<PathBuf> {
    let name = PathBuf::from(env::var_os("WAYLAND_DISPLAY")?);
    // An absolute path replaces the directory.
    Some(PathBuf::from(env::var_os("XDG_RUNTIME_DIR")?).join(name))
}

/// Waits for the end of the compositor.
///
/// # Errors
/// There is no compositor.
async fn wayland_ended(socket: PathBuf) -> io::Result<()> {
    let mut display = UnixStream::connect(&socket).await?;
    loop {
        // The program asks for nothing, so nothing arrives before the end.
        while display
            .read(&mut [0; 64])
            .await
            .is_ok_and(|bytes| bytes > 0)
        {}
        sleep(COMES_BACK).await;
        match UnixStream::connect(&socket).await {
            Ok(again) => display = again,
            Err(_) => return Ok(()),
        }
    }
}

/// Waits for the end of the X server; false if there is none.
fn x11_ended() -> bool {
    let Ok((display, _)) = x11rb::connect(None) else {
        return false;
    };
    // Some events go to every client.
    while display.wait_for_event().is_ok() {}
    true
}
