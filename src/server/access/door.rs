//! Who may come in: decides about each request to a share with a password, before anything else sees
//! it.
//!
//! A browser shows its cookie. A program sends the password with each request, as Basic
//! authentication. A browser without a cookie gets a page that asks for the password, and sends it
//! as a form to `?unlock` of the same address.

use std::{fmt, net::IpAddr, time::Duration};

use percent_encoding::{CONTROLS, percent_encode};

use super::{
    cookie,
    form::{self, basic_password},
    lock::{Entry, Lock},
    sessions::Session,
};
use crate::server::{http::visitor, origin::RequestOrigin};

/// The query that takes the form.
const UNLOCK: &[u8] = b"unlock";

/// What a request says about who sends it.
#[derive(Clone)]
pub struct Knock<'a> {
    pub origin: RequestOrigin,
    /// The visitor's address, if known.
    pub address: Option<IpAddr>,
    path: &'a [u8],
    query: &'a [u8],
    is_post: bool,
    cookies: Vec<&'a [u8]>,
    authorization: Vec<&'a [u8]>,
    /// A browser shows the answer, so it can be a page.
    pub is_browser: bool,
    /// Another website has made the browser send it.
    pub is_cross_origin: bool,
}

/// Whether a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It is, as part of this session if there is one.
    Open(Option<Session>),
    /// It is a form, which [`Lock::submit`] takes. At most [`MAX_FORM_BYTES`](super::MAX_FORM_BYTES)
    /// long.
    Form,
    /// It is not.
    Closed(Closed),
}

/// Why a request is not answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The visitor has not entered the password.
    NoPassword,
    /// It is wrong.
    WrongPassword,
    /// Only after this time, another password is looked at.
    Wait(Duration),
}

/// What has become of a form.
#[derive(Clone, PartialEq, Eq)]
pub enum Submitted {
    /// The visitor may see the share. The cookie is to be set, if there is one.
    Unlocked(Option<String>),
    Closed(Closed),
}

impl<'a> Knock<'a> {
    /// What a request says. `target` is its path and query; `values` gives the values of all header
    /// fields with a name in lower case; `peer` is the other end of the connection.
    pub fn new(
        method: &str,
        target: &'a [u8],
        origin: RequestOrigin,
        peer: Option<IpAddr>,
        values: impl Fn(&'static str) -> Vec<&'a [u8]>,
    ) -> Self {
        let at = target.iter().position(|byte| *byte == b'?');
        let (path, query) = match at {
            Some(at) => (&target[..at], &target[at + 1..]),
            None => (target, &b""[..]),
        };
        let address = match origin {
            // The edge replaces one that the visitor sends.
            RequestOrigin::Tunnel => match values(visitor::ADDRESS_HEADER)[..] {
                [address] => visitor::parse(address),
                _ => None,
            },
            RequestOrigin::Loopback | RequestOrigin::Network => peer,
        };
        let may_be_page = matches!(method, "GET" | "HEAD" | "POST");
        let is_browser = !values("sec-fetch-mode").is_empty()
            // Drives say that too, with methods of their own, and have to be asked for the password.
            || may_be_page
                && values("accept")
                    .iter()
                    .any(|accept| accept.windows(9).any(|part| part == b"text/html"));
        Self {
            origin,
            address,
            path,
            query,
            is_post: method == "POST",
            cookies: values("cookie"),
            authorization: values("authorization"),
            is_browser,
            is_cross_origin: is_cross_origin(origin, &values),
        }
    }

    /// Whether it sends the form.
    pub fn is_form(&self) -> bool {
        self.is_post && self.pairs().any(|pair| pair == UNLOCK)
    }

    /// Where the form goes, relative to the address of the request.
    pub fn form_target(&self) -> String {
        let mut target = b"?".to_vec();
        for pair in self.other_pairs() {
            target.extend_from_slice(pair);
            target.push(b'&');
        }
        target.extend_from_slice(UNLOCK);
        as_url(&target)
    }

    /// The address that the visitor wanted to see before the form, on the same host in any case.
    pub fn wanted(&self) -> String {
        let is_slash = |byte: &u8| matches!(byte, b'/' | b'\\');
        let start = self.path.iter().position(|byte| !is_slash(byte));
        let mut wanted = b"/".to_vec();
        wanted.extend_from_slice(&self.path[start.unwrap_or(self.path.len())..]);
        for (number, pair) in self.other_pairs().enumerate() {
            wanted.push(if number == 0 { b'?' } else { b'&' });
            wanted.extend_from_slice(pair);
        }
        as_url(&wanted)
    }

    fn pairs(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.query.split(|byte| *byte == b'&')
    }

    fn other_pairs(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.pairs()
            .filter(|pair| !pair.is_empty() && *pair != UNLOCK)
    }
}

impl Lock {
    /// Whether a request is answered. Changes of the password after that are for
    /// [`Lock::changes`] to tell.
    pub async fn decide(&self, knock: &Knock<'_>) -> Decision {
        if !self.is_locked() {
            return Decision::Open(None);
        }
        if knock.is_form() {
            return Decision::Form;
        }
        if let Some(session) = self.session_of(knock) {
            return Decision::Open(Some(session));
        }
        let Some(password) = only_password(knock) else {
            return Decision::Closed(Closed::NoPassword);
        };
        match Box::pin(self.enter(&password, knock.address)).await {
            Entry::Open | Entry::Right(_) => Decision::Open(None),
            Entry::Wrong => Decision::Closed(Closed::WrongPassword),
            Entry::Wait(wait) => Decision::Closed(Closed::Wait(wait)),
        }
    }

