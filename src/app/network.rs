//! A share in the local network: whether it is open there, and at which addresses.

use std::net::SocketAddr;

use super::label;

/// Said to an owner who opens a share with a password.
pub const OTHERS_COULD_LISTEN: &str = "Links on your network aren't encrypted: others on it could read the password and what is transferred.";

/// How an owner agrees to open a share to a public network.
const OPEN_ANYWAY: &str = "To open it anyway, choose Open on This Network Anyway in the Spot Serve menu, or run `spot-serve set --lan`. In a terminal, add --yes.";

/// What has become of a share in the local network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkReport {
    /// It is open there.
    Open(NetworkPlace),
    /// It is not, for this reason.
    Closed(NetworkClosed),
}

/// Where a share is in the local network. Its port stays the same as long as the share lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkPlace {
    /// What others most likely reach comes first. There is at least one.
    pub addresses: Vec<SocketAddr>,
    /// The name that is announced there, such as `photos.local`.
    pub name: Option<String>,
}

/// Why a share isn't open to the local network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NetworkClosed {
    /// This computer is in no network.
    NoNetwork,
    /// Strangers could reach all addresses that this computer has.
    OnlyPublic,
    /// The system is finding out what kind of network this is.
    Looking,
    /// The owner has not agreed yet to open it to a network that isn't known to be private.
    Unconfirmed {
        name: String,
        /// The system calls it public; otherwise it doesn't say.
        is_public: bool,
    },
    /// The system doesn't let it listen; the text says why.
    Failed(String),
}

impl NetworkPlace {
    /// The link that most likely works for others.
    pub fn link(&self) -> Option<String> {
        self.addresses.first().map(link)
    }

    /// All links, the one that most likely works first.
    pub fn links(&self) -> Vec<String> {
        let mut links: Vec<String> = self.addresses.iter().map(link).collect();
        if let (Some(name), Some(first)) = (&self.name, self.addresses.first()) {
            links.push(format!("http://{name}:{}/", first.port()));
        }
        links
    }
}

impl NetworkClosed {
    /// For a row of the menu, after `Not on your network: `.
    pub fn short(&self) -> &str {
        match self {
            Self::NoNetwork => "this computer is in none",
            Self::OnlyPublic => "all addresses here are public",
            Self::Looking => "your system is looking at the network",
            Self::Unconfirmed { is_public, .. } => {
                if *is_public {
                    "your system calls this one public"
                } else {
                    "your system doesn't say whether it is private"
                }
            }
            Self::Failed(_) => "the port can't be opened",
        }
    }

    /// Why, and what to do.
    pub fn sentence(&self) -> String {
        match self {
            Self::NoNetwork => "This computer is in no local network now. The share opens there as soon as it is in one.".into(),
            Self::OnlyPublic => "This computer has only public addresses now, which strangers could reach, so the share isn't opened there. Connect it to a private network.".into(),
            Self::Looking => "Your system is still finding out whether the network is public. That takes a few seconds.".into(),
            Self::Unconfirmed { name, is_public } => {
                let name = label::shortened(&label::visible(name));
                let why = if *is_public {
                    format!("Your system calls the network {name} public")
                } else {
                    format!("Your system doesn't say whether the network {name} is private")
                };
                format!("{why}, so the share isn't opened there. {OPEN_ANYWAY}")
            }
            Self::Failed(why) => format!("The share can't be opened to your network: {why}. Switch it off and on again to try another port."),
        }
    }
}

fn link(address: &SocketAddr) -> String {
    format!("http://{address}/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_the_name_are_links() {
        let place = NetworkPlace {
            addresses: vec![
                "192.168.1.5:48630".parse().unwrap(),
                "[fd00::5]:48630".parse().unwrap(),
            ],
            name: Some("photos.local".into()),
        };
        assert_eq!(place.link().unwrap(), "http://192.168.1.5:48630/");
        assert_eq!(
            place.links(),
            [
                "http://192.168.1.5:48630/",
                "http://[fd00::5]:48630/",
                "http://photos.local:48630/"
            ]
        );
    }
}
