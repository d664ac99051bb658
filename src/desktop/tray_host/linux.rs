//! Linux: a panel registers as a host of icons with the watcher on the session bus.

use std::time::Duration;

use tokio::time::timeout;
use zbus::{Connection, Proxy};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// A bus that does not answer by then shows no icons either.
const LIMIT: Duration = Duration::from_secs(3);

/// Whether something shows icons now.
pub async fn is_there() -> bool {
    let asked = timeout(LIMIT, async {
        let bus = Connection::session().await?;
        let watcher = Proxy::new(&bus, WATCHER, "/StatusNotifierWatcher", WATCHER).await?;
        watcher
            .get_property::<bool>("IsStatusNotifierHostRegistered")
            .await
    });
    matches!(asked.await, Ok(Ok(true)))
}
