//! firewalld, asked on the system bus.

use std::{collections::HashMap, time::Duration};

use tokio::time::timeout;
use zbus::Proxy;

use super::ports::{CHECK, ports};
use crate::{
    doctor::finding::Finding,
    lan::{PORTS, bus_with},
};

/// How long it may take to answer.
const LIMIT: Duration = Duration::from_secs(2);

const NAME: &str = "org.fedoraproject.FirewallD1";
const PATH: &str = "/org/fedoraproject/FirewallD1";
const ZONE: &str = "org.fedoraproject.FirewallD1.zone";

/// Lets everything in.
const TRUSTED: &str = "trusted";

/// Which of its zones block shares. None if it isn't running or doesn't answer.
pub async fn examine() -> Option<Finding> {
    let zones = timeout(LIMIT, closed_zones()).await.ok()?;
    blocks(&zones.ok()?)
}

/// By name, with what they are for.
type ActiveZones = HashMap<String, HashMap<String, Vec<String>>>;

/// A port or a range, and its protocol.
type Ports = Vec<Vec<String>>;

async fn closed_zones() -> zbus::Result<Vec<String>> {
    let Some(bus) = bus_with(NAME).await? else {
        return Ok(Vec::new());
    };
    let zones = Proxy::new(&bus, NAME, PATH, ZONE).await?;
    let active: ActiveZones = zones.call("getActiveZones", &()).await?;
    let mut names: Vec<String> = active.into_keys().collect();
    if names.is_empty() {
        let firewall = Proxy::new(&bus, NAME, PATH, NAME).await?;
        names.push(firewall.call("getDefaultZone", &()).await?);
    }
    names.sort();
    let mut closed = Vec::new();
    for name in names {
        let ports: Ports = zones.call("getPorts", &(&name,)).await?;
        if name != TRUSTED && !is_open(&ports) {
            closed.push(name);
        }
    }
    Ok(closed)
}

/// Whether one of these open ports, each with its protocol, covers all of ours.
fn is_open(open: &[Vec<String>]) -> bool {
    open.iter().any(|entry| {
        let [range, protocol] = &entry[..] else {
            return false;
        };
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let number = |text: &str| text.parse::<u16>().ok();
        protocol == "tcp"
            && number(first).is_some_and(|first| first <= *PORTS.start())
            && number(last).is_some_and(|last| last >= *PORTS.end())
    })
}

fn blocks(zones: &[String]) -> Option<Finding> {
    let (first, names) = (zones.first()?, zones.join(", "));
    let range = ports("-");
    let what = match zones {
        [_] => "zone",
        _ => "zones",
    };
    Some(Finding::warning(
        CHECK,
        format!(
            "The firewall firewalld is running. In its {what} {names}, the ports of shares are closed, so the local network there can't reach them."
        ),
        format!(
            "To let it in, run `sudo firewall-cmd --zone={first} --add-port={range}/tcp`, and again with --permanent to keep it so."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(all: &[[&str; 2]]) -> bool {
        let all: Vec<Vec<String>> = all
            .iter()
            .map(|entry| entry.iter().map(|text| (*text).to_owned()).collect())
            .collect();
        is_open(&all)
    }

    #[test]
    fn a_zone_is_open_if_it_lets_all_ports_in() {
        assert!(open(&[["22", "tcp"], ["1025-65535", "tcp"]]));
        assert!(open(&[["48630-48649", "tcp"]]));
        for ports in [
            &[][..],
            &[["48630", "tcp"]],
            &[["1025-65535", "udp"]],
            &[["48635-50000", "tcp"]],
            &[["", "tcp"]],
        ] {
            assert!(!open(ports), "{ports:?}");
        }
    }

    #[test]
    fn the_zone_is_named_with_the_command_that_opens_it() {
        let found = blocks(&["public".into()]).unwrap();
        assert!(found.message.contains("In its zone public,"), "{found:?}");
        let advice = found.advice.unwrap();
        assert!(advice.contains("firewall-cmd --zone=public --add-port=48630-48649/tcp"));
        assert_eq!(blocks(&[]), None);
    }
}
