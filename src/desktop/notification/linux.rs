//! Linux: notifications over D-Bus.

use std::{
    future::{Future, poll_fn},
    os::unix::ffi::OsStrExt,
    pin::Pin,
    time::Duration,
};

use futures_core::Stream;
use notify_rust::{Hint, Notification, NotificationHandle, NotificationResponse, Timeout, Urgency};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use tokio::time::timeout;
use zbus::{
    Connection,
    fdo::{DBusProxy, NameOwnerChangedStream},
    names::OwnedUniqueName,
};

use super::response::{OPEN, Response, actions};
use crate::{
    app::{Notice, Offer},
    desktop::icon_theme::{Place, base_name, place_of},
};

/// Identifies a notification. Every notification server starts numbering at 1, so a number is
/// only valid for its server.
pub struct ShownId {
    server: OwnedUniqueName,
    number: u32,
}

const NAME: &str = "org.freedesktop.Notifications";

/// Every icon theme has it. It stands for the program's icon where that is not installed.
const USUAL_PICTURE: &str = "folder-remote";

/// Servers that draw a button for each action, also for that of a click on the notification itself.
const DRAW_ALL_ACTIONS: [&str; 1] = ["lxqt-notificationd"];

/// What has to be encoded in the address of a file.
const IN_ADDRESSES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_');

/// A notification server that takes longer to answer counts as missing.
const SERVER_LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    #[error("the notification server reported: {0}")]
    Server(#[from] notify_rust::error::Error),
    #[error("can't reach the notification server: {0}")]
    Bus(#[from] zbus::Error),
    #[error("the notification server doesn't answer")]
    NoAnswer,
}

/// Shows a notice in place of `replaced`. The future returns the user's response.
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
    let Server { address, name, can } = timeout(SERVER_LIMIT, server())
        .await
        .map_err(|_| ShowError::NoAnswer)??;
    let can = |what: &str| can.iter().any(|each| each == what);
    let body = if can("body-markup") {
        escaped(&notice.body)
    } else {
        notice.body.clone()
    };
    let mut notification = Notification::new();
    notification
        .appname("Spot Serve")
        .icon(&icon(base_name()))
        .summary(&notice.title)
        .body(&body)
        .hint(Hint::DesktopEntry(base_name().into()));
    if notice.is_quiet {
        notification.urgency(Urgency::Low);
        notification.hint(Hint::SuppressSound(true));
    }
    if notice.asks || matches!(notice.offer, Some(Offer::Download { .. })) {
        // Plasma moves others out of sight, and takes their buttons away, after five seconds.
        notification.timeout(Timeout::Never);
    }
    if can("actions") {
        for (action, label) in actions_for(&name, notice) {
            notification.action(action, &label);
        }
    }
    if let Some(replaced) = replaced.filter(|replaced| replaced.server == address) {
        notification.id(replaced.number);
    }
    let ended = timeout(SERVER_LIMIT, end_of(&address))
        .await
        .map_err(|_| ShowError::NoAnswer)??;
    let handle = timeout(SERVER_LIMIT, notification.show_async())
        .await
        .map_err(|_| ShowError::NoAnswer)??;
    let number = handle.id();
    let response = async move {
        tokio::select! {
            biased;
            // The next server may give the same number to another program's notification.
            () = next_of(ended) => None,
            response = response_to(&handle) => response,
        }
    };
    let shown = ShownId {
        server: address,
        number,
    };
    Ok((shown, response))
}

async fn response_to(handle: &NotificationHandle) -> Option<Response> {
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
}

/// Removes a notification, if it is still there.
pub async fn withdraw(shown: ShownId) {
    let ShownId { server, number } = shown;
    let done = timeout(SERVER_LIMIT, call(&server, "CloseNotification", &number));
    if !matches!(done.await, Ok(Ok(_))) {
        tracing::info!(number, "can't remove a notification");
    }
}

