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
    is_cross_site: bool,
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
            RequestOrigin::Loopback => peer,
        };
        let is_browser = !values("sec-fetch-mode").is_empty()
            || values("accept")
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
            is_cross_site: is_cross_site(&values),
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
        match self.enter(&password, knock.address).await {
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
        if knock.is_cross_site {
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

/// Whether another website has made a browser send a request. Older browsers tell only which site
/// has sent a form. Ours is `null`, because the page says that nobody may learn its address.
fn is_cross_site<'a>(values: impl Fn(&'static str) -> Vec<&'a [u8]>) -> bool {
    let sites = values("sec-fetch-site");
    if !sites.is_empty() {
        return sites.contains(&&b"cross-site"[..]);
    }
    // Before a local site, cloudflared sets Host to the site's, and keeps the visitor's. No form can
    // choose either.
    let hosts = [values("host"), values("x-forwarded-host")].concat();
    let is_other = |origin: &&[u8]| {
        let start = origin.windows(3).position(|part| part == b"://");
        let host = start.map(|start| &origin[start + 3..]);
        *origin != b"null"
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
mod tests {
    use super::*;
    use crate::server::access::PasswordHash;

    fn knock<'a>(method: &str, target: &'a str, fields: &'a [(&str, &str)]) -> Knock<'a> {
        let target = target.as_bytes();
        Knock::new(method, target, RequestOrigin::Tunnel, None, |name| {
            let values = fields.iter().filter(|(other, _)| *other == name);
            values.map(|(_, value)| value.as_bytes()).collect()
        })
    }

    fn locked() -> Lock {
        let lock = Lock::default();
        lock.set_password(Some(PasswordHash::of("secret").unwrap()));
        lock
    }

    /// The Cookie header of a visitor who enters the password.
    async fn enter(lock: &Lock) -> String {
        let form = knock("POST", "/?unlock", &[]);
        assert_eq!(lock.decide(&form).await, Decision::Form);
        let submitted = lock.submit(&form, b"password=secret").await;
        let Submitted::Unlocked(Some(cookie)) = submitted else {
            panic!("{submitted:?}");
        };
        cookie.split(';').next().unwrap().to_owned()
    }

    const CLOSED: Decision = Decision::Closed(Closed::NoPassword);

    #[tokio::test]
    async fn visitors_come_in_with_their_cookie_only() {
        let (lock, other) = (locked(), locked());
        assert_eq!(lock.decide(&knock("GET", "/", &[])).await, CLOSED);
        let cookie = enter(&lock).await;
        let fields = [("cookie", cookie.as_str())];
        let request = knock("GET", "/", &fields);
        let open = lock.decide(&request).await;
        assert!(matches!(open, Decision::Open(Some(_))), "{open:?}");
        // Of another share, or of one that has no password any more.
        assert_eq!(other.decide(&request).await, CLOSED);
        lock.set_password(None);
        assert_eq!(lock.decide(&request).await, Decision::Open(None));
        lock.set_password(Some(PasswordHash::of("secret").unwrap()));
        assert_eq!(lock.decide(&request).await, CLOSED);
    }

    #[tokio::test]
    async fn programs_come_in_with_the_password() {
        let lock = locked();
        for (authorization, decision) in [
            ("Basic eDpzZWNyZXQ=", Decision::Open(None)),
            ("Basic eDp4", Decision::Closed(Closed::WrongPassword)),
            ("Bearer secret", CLOSED),
        ] {
            let fields = [("authorization", authorization)];
            assert_eq!(lock.decide(&knock("PUT", "/a", &fields)).await, decision);
        }
        let twice = [("authorization", "Basic eDpzZWNyZXQ="); 2];
        assert_eq!(lock.decide(&knock("GET", "/", &twice)).await, CLOSED);
        assert!(lock.has_password(b"Basic eDpzZWNyZXQ="));
        assert!(!lock.has_password(b"Basic eDp4"));
    }

    #[tokio::test]
    async fn only_the_right_form_of_this_site_opens() {
        let lock = locked();
        let form = knock("POST", "/?unlock", &[]);
        let wrong = Submitted::Closed(Closed::WrongPassword);
        assert_eq!(lock.submit(&form, b"password=x").await, wrong);
        let none = Submitted::Closed(Closed::NoPassword);
        assert_eq!(lock.submit(&form, b"secret").await, none);
        let elsewhere = [("sec-fetch-site", "cross-site")];
        let form = knock("POST", "/?unlock", &elsewhere);
        assert_eq!(lock.submit(&form, b"password=secret").await, none);
        for target in ["/", "/?unlocked", "/unlock", "/?x=unlock"] {
            assert_eq!(lock.decide(&knock("POST", target, &[])).await, CLOSED);
        }
        assert_eq!(lock.decide(&knock("GET", "/?unlock", &[])).await, CLOSED);
    }

    #[tokio::test]
    async fn without_sec_fetch_site_the_origin_tells_whose_form_it_is() {
        const HOST: (&str, &str) = ("host", "a.example:8080");
        for (fields, is_ours) in [
            (&[HOST][..], true),
            (&[HOST, ("origin", "null")], true),
            (&[HOST, ("origin", "http://a.example:8080")], true),
            (&[HOST, ("origin", "https://A.example:8080")], true),
            (
                &[
                    ("host", "localhost:3000"),
                    ("x-forwarded-host", "a.example"),
                    ("origin", "https://a.example"),
                ],
                true,
            ),
            (&[HOST, ("origin", "https://a.example")], false),
            (&[HOST, ("origin", "https://evil.example")], false),
            (&[HOST, ("origin", "https://evil.a.example:8080")], false),
            (&[HOST, ("origin", "a.example:8080")], false),
            (&[HOST, ("origin", "")], false),
            (
                &[
                    HOST,
                    ("origin", "https://b.example"),
                    ("sec-fetch-site", "same-origin"),
                ],
                true,
            ),
            (
                &[HOST, ("origin", "null"), ("sec-fetch-site", "cross-site")],
                false,
            ),
        ] {
            let form = knock("POST", "/?unlock", fields);
            let submitted = locked().submit(&form, b"password=secret").await;
            let is_unlocked = matches!(submitted, Submitted::Unlocked(Some(_)));
            assert_eq!(is_unlocked, is_ours, "{fields:?}");
        }
    }

    #[tokio::test]
    async fn secrets_are_not_shown_in_a_log() {
        let lock = locked();
        let fields = [
            ("cookie", "__Host-share=hidden"),
            ("authorization", "hidden"),
        ];
        let knock = knock("POST", "/hidden?unlock", &fields);
        let submitted = lock.submit(&knock, b"password=secret").await;
        let Submitted::Unlocked(Some(cookie)) = &submitted else {
            panic!("{submitted:?}");
        };
        let shown = format!("{knock:?} {submitted:?} {lock:?}");
        let secret = cookie.split(['=', ';']).nth(1).unwrap();
        for hidden in ["hidden", "secret", secret] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }

    #[test]
    fn a_site_can_not_replace_the_session() {
        let lock = locked();
        for (set_cookie, replaces) in [
            ("__Host-share=x; Path=/; Secure", true),
            ("__Host-share=", true),
            (" __Host-share = x;", true),
            ("session=__Host-share; Path=/", false),
            ("a=b; __Host-share=x", false),
            ("", false),
            ("; Path=/", false),
        ] {
            let found = lock.replaces_session(set_cookie.as_bytes());
            assert_eq!(found, replaces, "{set_cookie}");
        }
        let local = format!("{}=x", lock.local_cookie());
        assert!(lock.replaces_session(local.as_bytes()));
    }

    #[test]
    fn the_form_leads_back_to_where_it_was_shown_and_nowhere_else() {
        for (target, wanted, form) in [
            ("/", "/", "?unlock"),
            ("/a%20b/?unlock", "/a%20b/", "?unlock"),
            (
                "/a?view=list&unlock&x=y",
                "/a?view=list&x=y",
                "?view=list&x=y&unlock",
            ),
            ("//evil.example/a?unlock", "/evil.example/a", "?unlock"),
            ("/\\evil.example?unlock", "/evil.example", "?unlock"),
            ("https://evil.example/", "/https://evil.example/", "?unlock"),
            ("/caf\u{e9}?\u{e9}", "/caf%C3%A9?%C3%A9", "?%C3%A9&unlock"),
            ("", "/", "?unlock"),
            ("/?&&", "/", "?unlock"),
        ] {
            let knock = knock("POST", target, &[]);
            assert_eq!(knock.wanted(), wanted, "{target}");
            assert_eq!(knock.form_target(), form, "{target}");
        }
    }

    #[test]
    fn browsers_and_addresses_are_recognised() {
        let is_browser = |fields| knock("GET", "/", fields).is_browser;
        assert!(is_browser(&[("accept", "text/html,*/*;q=0.8")]));
        assert!(is_browser(&[("accept", "*/*"), ("sec-fetch-mode", "cors")]));
        assert!(!is_browser(&[("accept", "*/*")]));
        assert!(!is_browser(&[]));
        let address = [("cf-connecting-ip", "192.0.2.7")];
        let through = knock("GET", "/", &address).address;
        assert_eq!(through, Some([192, 0, 2, 7].into()));
        let local = Knock::new("GET", b"/", RequestOrigin::Loopback, None, |_| {
            vec![&b"192.0.2.7"[..]]
        });
        assert_eq!(local.address, None);
    }
}
