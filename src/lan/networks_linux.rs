//! Linux: networks for which the user has chosen one of firewalld's zones for strangers, in the settings of
//! NetworkManager. A zone that nobody has chosen says nothing: on many systems the default is called public.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::time::timeout;
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Proxy};

use super::{
    standing::{Networks, Standing},
    system_bus::bus_with,
};

/// How often to ask whether the user has changed something.
pub const ASK_AGAIN: Duration = Duration::from_secs(5);

/// How long NetworkManager may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

const NAME: &str = "org.freedesktop.NetworkManager";
const PATH: &str = "/org/freedesktop/NetworkManager";
const ACTIVE: &str = "org.freedesktop.NetworkManager.Connection.Active";
const SETTINGS: &str = "org.freedesktop.NetworkManager.Settings.Connection";
const DEVICE: &str = "org.freedesktop.NetworkManager.Device";

/// The zones in which other computers are not trusted.
const ZONES: [&str; 5] = ["block", "dmz", "drop", "external", "public"];

type Settings = HashMap<String, HashMap<String, OwnedVariant>>;

/// NetworkManager has answered. If it is not there later, it is starting again.
static HAS_ANSWERED: AtomicBool = AtomicBool::new(false);

/// What the user's settings say; `None` if NetworkManager doesn't answer.
pub async fn networks() -> Option<Networks> {
    let bus = match timeout(LIMIT, bus_with(NAME)).await.ok()? {
        Ok(bus) => bus,
        // There is no system bus.
        Err(zbus::Error::Connection(..) | zbus::Error::InputOutput(_)) => None,
        Err(_) => return None,
    };
    let Some(bus) = bus else {
        let is_away = HAS_ANSWERED.load(Ordering::Relaxed);
        return (!is_away).then(Networks::default);
    };
    let networks = timeout(LIMIT, ask(&bus)).await.ok()?.ok()?;
    HAS_ANSWERED.store(true, Ordering::Relaxed);
    Some(networks)
}

async fn ask(bus: &Connection) -> zbus::Result<Networks> {
    let manager = Proxy::new(bus, NAME, PATH, NAME).await?;
    let active: Vec<OwnedObjectPath> = manager.get_property("ActiveConnections").await?;
    let mut networks = Networks::default();
    for connection in active {
        let connection = Proxy::new(bus, NAME, connection, ACTIVE).await?;
        // Those of other users are private.
        let standing = match settings(bus, &connection).await {
            Ok(settings) => standing(&settings),
            Err(_) => Standing::Unknown,
        };
        if standing == Standing::Private {
            continue;
        }
        let devices: Vec<OwnedObjectPath> = connection.get_property("Devices").await?;
        for device in devices {
            let device = Proxy::new(bus, NAME, device, DEVICE).await?;
            let interface: String = device.get_property("Interface").await?;
            networks.known.insert(interface, standing.clone());
            // It has none of its own while it isn't connected.
            let interface: String = device.get_property("IpInterface").await.unwrap_or_default();
            networks.known.insert(interface, standing.clone());
        }
    }
    Ok(networks)
}

async fn settings(bus: &Connection, connection: &Proxy<'_>) -> zbus::Result<Settings> {
    let settings: OwnedObjectPath = connection.get_property("Connection").await?;
    let settings = Proxy::new(bus, NAME, settings, SETTINGS).await?;
    settings.call("GetSettings", &()).await
}

/// What the settings of a network say: whether they put it into a zone for strangers.
fn standing(settings: &Settings) -> Standing {
    let connection = settings.get("connection");
    let text = |key: &str| <&str>::try_from(connection?.get(key)?).ok();
    if text("zone").is_some_and(|zone| ZONES.contains(&zone)) {
        Standing::Public {
            name: text("id").unwrap_or_default().to_owned(),
            id: text("uuid").map(str::to_owned),
        }
    } else {
        Standing::Private
    }
}

#[cfg(test)]
mod tests {
    use zbus::{Str, Variant};

    use super::*;

    fn standing_in(zone: Option<&str>) -> Standing {
        let mut connection = HashMap::new();
        let mut set = |key: &str, text: &str| {
            let value = Variant::from(Str::from(text.to_owned()));
            connection.insert(key.to_owned(), OwnedVariant::try_from(value).unwrap());
        };
        set("id", "Café");
        set("uuid", "6c5d");
        if let Some(zone) = zone {
            set("zone", zone);
        }
        standing(&HashMap::from([("connection".to_owned(), connection)]))
    }

    #[test]
    fn only_a_zone_that_was_chosen_makes_a_network_public() {
        let public = Standing::Public {
            name: "Café".into(),
            id: Some("6c5d".into()),
        };
        assert_eq!(standing_in(Some("public")), public);
        for zone in [None, Some(""), Some("home"), Some("trusted")] {
            assert_eq!(standing_in(zone), Standing::Private);
        }
        assert_eq!(standing(&HashMap::new()), Standing::Private);
    }
}
