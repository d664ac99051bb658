//! The network profiles of Windows, as JSON.

use serde::Deserialize;

use super::standing::{Networks, Standing};

#[derive(Deserialize)]
struct Profile {
    interface: String,
    name: String,
    category: String,
}

/// What they say; `None` if this is something else. A network gets its profile some seconds after its address.
pub fn read(json: &[u8]) -> Option<Networks> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let profiles: Vec<Profile> = serde_json::from_slice(json).ok()?;
    let known = profiles.into_iter().map(|it| {
        let standing = match &*it.category {
            "Private" | "DomainAuthenticated" => Standing::Private,
            // Its name may be that of many.
            "Public" => Standing::Public {
                name: it.name,
                id: None,
            },
            _ => Standing::Unknown,
        };
        (it.interface, standing)
    });
    Some(Networks {
        known: known.collect(),
        others: Standing::Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_private_only_if_its_profile_says_so() {
        let json = r#"[{"category":"Public","interface":"Wi-Fi","name":"Café"},{"category":"Private","interface":"Ethernet","name":"Home"},{"category":"DomainAuthenticated","interface":"VPN","name":"corp"},{"category":"","interface":"USB","name":"Identifying..."}]"#;
        let networks = read(json.as_bytes()).unwrap();
        let cafe = Standing::Public {
            name: "Café".into(),
            id: None,
        };
        for (interface, expected) in [
            ("Wi-Fi", cafe),
            ("Ethernet", Standing::Private),
            ("VPN", Standing::Private),
            ("USB", Standing::Unknown),
            ("Ethernet 2", Standing::Unknown),
        ] {
            assert_eq!(*networks.behind(interface), expected, "{interface}");
        }
        assert_eq!(read(b"[]"), Some(Networks::unknown()));
        for nothing in ["", "null", "Get-NetConnectionProfile : Access denied"] {
            assert_eq!(read(nothing.as_bytes()), None, "{nothing}");
        }
    }
}
