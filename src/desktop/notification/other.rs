//! Windows and macOS: toasts and the Notification Center.

#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
mod system;

use std::future::Future;

use notify_rust::{Notification, NotificationResponse};
use tokio::task::{self, JoinError};

use super::response::{Response, actions};
use crate::app::Notice;

/// These systems can't replace a notification.
#[derive(Debug, Clone, Copy)]
pub struct ShownId;

#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    #[error("the system reported: {0}")]
    System(#[from] notify_rust::error::Error),
    #[error("{0}")]
    Thread(#[from] JoinError),
}

/// Shows a notice. The future returns the user's response.
pub async fn show(
    notice: &Notice,
    _replaced: Option<ShownId>,
) -> Result<
    (
        ShownId,
        impl Future<Output = Option<Response>> + Send + 'static,
    ),
    ShowError,
> {
    let mut notification = Notification::new();
    notification
        .appname("Spot Serve")
        .summary(&notice.title)
        .body(&notice.body);
    system::prepare(&mut notification);
    for (action, label) in actions(notice) {
        notification.action(action, &label);
    }
    let handle = task::spawn_blocking(move || notification.show()).await??;
    let response = async move {
        let waiting = task::spawn_blocking(move || {
            let mut response = None;
            let waited = handle.wait_for_response(|answer: &NotificationResponse| {
                response = match answer {
                    NotificationResponse::Default => Some(Response::Open),
                    NotificationResponse::Action(action) => Response::from_action(action),
                    _ => None,
                };
            });
            if let Err(error) = waited {
                tracing::info!(%error, "can't wait for a response to a notification");
            }
            response
        });
        waiting.await.ok().flatten()
    };
    Ok((ShownId, response))
}

/// These systems can't remove a notification.
pub async fn withdraw(_id: ShownId) {}
