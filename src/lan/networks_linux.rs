//! Linux: networks for which the user has chosen one of firewalld's zones for strangers, in the settings of
//! NetworkManager. A zone that nobody has chosen says nothing: on many systems the default is called public.

use std::{collections::HashMap, time::Duration};

use tokio::time::timeout;
use zbus::{Connection, OwnedObjectPath, OwnedVariant, Proxy};

use super::{
    standing::{Networks, Standing},
    system_bus::bus_with,
};

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

/// What the user's settings say.
pub async fn networks() -> Networks {
    match timeout(LIMIT, bus_with(NAME)).await {
        Ok(Ok(Some(bus))) => match timeout(LIMIT, ask(&bus)).await {
            Ok(Ok(networks)) => networks,
            Ok(Err(_)) | Err(_) => Networks::unknown(),
        },
        // There is no NetworkManager, or no system bus.
        _ => Networks::default(),
    }
}

async fn ask(bus: &Connection) -> zbus::Result<Networks> {
    let manager = Proxy::new(bus, NAME, PATH, NAME).await?;
    let active: Vec<OwnedObjectPath> = manager.get_property("ActiveConnections").await?;
    let mut networks = Networks::default();
    for connection in active {
        let connection = Proxy::new(bus, NAME, connection, ACTIVE).await?;
        // Those of other users are a secret.
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
            for property in ["Interface", "IpInterface"] {
                let interface: String = device.get_property(property).await.unwrap_or_default();
                networks.known.insert(interface, standing.clone());
            }
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
        Standing::Public(text("id").unwrap_or_default().to_owned())
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
        if let Some(zone) = zone {
            set("zone", zone);
        }
        standing(&HashMap::from([("connection".to_owned(), connection)]))
    }

    #[test]
    fn only_a_zone_that_was_chosen_makes_a_network_public() {
        assert_eq!(standing_in(Some("public")), Standing::Public("Café".into()));
        for zone in [None, Some(""), Some("home"), Some("trusted")] {
            assert_eq!(standing_in(zone), Standing::Private);
        }
        assert_eq!(standing(&HashMap::new()), Standing::Private);
    }
}