/// Who shows notifications.
struct Server {
    address: OwnedUniqueName,
    /// What the server calls itself; empty if it doesn't say.
    name: String,
    /// Its capabilities, in the words of the specification.
    can: Vec<String>,
}

/// The notification server. The bus starts it if needed.
async fn server() -> zbus::Result<Server> {
    let answer = call(NAME, "GetCapabilities", &()).await?;
    let header = answer.header();
    let address = header.sender().ok_or(zbus::Error::MissingField)?;
    let about = call(address, "GetServerInformation", &()).await;
    let name = about.and_then(|about| {
        let (name, _vendor, _version, _specification) =
            about
                .body()
                .deserialize::<(String, String, String, String)>()?;
        Ok(name)
    });
    Ok(Server {
        address: address.to_owned().into(),
        name: name.unwrap_or_default(),
        can: answer.body().deserialize()?,
    })
}

/// The actions that this server gets. One that would draw a button for a click on the notification itself
/// doesn't get that action, if there is another one.
fn actions_for(server: &str, notice: &Notice) -> Vec<(&'static str, String)> {
    let mut all = actions(notice);
    if DRAW_ALL_ACTIONS.contains(&server) && all.len() > 1 {
        all.retain(|(action, _)| *action != OPEN);
    }
    all
}

/// A stream that yields when this server ends.
async fn end_of(server: &OwnedUniqueName) -> zbus::Result<NameOwnerChangedStream> {
    let bus = Connection::session().await?;
    DBusProxy::new(&bus)
        .await?
        .receive_name_owner_changed_with_args(&[(0, server.as_str())])
        .await
}

/// Waits for the first signal, or for the end of the bus.
async fn next_of(mut signals: NameOwnerChangedStream) {
    poll_fn(|context| Pin::new(&mut signals).poll_next(context)).await;
}

async fn call(
    server: &str,
    method: &str,
    arguments: &(impl serde::Serialize + zbus::DynamicType),
) -> zbus::Result<zbus::Message> {
    let bus = Connection::session().await?;
    bus.call_method(
        Some(server),
        "/org/freedesktop/Notifications",
        Some(NAME),
        method,
        arguments,
    )
    .await
}

/// The icon as the specification has it: a name, or the address of a file.
fn icon(name: &str) -> String {
    let picture = format!("icons/hicolor/128x128/apps/{name}.png");
    icon_at(place_of(&[&picture]), name, &picture)
}

fn icon_at(place: Option<Place>, name: &str, picture: &str) -> String {
    match place {
        Some(Place::Searched) => name.into(),
        Some(Place::Beside(dir)) => {
            let picture = dir.join(picture);
            let path = percent_encode(picture.as_os_str().as_bytes(), IN_ADDRESSES);
            format!("file://{path}")
        }
        None => USUAL_PICTURE.into(),
    }
}

/// Escapes a body that the server reads as markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lxqt_gets_no_button_for_a_click_on_the_notification_itself() {
        let notice = Notice {
            link: Some("https://quiet-river.trycloudflare.com".into()),
            ..Notice::default()
        };
        let names = |server: &str, notice: &Notice| {
            let actions = actions_for(server, notice).into_iter();
            actions.map(|(action, _)| action).collect::<Vec<_>>()
        };
        assert_eq!(names("Plasma", &notice), ["default", "copy", "stop"]);
        assert_eq!(names("lxqt-notificationd", &notice), ["copy", "stop"]);
        // There, a button is better than nothing.
        let notice = Notice {
            opens_folder: true,
            ..notice
        };
        assert_eq!(names("lxqt-notificationd", &notice), ["default"]);
    }

    #[test]
    fn a_notification_has_the_icon_that_is_there() {
        let icon = |place| icon_at(place, "spot-serve", "icons/spot-serve.png");
        assert_eq!(icon(Some(Place::Searched)), "spot-serve");
        assert_eq!(
            icon(Some(Place::Beside("/a place/share".into()))),
            "file:///a%20place/share/icons/spot-serve.png"
        );
        assert_eq!(icon(None), "folder-remote");
    }
}
