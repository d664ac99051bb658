//! Who may use the dashboard: whoever opened it with an address that only the user gets.
//!
//! The address carries a ticket behind `#`, which browsers send to nobody. The page exchanges it, once,
//! for a cookie that no script can read, and a token that only the page has. Every answer but the page
//! itself needs both: a browser sends the cookie to every server on this computer, whatever its port, and
//! whoever runs one may send it again. Nothing but the ticket gives the token away.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use subtle::ConstantTimeEq;

/// How long a ticket is valid. A browser may take a while to start.
const TICKET_LIFE: Duration = Duration::from_secs(10 * 60);

/// More are not kept; the oldest ones end.
const MAX_TICKETS: usize = 16;
const MAX_SESSIONS: usize = 16;

/// All tickets and sessions of one server; they end with it. Clones share them.
#[derive(Clone, Default)]
pub struct Sessions(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    tickets: Vec<(String, Instant)>,
    sessions: Vec<Opened>,
}

/// A session.
#[derive(Clone)]
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
        let opened = Opened {
            cookie: random()?,
            token: random()?,
        };
        let mut inner = self.inner();
        inner
            .tickets
            .retain(|(_, since)| since.elapsed() < TICKET_LIFE);
        let position = position(inner.tickets.iter().map(|(ticket, _)| ticket), ticket)?;
        inner.tickets.remove(position);
        push(&mut inner.sessions, opened.clone(), MAX_SESSIONS);
        Some(opened)
    }

    /// Whether there is a session with this cookie and this token.
    pub fn allow(&self, cookie: &str, token: &str) -> bool {
        let is_it =
            |session: &Opened| is_same(&session.cookie, cookie) & is_same(&session.token, token);
        self.inner().sessions.iter().any(is_it)
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
