//! Linux: networks for which the user has chosen one of firewalld's zones for strangers, in the settings of
//! NetworkManager. A zone that nobody has chosen says nothing: on many systems the default is called public.

use std::{collections::HashMap, time::Duration};

use tokio::time::timeout;
use zbus::{OwnedObjectPath, OwnedVariant, Proxy};

use super::{public::PublicNetwork, system_bus::bus_with};

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

/// The networks that the user calls public. None if that can't be known.
pub async fn public_networks() -> Vec<PublicNetwork> {
    match timeout(LIMIT, ask()).await {
        Ok(Ok(networks)) => networks,
        // There is no system bus.
        Ok(Err(_)) | Err(_) => Vec::new(),
    }
}

async fn ask() -> zbus::Result<Vec<PublicNetwork>> {
    let Some(bus) = bus_with(NAME).await? else {
        return Ok(Vec::new());
    };
    let manager = Proxy::new(&bus, NAME, PATH, NAME).await?;
    let active: Vec<OwnedObjectPath> = manager.get_property("ActiveConnections").await?;
    let mut found = Vec::new();
    for connection in active {
        let connection = Proxy::new(&bus, NAME, connection, ACTIVE).await?;
        let settings: OwnedObjectPath = connection.get_property("Connection").await?;
        let settings = Proxy::new(&bus, NAME, settings, SETTINGS).await?;
        let settings: Settings = settings.call("GetSettings", &()).await?;
        let Some(name) = name_if_public(&settings) else {
            continue;
        };
        let devices: Vec<OwnedObjectPath> = connection.get_property("Devices").await?;
        for device in devices {
            let device = Proxy::new(&bus, NAME, device, DEVICE).await?;
            for property in ["Interface", "IpInterface"] {
                let interface: String = device.get_property(property).await.unwrap_or_default();
                let name = name.clone();
                found.push(PublicNetwork { interface, name });
            }
        }
    }
    Ok(found)
}

/// The name of a network, if its settings put it into a zone for strangers.
fn name_if_public(settings: &Settings) -> Option<String> {
    let connection = settings.get("connection")?;
    let text = |key: &str| <&str>::try_from(connection.get(key)?).ok();
    let is_public = text("zone").is_some_and(|zone| ZONES.contains(&zone));
    is_public.then(|| text("id").unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use zbus::{Str, Variant};

    use super::*;

    fn named(zone: Option<&str>) -> Option<String> {
        let mut connection = HashMap::new();
        let mut set = |key: &str, text: &str| {
            let value = Variant::from(Str::from(text.to_owned()));
            connection.insert(key.to_owned(), OwnedVariant::try_from(value).unwrap());
        };
        set("id", "Café");
        if let Some(zone) = zone {
            set("zone", zone);
        }
        name_if_public(&HashMap::from([("connection".to_owned(), connection)]))
    }

    #[test]
    fn only_a_zone_that_was_chosen_makes_a_network_public() {
        assert_eq!(named(Some("public")).as_deref(), Some("Café"));
        for zone in [None, Some(""), Some("home"), Some("trusted")] {
            assert_eq!(named(zone), None);
        }
        assert_eq!(name_if_public(&HashMap::new()), None);
    }
}
