//! Linux: a panel that shows icons registers with the watcher on the session bus.

use std::time::Duration;

use tokio::time::timeout;
use zbus::{Connection, Proxy};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// A bus that takes longer to answer counts as one without icons.
const LIMIT: Duration = Duration::from_secs(3);

/// Whether a panel shows icons now.
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
