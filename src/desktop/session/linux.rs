//! Linux: a session lasts as long as its display server and its session manager.
//!
//! Many systems don't end the programs of a session that is over, and a program without a window
//! doesn't notice.

use super::{display_server, manager};

/// Waits until the program's session is over. Without a display and a session manager, waits forever.
pub async fn ended() {
    tokio::select! {
        () = display_server::ended() => tracing::info!("the display server has ended"),
        name = manager::ended() => tracing::info!(name, "the session manager has ended"),
    }
}
