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
    for site in ["cross-site", "same-site", "", "Same-Origin", "else"] {
        let elsewhere = [("sec-fetch-site", site)];
        let form = knock("POST", "/?unlock", &elsewhere);
        let submitted = lock.submit(&form, b"password=secret").await;
        assert_eq!(submitted, none, "{site:?}");
    }
    let twice = ["same-origin", "same-site"].map(|site| ("sec-fetch-site", site));
    let form = knock("POST", "/?unlock", &twice);
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
    let drive = [("accept", "text/html,*/*;q=0.8")];
    assert!(!knock("PROPFIND", "/", &drive).is_browser);
    let address = [("cf-connecting-ip", "192.0.2.7")];
    let through = knock("GET", "/", &address).address;
    assert_eq!(through, Some([192, 0, 2, 7].into()));
    let local = Knock::new("GET", b"/", RequestOrigin::Loopback, None, |_| {
        vec![&b"192.0.2.7"[..]]
    });
    assert_eq!(local.address, None);
}
