//! Linux: a session lasts as long as its display server.
//!
//! Many systems do not end the programs of a session that is over, and a program without a window
//! of its own does not notice. So one connection to the display is held, on which nothing is said.

use std::{env, io, path::PathBuf, time::Duration};

use tokio::{io::AsyncReadExt, net::UnixStream, time::sleep};
use x11rb::connection::Connection;

/// A compositor that crashed may be there again by then.
const COMES_BACK: Duration = Duration::from_secs(2);

/// Waits until the session of this program is over. Where there is no display it never is.
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
    // An absolute one stays as it is.
    Some(PathBuf::from(env::var_os("XDG_RUNTIME_DIR")?).join(name))
}

/// An error means that there was no display from the start.
async fn wayland_ended(socket: PathBuf) -> io::Result<()> {
    let mut display = UnixStream::connect(&socket).await?;
    loop {
        // Who asks for nothing is told nothing: the first that is read is the end.
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

/// False: there was no display from the start.
fn x11_ended() -> bool {
    let Ok((display, _)) = x11rb::connect(None) else {
        return false;
    };
    // No event was asked for; some come to everybody.
    while display.wait_for_event().is_ok() {}
    true
}
