//! Whether a request may reach the site, and how much of it. A site with a password doesn't hear of
//! anybody who has not entered it.

use std::{borrow::Cow, net::IpAddr};

use super::message::RequestHead;
use crate::server::{
    Caller, Closed, Decision, Knock, Lock, Reply, RequestOrigin, Session, Submitted, Visitor,
    closed, submitted,
};

/// What becomes of a request.
pub enum Verdict {
    /// The site answers.
    Pass(Pass),
    /// It is a form with the password, which [`take_form`] takes.
    Form,
    /// Its visitor may not see the site, and gets this.
    Closed(Reply),
}

/// What a request that may reach the site shows it.
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    /// The share has a password.
    pub is_locked: bool,
    /// What is in Authorization is the password of the share.
    has_password: bool,
    /// The session of a visitor who has entered it.
    pub session: Option<Session>,
}

/// Decides about a request. Changes of the password after that are for
/// [`Lock::changes`] to tell.
pub async fn decide(lock: &Lock, head: &RequestHead) -> Verdict {
    let knock = knock(head);
    if lock.was_locked() && !lock.is_locked() && knock.is_form() {
        // Somebody saw the page before the password was removed.
        return Verdict::Form;
    }
    let was_locked = lock.is_locked();
    match lock.decide(&knock).await {
        Decision::Open(session) => {
            // If it has just been removed, the visitor may have sent it.
            let is_locked = was_locked || lock.is_locked();
            Verdict::Pass(Pass {
                is_locked,
                has_password: is_locked && session.is_none(),
                session,
            })
        }
        Decision::Form => Verdict::Form,
        Decision::Closed(why) => Verdict::Closed(closed(why, &knock, language(head))),
    }
}

/// Whether a request is a form with the password, which never reaches the site.
pub fn is_form(lock: &Lock, head: &RequestHead) -> bool {
    lock.was_locked() && knock(head).is_form()
}

/// The visitor's address, as Cloudflare names it.
pub fn address(head: &RequestHead) -> Option<IpAddr> {
    knock(head).address
}

/// Who sends a request.
pub fn caller<'a>(head: &'a RequestHead, session: Option<&'a Session>) -> Caller<'a> {
    let address = address(head);
    Caller {
        origin: RequestOrigin::Tunnel,
        address,
        network: address.map(|address| Visitor::new(address).address()),
        session: session.map(Session::as_bytes),
        agent: head.values("user-agent").next().unwrap_or_default(),
        country: head.values("cf-ipcountry").next(),
    }
}

/// The answer to a form.
pub async fn take_form(lock: &Lock, head: &RequestHead, form: &[u8]) -> Reply {
    let knock = knock(head);
    let result: Submitted = lock.submit(&knock, form).await;
    submitted(&result, &knock, language(head))
}

/// The answer for a visitor who has to enter a new password.
pub fn ask_again(head: &RequestHead) -> Reply {
    closed(Closed::NoPassword, &knock(head), language(head))
}

impl Pass {
    /// Everything that the site got before.
    pub fn again() -> Self {
        Self {
            is_locked: false,
            has_password: false,
            session: None,
        }
    }

    /// The head that the site gets, without what has let the visitor in.
    pub fn for_site(self, lock: &Lock, head: &RequestHead) -> Vec<u8> {
        head.for_site(|field| {
            if field.is("cookie") && (lock.was_locked() || has_own(field.value)) {
                let cookies = without_own(field.value)?;
                return if lock.was_locked() {
                    lock.without_session(&cookies).map(Cow::Owned)
                } else {
                    Some(Cow::Owned(cookies))
                };
            }
            let is_secret =
                field.is("authorization") && (self.has_password || lock.has_password(field.value));
            (!is_secret).then_some(Cow::Borrowed(field.value))
        })
    }
}

/// What the names of the program's own cookies begin with. A browser sends those of the dashboard to every
/// port of this computer.
const OWN: &[u8] = b"spot-serve-";

fn is_own(pair: &[u8]) -> bool {
    let name = pair.trim_ascii_start().get(..OWN.len());
    name.is_some_and(|name| name.eq_ignore_ascii_case(OWN))
}

fn has_own(cookies: &[u8]) -> bool {
    cookies.split(|byte| *byte == b';').any(is_own)
}

/// A Cookie header without the program's own cookies; none if nothing is left of it.
fn without_own(cookies: &[u8]) -> Option<Vec<u8>> {
    let pairs = cookies.split(|byte| *byte == b';');
    let others: Vec<&[u8]> = pairs.filter(|pair| !is_own(pair)).collect();
    let others = others.join(&b';').trim_ascii().to_vec();
    (!others.is_empty()).then_some(others)
}

/// The language that the visitor wants.
pub fn language(head: &RequestHead) -> Option<&[u8]> {
    head.values("accept-language").next()
}

fn knock(head: &RequestHead) -> Knock<'_> {
    let values = |name| head.values(name).collect();
    // Only the tunnel is told where the relay is.
    Knock::new(
        head.method(),
        head.target(),
        RequestOrigin::Tunnel,
        None,
        values,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::PasswordHash;

    #[test]
    fn a_site_gets_no_cookie_of_the_dashboard() {
        let lock = Lock::default();
        for (cookies, expected) in [
            ("spot-serve-4000=x", r"GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            (
                "a=b; Spot-Serve-1=x; c=d",
                r"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b; c=d\r\n\r\n",
            ),
            (
                "a=spot-serve-1; b",
                r"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=spot-serve-1; b\r\n\r\n",
            ),
        ] {
            let head = format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookies}\r\n\r\n");
            let head = RequestHead::parse(head.as_bytes()).unwrap();
            let for_site = Pass::again().for_site(&lock, &head);
            assert_eq!(for_site.escape_ascii().to_string(), expected);
        }
    }

    #[tokio::test]
    async fn a_site_gets_no_secret_of_a_visitor_even_if_the_password_is_removed_meanwhile() {
        let lock = Lock::default();
        lock.set_password(Some(PasswordHash::of("secret").unwrap()));
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nCookie: __Host-share=x; a=b\r\nAuthorization: Basic bWU6c2VjcmV0\r\n\r\n";
        let head = RequestHead::parse(head).unwrap();
        let Verdict::Pass(pass) = decide(&lock, &head).await else {
            panic!("the password is right");
        };
        lock.set_password(None);
        assert_eq!(
            pass.for_site(&lock, &head).escape_ascii().to_string(),
            r"GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\n\r\n"
        );
    }
}
