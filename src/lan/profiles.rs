//! The network profiles of Windows, as JSON.

use serde::Deserialize;

use super::public::PublicNetwork;

#[derive(Deserialize)]
struct Profile {
    interface: String,
    name: String,
    category: String,
}

/// The public ones. None if there is something else.
pub fn public(json: &[u8]) -> Vec<PublicNetwork> {
    let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
    let profiles: Vec<Profile> = serde_json::from_slice(json).unwrap_or_default();
    let public = profiles.into_iter().filter(|it| it.category == "Public");
    let public = public.map(|it| PublicNetwork {
        interface: it.interface,
        name: it.name,
    });
    public.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_profiles_are_public() {
        let json = r#"[{"category":"Public","interface":"Wi-Fi","name":"Café"},{"category":"Private","interface":"Ethernet","name":"Home"},{"category":"DomainAuthenticated","interface":"VPN","name":"corp"}]"#;
        let expected = PublicNetwork {
            interface: "Wi-Fi".into(),
            name: "Café".into(),
        };
        assert_eq!(public(json.as_bytes()), [expected]);
        assert_eq!(public(b""), []);
        assert_eq!(public(b"[]"), []);
    }
}
