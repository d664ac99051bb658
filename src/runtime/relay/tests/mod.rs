//! The relay in front of real servers, which speak what sites speak.

mod allowed;
mod inspected;
mod locked;
mod requests;
mod rig;
mod server;
mod tls;
mod wire;

use std::{
    num::NonZeroU64,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};

use self::{
    rig::{LIMIT, Rig},
    server::{LONG, Site, Speaks},
};
use crate::app::SiteState;

/// Enough for several looks at an idle site.
const IDLE: Duration = Duration::from_secs(4);

async fn is_left_alone(host: &str) {
    let Ok(_) = TcpListener::bind((host, 0)).await else {
        // This computer has no IPv6.
        assert!(host.contains(':'), "{host}");
        return;
    };
    let site = Site::at((host, 0), Speaks::Http).await;
    let mut rig = Rig::to(site.port).await;
    rig.reports(SiteState::Http).await;
    site.came.notified().await;
    let another = timeout(IDLE, site.came.notified()).await;
    assert!(another.is_err(), "{host}: nobody connects");
    assert_eq!(site.connections(), [b'H'], "{host}: it was asked once");

    let port = site.stop().await;
    rig.reports(SiteState::Down).await;
    assert!(rig.visit(b"").await.contains("running right now"));
    let site = Site::at((host, port), Speaks::Http).await;
    rig.reports(SiteState::Http).await;
    assert!(
        rig.visit(b"")
            .await
            .ends_with("plain, localhost:1, 0 bytes")
    );
    drop(site);
}

#[tokio::test]
async fn an_idle_site_is_left_alone_and_what_it_does_is_known() {
    tokio::join!(
        is_left_alone("127.0.0.1"),
        is_left_alone("::1"),
        is_left_alone("0.0.0.0"),
        is_left_alone("::"),
    );
}

