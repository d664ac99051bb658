//! Who sends a request, as far as the request tells.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
};

use super::{agent::Agent, view::VisitorId};
use crate::server::origin::RequestOrigin;

/// The longest user agent that is looked at, in bytes. What follows doesn't tell visitors apart.
const MAX_AGENT_BYTES: usize = 512;

/// JavaScript keeps integers of 53 bits exactly.
const ID_BITS: u32 = 53;

/// What a request tells about its visitor.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    pub origin: RequestOrigin,
    /// The visitor's address, if known.
    pub address: Option<IpAddr>,
    /// The same for all addresses that one visitor may have.
    pub network: Option<IpAddr>,
    /// The session, if the visitor has entered a password.
    pub session: Option<&'a [u8]>,
    /// The user agent; empty for none.
    pub agent: &'a [u8],
    /// What Cloudflare says about the country. Anybody else could have written it, so it is looked at
    /// only if the request came through the tunnel.
    pub country: Option<&'a [u8]>,
}

/// How a visitor is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marks {
    pub visitor: VisitorId,
    /// The same program at the same address, without a session.
    pub program: VisitorId,
    /// The address, if others than the owner can have it.
    pub network: Option<u64>,
}

/// What is shown of a visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub country: Option<String>,
    pub agent: Agent,
    pub address: Option<IpAddr>,
}

impl Caller<'_> {
    /// How it is recognised by somebody with this hasher.
    pub(super) fn marks(&self, hasher: &RandomState) -> Marks {
        let id = |hash: u64| VisitorId(hash >> (u64::BITS - ID_BITS));
        let agent = self.short_agent();
        let program = id(hasher.hash_one(("program", self.network, agent)));
        let visitor = match self.session {
            Some(session) => id(hasher.hash_one(("session", session))),
            None => program,
        };
        let network = self.network.filter(|_| self.is_far());
        Marks {
            visitor,
            program,
            network: network.map(|network| hasher.hash_one(network)),
        }
    }

    /// What is shown of it.
    pub(super) fn person(&self) -> Person {
        let has_edge = self.origin == RequestOrigin::Tunnel;
        let country = self.country.filter(|_| has_edge);
        Person {
            country: country.and_then(country_code),
            agent: Agent::of(self.short_agent()),
            address: self.address,
        }
    }

    fn is_far(&self) -> bool {
        self.origin != RequestOrigin::Loopback
    }

    fn short_agent(&self) -> &[u8] {
        &self.agent[..self.agent.len().min(MAX_AGENT_BYTES)]
    }
}

/// The code of a country, if it is one. Cloudflare writes `XX` if it doesn't know.
fn country_code(value: &[u8]) -> Option<String> {
    let is_code = matches!(value, [first, second]
        if first.is_ascii_uppercase() && (second.is_ascii_uppercase() || value == b"T1"));
    let code = is_code.then(|| value.iter().copied().map(char::from).collect::<String>());
    code.filter(|code| code != "XX")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller<'a>(address: &str, agent: &'a [u8]) -> Caller<'a> {
        let address = Some(address.parse().unwrap());
        Caller {
            origin: RequestOrigin::Tunnel,
            address,
            network: address,
            session: None,
            agent,
            country: Some(b"DE"),
        }
    }

    #[test]
    fn a_country_is_a_code_that_came_through_the_tunnel() {
        let far = caller("192.0.2.1", b"");
        assert_eq!(far.person().country.as_deref(), Some("DE"));
        for origin in [RequestOrigin::Loopback, RequestOrigin::Network] {
            let near = Caller { origin, ..far };
            assert_eq!(near.person().country, None);
        }
        for (value, expected) in [
            (&b"T1"[..], Some("T1")),
            (b"XX", None),
            (b"de", None),
            (b"D1", None),
            (b"DEU", None),
            (b"", None),
            (b"<b", None),
            (b"\xff\xff", None),
        ] {
            assert_eq!(country_code(value).as_deref(), expected, "{value:?}");
        }
    }

    #[test]
    fn a_visitor_is_a_session_or_a_program_at_an_address() {
        let hasher = RandomState::new();
        let one = caller("192.0.2.1", b"curl/8");
        let marks = one.marks(&hasher);
        assert_eq!(marks, one.marks(&hasher));
        assert_ne!(
            marks.visitor,
            caller("192.0.2.2", b"curl/8").marks(&hasher).visitor
        );
        assert_ne!(
            marks.visitor,
            caller("192.0.2.1", b"wget").marks(&hasher).visitor
        );
        let entered = Caller {
            session: Some(b"secret"),
            ..one
        };
        let entered = entered.marks(&hasher);
        assert_ne!(entered.visitor, marks.visitor);
        assert_eq!(
            (entered.program, entered.network),
            (marks.program, marks.network)
        );
        assert!(marks.visitor.0 < 1 << ID_BITS);
    }

    #[test]
    fn the_address_of_this_computer_is_nobodys() {
        let near = Caller {
            origin: RequestOrigin::Loopback,
            ..caller("127.0.0.1", b"curl/8")
        };
        assert_eq!(near.marks(&RandomState::new()).network, None);
    }
}
