//! A site with a password hears nothing of visitors who have not entered it.

use tokio::io::AsyncWriteExt;

use super::{
    rig::Rig,
    wire::{ByHand, Wire},
};
use crate::{app::SiteState, server::PasswordHash};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const SECRET_OK: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nCache-Control: private, no-store\r\n\r\nok";
/// "Basic" and "secret", the password, or "site".
const PASSWORD: &str = "Authorization: Basic bWU6c2VjcmV0\r\n";
const OF_SITE: &str = "Authorization: Basic bWU6c2l0ZQ==\r\n";

fn set(rig: &Rig, password: &str) {
    let hash = PasswordHash::of(password).unwrap();
    rig.access.lock().set_password(Some(hash));
}

/// A site with the password "secret". The relay has looked at it once.
async fn locked() -> (ByHand, Rig) {
    let site = ByHand::start().await;
    let mut rig = Rig::to(site.port).await;
    set(&rig, "secret");
    rig.reports(SiteState::Http).await;
    (site, rig)
}

/// The site has had no connection but those of the relay itself, and of one visitor who may see it.
async fn has_heard_nothing(site: &mut ByHand, rig: &Rig) {
    assert!(site.is_left_alone());
    let mut visitor = Wire::visitor(rig).await;
    let request = format!("GET /last HTTP/1.1\r\nHost: a\r\n{PASSWORD}\r\n");
    visitor.send(request).await;
    let (head, mut wire) = site.request().await;
    assert_eq!(head, "GET /last HTTP/1.1\r\nHost: a\r\n\r\n");
    wire.send(OK).await;
    visitor.expect(SECRET_OK).await;
    // Connections come in order.
    assert_eq!(site.connections(), 2);
}

fn form(target: &str, fields: &str, password: &str) -> String {
    let body = format!("password={password}");
    let length = body.len();
    format!("POST {target} HTTP/1.1\r\nHost: a\r\n{fields}Content-Length: {length}\r\n\r\n{body}")
}

/// The cookie that a visitor gets for the password, by the form.
async fn enter(visitor: &mut Wire, password: &str) -> String {
    visitor.send(form("/?unlock", "", password)).await;
    let head = visitor.head().await.unwrap();
    assert!(head.starts_with("HTTP/1.1 303 "), "{head}");
    let line = head
        .lines()
        .find_map(|line| line.strip_prefix("set-cookie: "));
    let cookie = line.unwrap_or_else(|| panic!("no cookie in {head}"));
    assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"));
    cookie.split(';').next().unwrap().to_owned()
}

/// What a visitor gets who sends this, and nothing else.
async fn answers(rig: &Rig, bytes: &str) -> String {
    let mut visitor = Wire::visitor(rig).await;
    visitor.send(bytes).await;
    visitor.0.shutdown().await.unwrap();
    visitor.rest().await
}

#[tokio::test]
async fn no_request_without_the_password_reaches_the_site() {
    let (mut site, rig) = locked().await;
    let methods = [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW",
    ];
    let body = "GET /in-body HTTP/1.1\r\nHost: a\r\n\r\n";
    let (length, hex) = (body.len(), format!("{:x}", body.len()));
    // With the number of answers if another request follows.
    let framings = [
        ("1.1", String::new(), String::new(), 2),
        ("1.1", "Content-Length: 0\r\n".into(), String::new(), 2),
        ("1.0", String::new(), String::new(), 1),
        ("1.1", "Connection: close\r\n".into(), String::new(), 1),
        (
            "1.1",
            "Connection: Upgrade\r\nUpgrade: websocket\r\n".into(),
            String::new(),
            2,
        ),
        (
            "1.1",
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n".into(),
            String::new(),
            2,
        ),
        (
            "1.1",
            format!("Content-Length: {length}\r\n"),
            body.into(),
            1,
        ),
        (
            "1.1",
            format!("Expect: 100-continue\r\nContent-Length: {length}\r\n"),
            body.into(),
            1,
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked\r\n".into(),
            format!("{hex}\r\n{body}\r\n0\r\n\r\n"),
            1,
        ),
        (
            "1.1",
            "Transfer-Encoding: chunked\r\n".into(),
            "zzz".into(),
            1,
        ),
        (
            "1.0",
            format!("Content-Length: {length}\r\n"),
            body.into(),
            1,
        ),
    ];
    for method in methods {
        for (version, fields, body, count) in &framings {
            for target in ["/", "/a?b", "/?unlocked", "http://a/", "*"] {
                let request =
                    format!("{method} {target} HTTP/{version}\r\nHost: a\r\n{fields}\r\n{body}");
                let answer = answers(&rig, &format!("{request}{GET}")).await;
                let all = answer.matches("HTTP/1.1 ").count();
                let closed = answer.matches("HTTP/1.1 401 ").count();
                assert_eq!((all, closed), (*count, *count), "{request}: {answer}");
            }
        }
    }
    has_heard_nothing(&mut site, &rig).await;
}

