//! Who may use the dashboard: whoever opened it with an address that only the user gets.
//!
//! The address carries a ticket behind `#`, which browsers send to nobody. The page exchanges it, once,
//! for a cookie that no script can read, and a token that only the page has. Every answer but the page
//! itself needs both: pages on other ports of this computer share the cookies, but not the token.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// How long a ticket is valid. A browser may take a while to start.
const TICKET_LIFE: Duration = Duration::from_secs(10 * 60);

/// More are not kept; the oldest ones end.
const MAX_TICKETS: usize = 16;
const MAX_SESSIONS: usize = 16;

/// Goes before the cookie in what the token is a hash of.
const TOKEN_OF: &[u8] = b"the dashboard's page: ";

/// All tickets and sessions. Clones share them.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    tickets: Vec<(String, Instant)>,
    cookies: Vec<String>,
}

/// A new session.
pub struct Opened {
    /// For the browser.
    pub cookie: String,
    /// For the page.
    pub token: String,
}

impl Sessions {
    /// A ticket that opens one session; none if the system has no random bytes.
    pub fn ticket(&self) -> Option<String> {
        let ticket = random()?;
        let mut inner = self.inner();
        push(
            &mut inner.tickets,
            (ticket.clone(), Instant::now()),
            MAX_TICKETS,
        );
        Some(ticket)
    }

    /// Opens a session, and uses up the ticket.
    pub fn open(&self, ticket: &str) -> Option<Opened> {
        let cookie = random()?;
        let mut inner = self.inner();
        inner
            .tickets
            .retain(|(_, since)| since.elapsed() < TICKET_LIFE);
        let position = position(inner.tickets.iter().map(|(ticket, _)| ticket), ticket)?;
        inner.tickets.remove(position);
        push(&mut inner.cookies, cookie.clone(), MAX_SESSIONS);
        let token = token_of(&cookie);
        Some(Opened { cookie, token })
    }

    /// The token of a session, for a page that was loaded again.
    pub fn token(&self, cookie: &str) -> Option<String> {
        let inner = self.inner();
        position(inner.cookies.iter(), cookie).map(|_| token_of(cookie))
    }

    /// Whether this is a session, and the token is its.
    pub fn allow(&self, cookie: &str, token: &str) -> bool {
        self.token(cookie).is_some_and(|own| is_same(&own, token))
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a secret is. Takes the same time wherever it differs.
fn position<'a>(secrets: impl Iterator<Item = &'a String>, wanted: &str) -> Option<usize> {
    let found = secrets.enumerate().filter(|(_, one)| is_same(one, wanted));
    found.map(|(at, _)| at).last()
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

/// Adds an item at the end. If they become too many, the first one goes.
fn push<T>(items: &mut Vec<T>, item: T, max: usize) {
    if items.len() >= max {
        items.remove(0);
    }
    items.push(item);
}

fn token_of(cookie: &str) -> String {
    let hash = Sha256::new().chain_update(TOKEN_OF).chain_update(cookie);
    BASE64.encode(hash.finalize())
}

fn random() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(BASE64.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_opens_one_session() {
        let sessions = Sessions::default();
        let ticket = sessions.ticket().unwrap();
        let opened = sessions.open(&ticket).unwrap();
        assert!(sessions.open(&ticket).is_none());
        assert!(sessions.allow(&opened.cookie, &opened.token));
        assert_eq!(sessions.token(&opened.cookie), Some(opened.token));
    }

    #[test]
    fn neither_the_cookie_nor_the_token_is_enough() {
        let sessions = Sessions::default();
        let [one, other] = [(); 2].map(|()| {
            let ticket = sessions.ticket().unwrap();
            sessions.open(&ticket).unwrap()
        });
        for (cookie, token) in [
            (one.cookie.as_str(), ""),
            ("", one.token.as_str()),
            (&one.cookie, &other.token),
            (&one.cookie, &one.cookie),
            (&one.token, &one.token),
        ] {
            assert!(!sessions.allow(cookie, token));
        }
        assert!(sessions.open("").is_none());
        assert!(sessions.open(&one.cookie).is_none());
    }

    #[test]
    fn secrets_have_256_bits_and_of_too_many_the_oldest_go() {
        let sessions = Sessions::default();
        let tickets: Vec<_> = (0..=MAX_TICKETS)
            .filter_map(|_| sessions.ticket())
            .collect();
        assert!(
            tickets
                .iter()
                .all(|it| BASE64.decode(it).unwrap().len() == 32)
        );
        assert!(sessions.open(&tickets[0]).is_none());
        assert!(sessions.open(&tickets[1]).is_some());
    }
}
