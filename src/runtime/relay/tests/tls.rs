//! A site that takes both HTTP and HTTPS on its port, and one that only talks about it.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};

use super::{rig::Rig, wire::Wire};
use crate::app::SiteState;

const BAD_FIELD: &str =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 22\r\n\r\nThe TLS field is wrong";

/// The request line of a request, and how it came.
type Seen = Arc<Mutex<Vec<(String, &'static str)>>>;

async fn head(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    Some(String::from_utf8_lossy(&head).into_owned())
}

async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, how: &'static str, seen: &Seen) {
    let Some(head) = head(&mut stream).await else {
        return;
    };
    if head.contains("(checks the shared site)") {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        return;
    }
    let line = head.lines().next().unwrap().to_owned();
    seen.lock().unwrap().push((line, how));
    let _ = stream.write_all(BAD_FIELD.as_bytes()).await;
    let _ = stream.flush().await;
    let _ = stream.read_to_end(&mut Vec::new()).await;
}

/// A site that answers every request with [`BAD_FIELD`]. Returns its port, what it has seen, and how
/// many clients wanted TLS.
async fn site(has_tls: bool) -> (u16, Seen, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = loopback_edge::self_signed("somewhere.example").unwrap();
    let (seen, handshakes) = (Seen::default(), Arc::new(Mutex::new(0)));
    let (all, count) = (Arc::clone(&seen), Arc::clone(&handshakes));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, all, count) = (acceptor.clone(), Arc::clone(&all), Arc::clone(&count));
            tokio::spawn(async move {
                let mut first = [0];
                let _ = stream.peek(&mut first).await;
                if first[0] != 0x16 {
                    return answer(stream, "plain", &all).await;
                }
                *count.lock().unwrap() += 1;
                if has_tls && let Ok(tls) = acceptor.accept(stream).await {
                    answer(tls, "TLS", &all).await;
                }
            });
        }
    });
    (port, seen, handshakes)
}

async fn ask(rig: &Rig, method: &str) {
    let mut visitor = Wire::visitor(rig).await;
    let request =
        format!("{method} / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 3\r\n\r\nabc");
    visitor.send(request).await;
    visitor.expect(BAD_FIELD).await;
}

#[tokio::test]
async fn a_request_that_a_site_has_acted_on_is_not_repeated_with_tls() {
    let (port, seen, _) = site(true).await;
    let mut rig = Rig::to(port).await;
    rig.reports(SiteState::Http).await;
    ask(&rig, "POST").await;
    let plain = ("POST / HTTP/1.1".to_owned(), "plain");
    assert_eq!(*seen.lock().unwrap(), [plain]);
    // It speaks TLS, so the next one comes with it from the start.
    ask(&rig, "POST").await;
    let with_tls = ("POST / HTTP/1.1".to_owned(), "TLS");
    assert_eq!(seen.lock().unwrap()[1..], [with_tls]);
}

#[tokio::test]
async fn a_request_that_may_be_repeated_is_tried_with_tls() {
    let (port, seen, _) = site(true).await;
    let mut rig = Rig::to(port).await;
    rig.reports(SiteState::Http).await;
    ask(&rig, "PUT").await;
    let line = "PUT / HTTP/1.1".to_owned();
    assert_eq!(
        *seen.lock().unwrap(),
        [(line.clone(), "plain"), (line, "TLS")]
    );
}

#[tokio::test]
async fn a_site_that_only_talks_about_tls_is_asked_for_it_once() {
    let (port, seen, handshakes) = site(false).await;
    let mut rig = Rig::to(port).await;
    rig.reports(SiteState::Http).await;
    for _ in 0..3 {
        ask(&rig, "GET").await;
    }
    assert_eq!(seen.lock().unwrap().len(), 3);
    assert_eq!(*handshakes.lock().unwrap(), 1);
}