#[tokio::test]
async fn what_only_looks_like_a_way_in_is_none() {
    let (mut site, rig) = locked().await;
    let (_other_site, other) = locked().await;
    let of_other = enter(&mut Wire::visitor(&other).await, "secret").await;
    let mut visitor = Wire::visitor(&rig).await;
    let old = enter(&mut visitor, "secret").await;
    set(&rig, "secret");
    let name = "__Host-share";
    for (fields, status) in [
        (format!("Cookie: {of_other}\r\n"), 401),
        (format!("Cookie: {old}\r\n"), 401),
        (format!("Cookie: {name}=\r\nCookie: a={old}\r\n"), 401),
        ("CF-Connecting-IP: 127.0.0.1\r\n".to_owned(), 401),
        (
            "CF-Connecting-IP: 127.0.0.1\r\nHost: localhost\r\n".to_owned(),
            400,
        ),
        ("Range: bytes=0-9\r\nIf-None-Match: *\r\n".to_owned(), 401),
        (OF_SITE.to_owned(), 401),
        (format!("{PASSWORD}{PASSWORD}"), 401),
        ("Authorization: Bearer secret\r\n".to_owned(), 401),
        (
            "Proxy-Authorization: Basic bWU6c2VjcmV0\r\n".to_owned(),
            401,
        ),
        ("X-HTTP-Method-Override: POST\r\n".to_owned(), 401),
        (
            format!("Content-Length: 1\r\nContent_Length: 2\r\n{PASSWORD}"),
            400,
        ),
        (
            format!("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n{PASSWORD}"),
            400,
        ),
    ] {
        for target in ["/", "/?unlock", "/?password=secret#password=secret"] {
            let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
            let answer = answers(&rig, &request).await;
            let wanted = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&wanted), "{request}: {answer}");
            assert!(!answer.contains("set-cookie"), "{request}: {answer}");
        }
    }
    let tunnel = answers(&rig, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n").await;
    assert!(tunnel.starts_with("HTTP/1.1 501 "), "{tunnel}");
    has_heard_nothing(&mut site, &rig).await;
}

