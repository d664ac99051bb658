//! The system bus, for services that may run there.

use zbus::{Connection, fdo::DBusProxy, names::BusName};

/// The bus, if the service with this name runs on it.
///
/// # Errors
/// There is no system bus.
pub async fn bus_with(name: &'static str) -> zbus::Result<Option<Connection>> {
    let bus = Connection::system().await?;
    // A question to the service itself would start it.
    let name = BusName::try_from(name)?;
    let is_there = DBusProxy::new(&bus).await?.name_has_owner(name).await?;
    Ok(is_there.then_some(bus))
}
