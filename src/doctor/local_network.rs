//! Whether a share would be open to the networks that this computer is in, or would ask first.

use tokio::task::spawn_blocking;

use super::finding::Finding;
use crate::{
    app::visible,
    lan::{self, Addresses, Networks, Standing},
};

const CHECK: &str = "local network";

pub async fn examine() -> Option<Finding> {
    let mut addresses = spawn_blocking(lan::at_hand).await.ok()?.ok()?;
    addresses.note(&lan::networks().await.unwrap_or_else(Networks::unknown));
    Some(Finding::ok(CHECK, in_words(&addresses)))
}

fn in_words(addresses: &Addresses) -> String {
    let Some(first) = addresses.private.first() else {
        return if addresses.has_public {
            "all addresses here are public, so no share is opened to it".into()
        } else {
            "not connected to a local network".into()
        };
    };
    let interface = addresses.interface(&first.interface);
    match interface.map(|it| &it.standing) {
        Some(Standing::Public { name, .. }) => format!(
            "your system calls {} public, so a share asks before it is opened to it",
            visible(if name.is_empty() {
                &first.interface
            } else {
                name
            })
        ),
        Some(Standing::Unknown) => format!(
            "your system doesn't say whether the one behind {} is private, so a share asks before it is opened to it",
            visible(&first.interface)
        ),
        _ => format!("a share can be opened to it, at {}", first.ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lan::{Address, Interface};

    fn at(standing: Standing) -> Addresses {
        let ip = "192.168.1.5".parse().unwrap();
        Addresses {
            private: vec![Address {
                ip,
                interface: "wlan0".into(),
            }],
            interfaces: vec![Interface {
                name: "wlan0".into(),
                standing,
                is_inside: false,
                places: [ip].into(),
            }],
            ..Addresses::default()
        }
    }

    #[test]
    fn it_is_said_whether_the_network_counts_as_public() {
        let cafe = Standing::Public {
            name: "Café".into(),
            id: None,
        };
        assert!(in_words(&at(cafe)).starts_with("your system calls Café public"));
        assert!(in_words(&at(Standing::Unknown)).contains("wlan0"));
        let open = "a share can be opened to it, at 192.168.1.5";
        assert_eq!(in_words(&at(Standing::Private)), open);
        assert_eq!(
            in_words(&Addresses::default()),
            "not connected to a local network"
        );
    }
}