#[tokio::test]
async fn a_browser_is_asked_on_a_page_and_a_program_by_a_challenge() {
    let (mut site, rig) = locked().await;
    let page = answers(
        &rig,
        "GET /a?b HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept-Language: de\r\n\r\n",
    )
    .await;
    for part in [
        "cache-control: private, no-store\r\n",
        "content-security-policy: ",
        "x-robots-tag: noindex\r\n",
        "action=\"?b&#38;unlock\"",
        "lang=\"de\"",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("www-authenticate"), "{page}");
    let head = answers(&rig, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(head.contains("\r\nwww-authenticate: Basic "), "{head}");
    assert!(head.ends_with("\r\n\r\n"), "no body: {head}");
    has_heard_nothing(&mut site, &rig).await;
}

#[tokio::test]
async fn the_form_opens_the_site_for_whoever_has_its_cookie() {
    let (mut site, rig) = locked().await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(form("/a?b&unlock", "", "wrong")).await;
    let head = visitor.head().await.unwrap();
    assert!(head.starts_with("HTTP/1.1 401 "), "{head}");
    assert!(!head.contains("set-cookie"), "{head}");
    let mut visitor = Wire::visitor(&rig).await;
    let cookie = enter(&mut visitor, "secret").await;
    // cloudflared uses the connection for others too.
    visitor.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let other = visitor.head().await.unwrap();
    assert!(other.starts_with("HTTP/1.1 401 "), "{other}");
    assert!(site.is_left_alone());

    let request = |cookies: &str| {
        format!("PUT /a HTTP/1.1\r\nHost: a\r\n{cookies}{OF_SITE}Content-Length: 3\r\n\r\nabc")
    };
    visitor
        .send(request(&format!("Cookie: a=b; {cookie}; c=\"d e\"\r\n")))
        .await;
    let (head, mut wire) = site.request().await;
    let wanted = request("Cookie: a=b; c=\"d e\"\r\n");
    assert_eq!(Some(head.as_str()), wanted.strip_suffix("abc"));
    wire.expect("abc").await;
    // The site's own cookies arrive, but none that would lock the visitor out.
    wire.send(
        "HTTP/1.1 200 OK\r\nSet-Cookie: __Host-share=x; Path=/\r\nSet-Cookie: a=c\r\nExpires: 0\r\nCDN-Cache-Control: max-age=9\r\nContent-Length: 2\r\n\r\nok",
    )
    .await;
    visitor
        .expect("HTTP/1.1 200 OK\r\nSet-Cookie: a=c\r\nContent-Length: 2\r\nCache-Control: private, no-store\r\n\r\nok")
        .await;
    visitor
        .send(format!(
            "GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n\r\n"
        ))
        .await;
    assert_eq!(site.request().await.0, GET);
    // Who has entered it is led on.
    let again = form(
        "//evil.example/?x&unlock",
        &format!("Cookie: {cookie}\r\n"),
        "x",
    );
    let answer = answers(&rig, &again).await;
    assert!(answer.starts_with("HTTP/1.1 303 "), "{answer}");
    assert!(
        answer.contains("location: /evil.example/?x\r\n"),
        "{answer}"
    );
}

#[tokio::test]
async fn a_form_is_short_complete_and_never_for_the_site() {
    let (mut site, rig) = locked().await;
    let cookie = enter(&mut Wire::visitor(&rig).await, "secret").await;
    let post = "POST /?unlock HTTP/1.1\r\nHost: a\r\n";
    let long = "x".repeat(4097);
    for (request, status) in [
        (form("/?unlock", "", "wrong"), 401),
        (form("/?unlock", "", ""), 401),
        (form("/?unlock", &format!("Cookie: {cookie}\r\n"), ""), 303),
        (form("/?unlock", OF_SITE, "wrong"), 401),
        (
            form("/?unlock", "Sec-Fetch-Site: cross-site\r\n", "secret"),
            401,
        ),
        (form("http://a/?unlock", "", "secret"), 303),
        (format!("{post}\r\n"), 401),
        (format!("{post}Content-Length: 4097\r\n\r\n{long}"), 413),
        (
            format!("{post}Content-Length: 999999999999999999\r\n\r\n"),
            413,
        ),
        (
            format!("{post}Transfer-Encoding: chunked\r\n\r\nf\r\npassword=secret\r\n0\r\n\r\n"),
            411,
        ),
        (
            "POST /?unlock HTTP/1.0\r\nContent-Length: 15\r\n\r\npassword=secret".into(),
            303,
        ),
    ] {
        let answer = answers(&rig, &format!("{request}{GET}")).await;
        let wanted = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&wanted), "{request}: {answer}");
        assert!(!answer.contains("HTTP/1.1 200"), "{request}: {answer}");
    }
    // Half a form is none.
    let half = answers(
        &rig,
        &format!("{post}Content-Length: 16\r\n\r\npassword=secret"),
    )
    .await;
    assert_eq!(half, "");
    // One that waits to be asked for is asked for.
    let mut visitor = Wire::visitor(&rig).await;
    visitor
        .send(format!(
            "{post}Expect: 100-continue\r\nContent-Length: 15\r\n\r\n"
        ))
        .await;
    visitor.expect("HTTP/1.1 100 Continue\r\n\r\n").await;
    visitor.send(format!("password=secret{GET}")).await;
    let head = visitor.head().await.unwrap();
    assert!(head.starts_with("HTTP/1.1 303 "), "{head}");
    let next = visitor.head().await.unwrap();
    assert!(next.starts_with("HTTP/1.1 401 "), "{next}");
    has_heard_nothing(&mut site, &rig).await;
}

