//! Linux: the session manager, which has a name on the session bus. Where the display server serves
//! more than one session, it alone tells that ours is over.

use std::{future::poll_fn, pin::Pin, time::Duration};

use futures_core::Stream;
use tokio::{task::JoinSet, time::sleep};
use zbus::{Connection, fdo::DBusProxy, names::BusName};

/// The names of session managers. GNOME's is also that of MATE, Cinnamon and Budgie.
const NAMES: [&str; 4] = [
    "org.gnome.SessionManager",
    "org.kde.ksmserver",
    "org.lxqt.session",
    "org.xfce.SessionManager",
];

/// One that crashed may be back by then.
const COMES_BACK: Duration = Duration::from_secs(5);

/// Waits until a session manager ends that was there, and returns its name.
pub async fn ended() -> &'static str {
    let mut watches = JoinSet::new();
    if let Ok(bus) = Connection::session().await {
        for name in NAMES {
            let bus = bus.clone();
            watches.spawn(async move { has_ended(&bus, name).await.then_some(name) });
        }
    }
    while let Some(watch) = watches.join_next().await {
        if let Ok(Some(name)) = watch {
            return name;
        }
    }
    // There is no bus any more.
    std::future::pending().await
}

/// Waits for the end of this session manager; false if the bus is lost.
async fn has_ended(bus: &Connection, name: &'static str) -> bool {
    watch(bus, name).await.unwrap_or(false)
}

async fn watch(bus: &Connection, name: &'static str) -> zbus::Result<bool> {
    let proxy = DBusProxy::new(bus).await?;
    let mut owners = proxy
        .receive_name_owner_changed_with_args(&[(0, name)])
        .await?;
    while let Some(change) = poll_fn(|context| Pin::new(&mut owners).poll_next(context)).await {
        if change.args()?.new_owner().is_some() {
            continue;
        }
        sleep(COMES_BACK).await;
        if !proxy.name_has_owner(BusName::try_from(name)?).await? {
            return Ok(true);
        }
    }
    Ok(false)
}