#[tokio::test]
async fn a_site_with_https_is_shown_to_visitors() {
    for speaks in [Speaks::Https, Speaks::HttpsInWords] {
        let site = Site::start(speaks).await;
        let mut rig = Rig::to(site.port).await;
        rig.reports(SiteState::Https).await;
        for body in [&b""[..], b"a body"] {
            let answer = rig.visit(body).await;
            let wanted = format!("TLS for localhost, localhost:1, {} bytes", body.len());
            assert!(answer.ends_with(&wanted), "{speaks:?}: {answer}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_ends_with_the_connection_arrives_whole() {
    let site = Site::start(Speaks::HttpsThatHangsUp).await;
    let rig = Rig::to(site.port).await;
    let answer = rig.visit(b"").await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(body.len(), LONG);
}

#[tokio::test]
async fn what_a_site_answers_is_sent_no_faster_than_the_limit() {
    let site = Site::start(Speaks::HttpsThatHangsUp).await;
    let rig = Rig::to(site.port).await;
    let length = LONG as u64;
    rig.access.pace().set(NonZeroU64::new(2 * length));
    let began = Instant::now();
    let answer = rig.visit(b"").await;
    assert!(answer.len() > LONG);
    // Half a second, less what comes at once.
    assert!(began.elapsed() > Duration::from_millis(300));
}

#[tokio::test]
async fn a_site_may_change_between_http_and_https() {
    for with_tls in [Speaks::Https, Speaks::HttpsInWords] {
        let mut speaks = Speaks::Http;
        let mut site = Site::start(speaks).await;
        let rig = Rig::to(site.port).await;
        // Nobody waits until the change is noticed.
        for _ in 0..4 {
            let answer = rig.visit(&[b'x'; 100_000]).await;
            let how = if speaks == Speaks::Http {
                "plain"
            } else {
                "TLS for localhost"
            };
            let wanted = format!("{how}, localhost:1, 100000 bytes");
            assert!(answer.ends_with(&wanted), "{with_tls:?}: {answer}");
            speaks = if speaks == Speaks::Http {
                with_tls
            } else {
                Speaks::Http
            };
            let port = site.stop().await;
            site = Site::at(("127.0.0.1", port), speaks).await;
        }
    }
}

#[tokio::test]
async fn a_web_socket_stays_open_with_tls_and_without() {
    for speaks in [Speaks::Http, Speaks::Https] {
        let site = Site::start(speaks).await;
        let rig = Rig::to(site.port).await;
        let mut stream = rig.connect().await;
        let request = b"GET / HTTP/1.1\r\nHost: localhost:1\r\nUpgrade: websocket\r\n\r\n";
        stream.write_all(request).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{speaks:?}");
        for message in [*b"first", *b"again"] {
            stream.write_all(&message).await.unwrap();
            let mut echo = [0; 5];
            let read = timeout(LIMIT, stream.read_exact(&mut echo)).await;
            read.expect("an echo").unwrap();
            assert_eq!(echo, message, "{speaks:?}");
        }
    }
}

#[tokio::test]
async fn a_slow_site_is_not_taken_for_another_kind() {
    let site = Site::start(Speaks::SlowHttp).await;
    let mut rig = Rig::to(site.port).await;
    // It has not said a word.
    rig.reports(SiteState::Http).await;
    let answer = async {
        site.came.notified().await;
        // This one and the one that asks what the site is.
        while site.connections().len() < 2 {
            site.came.notified().await;
        }
        site.release.notify_waiters();
    };
    let (text, ()) = tokio::join!(rig.visit(b"hello"), answer);
    assert!(text.ends_with("plain, localhost:1, 5 bytes"), "{text}");
    let connections = site.connections();
    assert!(!connections.contains(&0x16), "no TLS: {connections:?}");
    assert_eq!(rig.seen, [SiteState::Http]);
}

#[tokio::test]
async fn what_is_no_site_is_told_apart_in_words() {
    for (speaks, state, words) in [
        (Speaks::Ssh, SiteState::NotHttp, "lead to a website"),
        (Speaks::SecureMail, SiteState::NotHttp, "lead to a website"),
        (Speaks::Nothing, SiteState::Silent, "closed the connection"),
    ] {
        let site = Site::start(speaks).await;
        let mut rig = Rig::to(site.port).await;
        rig.reports(state).await;
        let page = rig.visit(b"").await;
        assert!(page.starts_with("HTTP/1.1 503 "), "{speaks:?}: {page}");
        assert!(page.contains(words), "{speaks:?}: {page}");
        for header in [
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
        ] {
            assert!(page.contains(header), "{header} in {page}");
        }
        // A website in its place is shown under the same link.
        let port = site.stop().await;
        let _site = Site::at(("127.0.0.1", port), Speaks::Http).await;
        rig.reports(SiteState::Http).await;
        assert!(rig.visit(b"").await.ends_with("0 bytes"), "{speaks:?}");
    }
}

#[tokio::test]
async fn what_is_shown_in_place_of_a_site_is_in_the_language_of_the_visitor() {
    let site = Site::start(Speaks::Ssh).await;
    let mut rig = Rig::to(site.port).await;
    rig.reports(SiteState::NotHttp).await;
    let ask = async |method: &str| {
        let mut stream = rig.connect().await;
        let head =
            format!("{method} / HTTP/1.1\r\nHost: localhost:1\r\nAccept-Language: de\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut text = String::new();
        let read = timeout(LIMIT, stream.read_to_string(&mut text)).await;
        read.expect("an answer and the end").unwrap();
        text
    };
    let page = ask("GET").await;
    assert!(page.starts_with("HTTP/1.1 503 "), "{page}");
    for part in [
        "<html lang=\"de\"",
        "<h1>Dieser Link führt zu keiner Website</h1>",
        "cache-control: no-store\r\n",
        "vary: Accept-Language\r\n",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(!page.contains("retry-after"), "{page}");
    let head = ask("HEAD").await;
    assert!(head.ends_with("\r\n\r\n"), "no body: {head}");
}

#[tokio::test]
async fn a_site_whose_https_can_not_be_used_is_told_apart() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // A fatal alert: it supports no version that we do.
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(b"\x15\x03\x01\0\x02\x02\x46").await;
        }
    });
    let mut rig = Rig::to(port).await;
    rig.reports(SiteState::TlsFails).await;
    let page = rig.visit(b"").await;
    assert!(page.contains("the secure connection"), "{page}");
    server.abort();
}