#[tokio::test]
async fn a_program_sends_the_password_which_the_site_does_not_get() {
    let (mut site, rig) = locked().await;
    let cookie = enter(&mut Wire::visitor(&rig).await, "secret").await;
    let cookie = format!("Cookie: {cookie}\r\n");
    for (fields, at_site) in [
        (PASSWORD.to_owned(), String::new()),
        (
            format!("Cookie: a=b\r\n{PASSWORD}X: y\r\n"),
            "Cookie: a=b\r\nX: y\r\n".to_owned(),
        ),
        (
            format!("{PASSWORD}Cookie: __Host-share=x\r\n"),
            String::new(),
        ),
        (format!("{cookie}{PASSWORD}"), String::new()),
        (format!("{cookie}{PASSWORD}{OF_SITE}"), OF_SITE.to_owned()),
        (
            format!("{cookie}Authorization: Bearer x\r\n"),
            "Authorization: Bearer x\r\n".to_owned(),
        ),
    ] {
        let mut visitor = Wire::visitor(&rig).await;
        let request = |fields: &str| format!("PATCH /a HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        visitor.send(request(&fields)).await;
        let (head, mut wire) = site.request().await;
        assert_eq!(head, request(&at_site), "{fields}");
        wire.send(OK).await;
        visitor.expect(SECRET_OK).await;
    }
}

#[tokio::test]
async fn a_visitor_who_guesses_has_to_wait_and_another_has_not() {
    let (mut site, rig) = locked().await;
    let at = |address: &str| format!("CF-Connecting-IP: {address}\r\n");
    let mut last = String::new();
    for number in 0..=10 {
        let guess = form("/?unlock", &at("192.0.2.1"), &format!("wrong{number}"));
        last = answers(&rig, &guess).await;
    }
    assert!(last.starts_with("HTTP/1.1 429 "), "{last}");
    let right = form("/?unlock", &at("192.0.2.1"), "secret");
    let right = answers(&rig, &right).await;
    assert!(right.starts_with("HTTP/1.1 429 "), "{right}");
    let other = form("/?unlock", &at("192.0.2.2"), "secret");
    let other = answers(&rig, &other).await;
    assert!(other.starts_with("HTTP/1.1 303 "), "{other}");
    has_heard_nothing(&mut site, &rig).await;
}

#[tokio::test]
async fn everything_ends_when_the_password_changes_or_is_removed() {
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    for (is_removed, status) in [(false, 401), (true, 503)] {
        let (mut site, rig) = locked().await;
        let cookie = enter(&mut Wire::visitor(&rig).await, "secret").await;
        let request =
            |fields: &str| format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie}\r\n{fields}\r\n");
        let mut socket = Wire::visitor(&rig).await;
        socket.send(request(upgrade)).await;
        let (head, mut socket_of_site) = site.request().await;
        assert!(!head.contains("Cookie"), "{head}");
        let switch = format!("HTTP/1.1 101 Switching Protocols\r\n{upgrade}\r\n");
        socket_of_site.send(&switch).await;
        socket.expect(&switch).await;
        let mut waiting = Wire::visitor(&rig).await;
        waiting.send(request("")).await;
        let (_, mut thinking) = site.request().await;
        if is_removed {
            rig.access.lock().set_password(None);
        } else {
            set(&rig, "another");
        }
        socket.is_reset().await;
        let answer = waiting.rest().await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        for end in [&mut socket_of_site, &mut thinking] {
            assert_eq!(end.rest().await, "");
        }
    }
}

#[tokio::test]
async fn a_site_without_a_password_keeps_its_headers() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let ours = "Cookie:  a=b;__Host-share=x\r\n";
    let request =
        |fields: &str| format!("POST /?unlock HTTP/1.1\r\nHost: a\r\n{fields}{PASSWORD}\r\n");
    let answer = "HTTP/1.1 200 OK\r\nSet-Cookie: __Host-share=y\r\nCache-Control: max-age=9\r\nContent-Length: 2\r\n\r\nok";
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(request(ours)).await;
    let (head, mut wire) = site.request().await;
    assert_eq!(head, request(ours));
    wire.send(answer).await;
    visitor.expect(answer).await;

    // After one was removed, visitors may still send what was meant for it.
    set(&rig, "secret");
    rig.access.lock().set_password(None);
    let late = form("/a?unlock", "", "secret");
    let led_on = answers(&rig, &late).await;
    assert!(led_on.starts_with("HTTP/1.1 303 "), "{led_on}");
    assert!(!led_on.contains("set-cookie"), "{led_on}");
    let mut visitor = Wire::visitor(&rig).await;
    visitor
        .send(format!("GET / HTTP/1.1\r\nHost: a\r\n{ours}{PASSWORD}\r\n"))
        .await;
    let (head, mut wire) = site.request().await;
    assert_eq!(
        head,
        format!("GET / HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\n{PASSWORD}\r\n")
    );
    wire.send(answer).await;
    visitor.expect(answer).await;
}
