//! What the owner allows: how much at once, until when, and to whom.

use tokio::time::timeout;

use super::{
    rig::{LIMIT, Rig},
    wire::{ByHand, Wire},
};
use crate::server::PasswordHash;

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const UPGRADE: &str =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
const SWITCH: &str =
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/// A web socket that has begun: the visitor's end, and the site's.
async fn web_socket(rig: &Rig, site: &mut ByHand) -> (Wire, Wire) {
    let mut visitor = Wire::visitor(rig).await;
    visitor.send(UPGRADE).await;
    let (_, mut wire) = site.request().await;
    wire.send(SWITCH).await;
    visitor.expect(SWITCH).await;
    (visitor, wire)
}

#[tokio::test]
async fn more_requests_than_the_service_carries_are_told_to_come_back() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    rig.access.traffic().set_limit(Some(1));
    let mut first = Wire::visitor(&rig).await;
    first.send(GET).await;
    let (_, mut wire) = site.request().await;
    let mut second = Wire::visitor(&rig).await;
    second
        .send("HEAD / HTTP/1.1\r\nHost: a\r\nAccept-Language: fr\r\n\r\n")
        .await;
    let head = second.head().await.unwrap();
    assert!(head.starts_with("HTTP/1.1 503 "), "{head}");
    assert!(head.contains("retry-after: 60\r\n"), "{head}");
    wire.send(OK).await;
    first.expect(OK).await;
    // The connection has room again, and so has the share.
    second.send(GET).await;
    let (_, mut wire) = site.request().await;
    wire.send(OK).await;
    second.expect(OK).await;
    assert!(site.is_left_alone());
}

#[tokio::test]
async fn nothing_begins_after_the_end_and_what_is_under_way_finishes() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut running = Wire::visitor(&rig).await;
    running.send(GET).await;
    let (_, mut wire) = site.request().await;
    let (mut socket, mut socket_of_site) = web_socket(&rig, &mut site).await;
    rig.access.traffic().end();
    // A web socket would keep the share for as long as somebody has the page open.
    assert_eq!(socket.rest().await, "");
    assert_eq!(socket_of_site.rest().await, "");
    for request in [
        GET,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
        UPGRADE,
    ] {
        let mut late = Wire::visitor(&rig).await;
        late.send(request).await;
        let head = late.head().await.unwrap();
        assert!(head.starts_with("HTTP/1.1 410 "), "{head}");
        assert!(head.contains("clear-site-data: "), "{head}");
    }
    assert_eq!(rig.access.traffic().under_way(), 1);
    wire.send(OK).await;
    running.expect(OK).await;
    let idle = timeout(LIMIT, rig.access.traffic().idle()).await;
    idle.expect("nothing is under way");
    assert!(site.is_left_alone());
}

#[tokio::test]
async fn what_visitors_are_receiving_ends_when_the_password_changes() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let (mut socket, mut socket_of_site) = web_socket(&rig, &mut site).await;
    // An answer whose end nobody could tell from this one.
    let mut receiving = Wire::visitor(&rig).await;
    receiving.send(GET).await;
    let (_, mut sending) = site.request().await;
    sending.send("HTTP/1.1 200 OK\r\n\r\nsome").await;
    let begun = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nsome";
    receiving.expect(begun).await;
    let mut waiting = Wire::visitor(&rig).await;
    waiting.send(GET).await;
    let (_, mut thinking) = site.request().await;

    rig.access
        .lock()
        .set_password(Some(PasswordHash::of("secret").unwrap()));
    for end in [&mut socket, &mut receiving] {
        end.is_reset().await;
    }
    for end in [&mut socket_of_site, &mut sending, &mut thinking] {
        assert_eq!(end.rest().await, "");
    }
    let answer = waiting.rest().await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn a_stream_of_events_ends_with_the_share() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    let events = "HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
    wire.send(events).await;
    visitor.expect(events).await;
    rig.access.traffic().end();
    assert_eq!(visitor.rest().await, "");
    assert_eq!(wire.rest().await, "");
}