    /// Takes a form.
    pub async fn submit(&self, knock: &Knock<'_>, form: &[u8]) -> Submitted {
        if !self.is_locked() || self.session_of(knock).is_some() {
            return Submitted::Unlocked(None);
        }
        // Another website could make a visitor's browser guess, until the visitor has to wait.
        if knock.is_cross_origin {
            return Submitted::Closed(Closed::NoPassword);
        }
        let Some(password) = form::password(form) else {
            return Submitted::Closed(Closed::NoPassword);
        };
        match self.enter(&password, knock.address).await {
            Entry::Open => Submitted::Unlocked(None),
            Entry::Wrong => Submitted::Closed(Closed::WrongPassword),
            Entry::Wait(wait) => Submitted::Closed(Closed::Wait(wait)),
            Entry::Right(key) => match self.begin_session(key) {
                Some(secret) => {
                    let cookie = cookie::set(&secret, knock.origin, self.local_cookie());
                    Submitted::Unlocked(Some(cookie))
                }
                // The password has just been changed.
                None => Submitted::Closed(Closed::NoPassword),
            },
        }
    }

    /// A Cookie header as a local site may see it; none if nothing is left of it.
    pub fn without_session(&self, cookies: &[u8]) -> Option<Vec<u8>> {
        cookie::without_secrets(cookies, self.local_cookie())
    }

    /// Whether a Set-Cookie header of a local site would end the session.
    pub fn replaces_session(&self, set_cookie: &[u8]) -> bool {
        let pair = set_cookie.split(|byte| *byte == b';').next();
        pair.is_some_and(|pair| {
            !pair.trim_ascii().is_empty() && self.without_session(pair).is_none()
        })
    }

    /// Whether an Authorization header has the password of the share, which no local site may see.
    pub fn has_password(&self, authorization: &[u8]) -> bool {
        self.is_locked()
            && basic_password(authorization).is_some_and(|password| self.is_known(&password))
    }

    fn session_of(&self, knock: &Knock<'_>) -> Option<Session> {
        let local = self.local_cookie();
        let mut secrets = (knock.cookies.iter())
            .flat_map(|header| cookie::secrets(header, knock.origin, local))
            .take(4);
        secrets.find_map(|secret| self.session(secret))
    }
}

/// Shows no secret.
impl fmt::Debug for Knock<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Knock")
            .field("origin", &self.origin)
            .field("is_browser", &self.is_browser)
            .finish_non_exhaustive()
    }
}

/// Shows no secret.
impl fmt::Debug for Submitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unlocked(_) => f.write_str("Unlocked"),
            Self::Closed(closed) => f.debug_tuple("Closed").field(closed).finish(),
        }
    }
}

/// Whether another website has made a browser send a request. A neighbour is another one: browsers
/// call `b.example.org` the same site as `a.example.org`, and every port of this computer the same
/// as any other. Older browsers, and all browsers over plain HTTP, tell only which origin has sent a
/// form. Ours is `null`, because the page says that nobody may learn its address; except in the local
/// network, where the page may tell it to itself, so that the `null` of others is no longer ours.
fn is_cross_origin<'a>(
    from: RequestOrigin,
    values: impl Fn(&'static str) -> Vec<&'a [u8]>,
) -> bool {
    let sites = values("sec-fetch-site");
    if !sites.is_empty() {
        return !(sites.iter()).all(|site| matches!(*site, b"same-origin" | b"none"));
    }
    // Before a local site, cloudflared sets Host to the site's, and keeps the visitor's. No form can
    // choose either.
    let hosts = [values("host"), values("x-forwarded-host")].concat();
    let is_other = |origin: &&[u8]| {
        let start = origin.windows(3).position(|part| part == b"://");
        let host = start.map(|start| &origin[start + 3..]);
        let is_ours_hidden = *origin == b"null" && from != RequestOrigin::Network;
        !is_ours_hidden
            && !host.is_some_and(|host| hosts.iter().any(|own| own.eq_ignore_ascii_case(host)))
    };
    values("origin").iter().any(is_other)
}

/// A part of a URL in ASCII.
fn as_url(bytes: &[u8]) -> String {
    percent_encode(bytes, CONTROLS).to_string()
}

/// The password that a program sends. Two would be a guess each.
fn only_password(knock: &Knock<'_>) -> Option<String> {
    match knock.authorization[..] {
        [only] => basic_password(only),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
