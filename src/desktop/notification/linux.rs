//! Linux: notifications over D-Bus.

use std::{future::Future, time::Duration};

use notify_rust::{Hint, Notification, NotificationResponse, Urgency};
use tokio::time::timeout;
use zbus::Connection;

use super::{Response, actions};
use crate::app::Notice;

/// The number the notification server gave it.
pub type ShownId = u32;

/// A notification server that does not answer by then is taken as absent.
const SERVER_LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    #[error("the notification server said: {0}")]
    Server(#[from] notify_rust::error::Error),
    #[error("the notification server can't be asked: {0}")]
    Bus(#[from] zbus::Error),
    #[error("the notification server does not answer")]
    Silent,
}

/// Shows a notice, in the place of `replaced`; the future gives the response to it.
pub async fn show(
    notice: &Notice,
    replaced: Option<ShownId>,
) -> Result<
    (
        ShownId,
        impl Future<Output = Option<Response>> + Send + 'static,
    ),
    ShowError,
> {
    let can = timeout(SERVER_LIMIT, capabilities())
        .await
        .map_err(|_| ShowError::Silent)??;
    let can = |what: &str| can.iter().any(|each| each == what);
    let body = match can("body-markup") {
        true => escaped(&notice.body),
        false => notice.body.clone(),
    };
    let mut notification = Notification::new();
    notification
        .appname("Spot Serve")
        .icon("spot-serve")
        .summary(&notice.title)
        .body(&body)
        .hint(Hint::DesktopEntry("spot-serve".into()));
    if notice.is_problem {
        notification.urgency(Urgency::Normal);
    }
    if can("actions") {
        for (action, label) in actions(notice) {
            notification.action(action, label);
        }
    }
    if let Some(id) = replaced {
        notification.id(id);
    }
    let handle = timeout(SERVER_LIMIT, notification.show_async())
        .await
        .map_err(|_| ShowError::Silent)??;
    let id = handle.id();
    let response = async move {
        let mut response = None;
        handle
            .wait_for_action_async(|answer| {
                response = match answer {
                    NotificationResponse::Default => Some(Response::Open),
                    NotificationResponse::Action(action) => Response::from_action(action),
                    _ => None,
                };
            })
            .await;
        response
    };
    Ok((id, response))
}

/// Takes a notification away; one that is gone already is fine.
pub async fn withdraw(id: ShownId) {
    let done = timeout(SERVER_LIMIT, call("CloseNotification", &id));
    if !matches!(done.await, Ok(Ok(_))) {
        tracing::info!(id, "a notification can't be taken away");
    }
}

/// What the server can do, in the words of the specification.
async fn capabilities() -> zbus::Result<Vec<String>> {
    call("GetCapabilities", &()).await?.body().deserialize()
}

async fn call(
    method: &str,
    arguments: &(impl serde::Serialize + zbus::DynamicType),
) -> zbus::Result<zbus::Message> {
    const NAME: &str = "org.freedesktop.Notifications";
    let bus = Connection::session().await?;
    bus.call_method(
        Some(NAME),
        "/org/freedesktop/Notifications",
        Some(NAME),
        method,
        arguments,
    )
    .await
}

/// The body is markup for such a server, and file names may look like it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
