//! Linux: a lock of logind, or of the desktop portal where there is no logind.

use std::{collections::HashMap, time::Duration};

use tokio::time::timeout;
use zbus::{Connection, OwnedFd, Variant};

const WHO: &str = "Spot Serve";
const WHY: &str = "Files are being transferred";
/// Not "idle": desktops would also keep the screen on.
const WHAT: &str = "sleep";
const MODE: &str = "block";

/// The portal's flag for suspending.
const SUSPEND: u32 = 4;

/// A service that takes longer to answer counts as missing.
const LIMIT: Duration = Duration::from_secs(3);

/// Keeps the computer awake until it is dropped.
#[derive(Debug)]
pub enum StayAwake {
    /// logind releases the lock when this is closed.
    Logind(OwnedFd),
    /// The portal releases its lock when the connection ends.
    Portal(Connection),
}

/// Nothing keeps the computer awake.
#[derive(Debug, thiserror::Error)]
#[error("logind: {logind}; desktop portal: {portal}")]
pub struct AwakeError {
    logind: zbus::Error,
    portal: zbus::Error,
}

/// Keeps the computer awake.
///
/// # Errors
/// Neither logind nor the desktop portal can do it.
pub async fn stay_awake() -> Result<StayAwake, AwakeError> {
    let logind = match timeout(LIMIT, ask_logind()).await {
        Ok(Ok(lock)) => return Ok(StayAwake::Logind(lock)),
        Ok(Err(error)) => error,
        Err(_) => too_slow(),
    };
    match timeout(LIMIT, ask_portal()).await {
        Ok(Ok(connection)) => Ok(StayAwake::Portal(connection)),
        Ok(Err(portal)) => Err(AwakeError { logind, portal }),
        Err(_) => Err(AwakeError {
            logind,
            portal: too_slow(),
        }),
    }
}

async fn ask_logind() -> zbus::Result<OwnedFd> {
    const MANAGER: &str = "org.freedesktop.login1.Manager";
    let bus = Connection::system().await?;
    let answer = bus
        .call_method(
            Some("org.freedesktop.login1"),
            "/org/freedesktop/login1",
            Some(MANAGER),
            "Inhibit",
            &(WHAT, WHO, WHY, MODE),
        )
        .await?;
    answer.body().deserialize()
}

async fn ask_portal() -> zbus::Result<Connection> {
    let bus = Connection::session().await?;
    let options = HashMap::from([("reason", Variant::from(WHY))]);
    bus.call_method(
        Some("org.freedesktop.portal.Desktop"),
        "/org/freedesktop/portal/desktop",
        Some("org.freedesktop.portal.Inhibit"),
        "Inhibit",
        &("", SUSPEND, options),
    )
    .await?;
    Ok(bus)
}

fn too_slow() -> zbus::Error {
    zbus::Error::Failure("it doesn't answer".into())
}
