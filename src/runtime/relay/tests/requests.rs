//! One request after the other, byte by byte.

use tokio::io::AsyncWriteExt;

use super::{
    rig::Rig,
    wire::{ByHand, Wire},
};

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost:1\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

#[tokio::test]
async fn requests_of_one_connection_share_one_to_the_site() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (head, mut wire) = site.request().await;
    assert_eq!(head, GET);
    wire.send(OK).await;
    visitor.expect(OK).await;
    let second = "HEAD /second HTTP/1.1\r\nhost: localhost:1\r\nX: y\r\n\r\n";
    visitor.send(second).await;
    wire.expect(second).await;
    wire.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        .await;
    visitor
        .expect("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        .await;
    // A site may close a connection at any time.
    drop(wire);
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    wire.send(OK).await;
    visitor.expect(OK).await;
}

#[tokio::test]
async fn a_connection_that_the_site_closes_as_a_request_arrives_is_replaced() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    wire.send(OK).await;
    visitor.expect(OK).await;
    visitor.send(GET).await;
    wire.expect(GET).await;
    drop(wire);
    let (head, mut wire) = site.request().await;
    assert_eq!(head, GET);
    wire.send(OK).await;
    visitor.expect(OK).await;
}

#[tokio::test]
async fn requests_that_come_at_once_are_answered_one_by_one() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    let post = "POST /b HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: 3\r\n\r\n";
    visitor.send(format!("\r\n{GET}{post}abc{GET}")).await;
    let (head, mut first) = site.request().await;
    assert_eq!(head, GET);
    assert!(site.is_left_alone());
    first.send(OK).await;
    // One that may not be repeated gets a fresh connection.
    let (head, mut second) = site.request().await;
    assert_eq!(head, post);
    second.expect("abc").await;
    second.send(OK).await;
    let (head, mut third) = site.request().await;
    assert_eq!(head, GET);
    third.send(OK).await;
    visitor.expect(&OK.repeat(3)).await;
}

#[tokio::test]
async fn what_a_site_leaves_of_a_body_is_not_its_next_request() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    let body = "GET /secret HTTP/1.1\r\nHost: localhost:1\r\n\r\n";
    let head = format!(
        "GET / HTTP/1.1\r\nHost: localhost:1\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    visitor.send(head + body).await;
    let (_, mut ignorant) = site.request().await;
    ignorant.send(OK).await;
    visitor.expect(OK).await;
    visitor.send(GET).await;
    let (head, mut other) = site.request().await;
    assert_eq!(head, GET);
    other.send(OK).await;
    visitor.expect(OK).await;
    assert_eq!(ignorant.rest().await, body);
}

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_refused() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    for (request, status) in [
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
            400,
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n z\r\n\r\n", 400),
        ("GET / HTTP/1.1\nHost: a\n\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("\x16\x03\x01\0\n\n", 400),
        ("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501),
    ] {
        let mut visitor = Wire::visitor(&rig).await;
        visitor.send(request).await;
        visitor.send(GET).await;
        let answer = visitor.rest().await;
        let wanted = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&wanted), "{request:?}: {answer}");
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    }
    let mut visitor = Wire::visitor(&rig).await;
    let long = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "y".repeat(64 * 1024));
    visitor.send(long).await;
    assert!(visitor.rest().await.starts_with("HTTP/1.1 431 "));
    assert!(site.is_left_alone());
}

#[tokio::test]
async fn a_body_that_is_not_in_chunks_is_cut() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    visitor.send(head).await;
    visitor.send("3\r\nabc\r\n").await;
    let (_, mut wire) = site.request().await;
    wire.expect("3\r\nabc\r\n").await;
    visitor.send("0 \r\n\r\n").await;
    assert!(visitor.rest().await.starts_with("HTTP/1.1 400 "));
    assert_eq!(wire.rest().await, "");
}

#[tokio::test]
async fn both_bodies_may_come_in_chunks_with_fields_behind_them() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    let head =
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: Digest\r\n\r\n";
    let body = "3;a=b\r\nabc\r\n0\r\nDigest: x\r\n\r\n";
    visitor.send(format!("{head}{body}{GET}")).await;
    let (found, mut wire) = site.request().await;
    assert_eq!(found, head);
    wire.expect(body).await;
    let answer =
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Digest\r\n\r\n{body}");
    // The end of a chunk may come by itself.
    let (start, end) = answer.split_at(answer.len() - 1);
    wire.send(start).await;
    visitor.expect(start).await;
    wire.send(end).await;
    visitor.expect(end).await;
    assert_eq!(site.request().await.0, GET);
}

#[tokio::test]
async fn interim_responses_come_through_and_bodies_wait_for_them() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    visitor.send(head).await;
    let (found, mut wire) = site.request().await;
    assert_eq!(found, head);
    let go = "HTTP/1.1 100 Continue\r\n\r\n";
    wire.send(go).await;
    visitor.expect(go).await;
    visitor.send("abc").await;
    wire.expect("abc").await;
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
    wire.send(format!("{hints}{OK}")).await;
    visitor.expect(&format!("{hints}{OK}")).await;
}

#[tokio::test]
async fn an_answer_without_a_body_ends_with_its_head() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    for answer in [
        "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\nETag: \"a\"\r\n\r\n",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    ] {
        wire.send(answer).await;
        visitor.expect(answer).await;
        visitor.send(GET).await;
        wire.expect(GET).await;
    }
}

#[tokio::test]
async fn an_old_site_is_shown_and_the_connection_stays_if_it_can() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    wire.send("HTTP/1.0 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        .await;
    drop(wire);
    visitor.expect(OK).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    wire.send("HTTP/1.0 200 OK\r\n\r\nuntil ").await;
    visitor
        .expect("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nuntil ")
        .await;
    wire.send("the end").await;
    drop(wire);
    assert_eq!(visitor.rest().await, "the end");
}

#[tokio::test]
async fn an_old_visitor_gets_an_answer_and_the_end() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send("GET / HTTP/1.0\r\n\r\n").await;
    let (head, mut wire) = site.request().await;
    assert_eq!(head, "GET / HTTP/1.0\r\n\r\n");
    wire.send(format!("HTTP/1.1 103 Early Hints\r\n\r\n{OK}"))
        .await;
    assert_eq!(
        visitor.rest().await,
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"
    );
}

#[tokio::test]
async fn events_arrive_one_by_one_until_the_visitor_leaves() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    let head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    wire.send(head).await;
    visitor.expect(head).await;
    for event in ["9\r\ndata: 1\n\n\r\n", "9\r\ndata: 2\n\n\r\n"] {
        wire.send(event).await;
        visitor.expect(event).await;
    }
    drop(visitor);
    assert_eq!(wire.rest().await, "");
}

#[tokio::test]
async fn an_answer_that_ends_too_early_does_not_look_whole() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    for (start, rest) in [
        ("Content-Length: 5\r\n\r\n", "abc"),
        ("Transfer-Encoding: chunked\r\n\r\n", "3\r\nabc\r\n"),
    ] {
        let mut visitor = Wire::visitor(&rig).await;
        visitor.send(GET).await;
        let (_, mut wire) = site.request().await;
        let answer = format!("HTTP/1.1 200 OK\r\n{start}{rest}");
        wire.send(&answer).await;
        drop(wire);
        assert_eq!(visitor.rest().await, answer);
    }
}

#[tokio::test]
async fn a_visitor_who_only_listens_any_more_is_answered() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    visitor.0.shutdown().await.unwrap();
    let (_, mut wire) = site.request().await;
    // The site may wait for that.
    assert_eq!(wire.rest().await, "");
    wire.send(OK).await;
    assert_eq!(visitor.rest().await, OK);
}

#[tokio::test]
async fn half_a_request_is_never_made_whole() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    visitor.send(format!("{head}5\r\nabc")).await;
    drop(visitor);
    let (_, mut wire) = site.request().await;
    assert_eq!(wire.rest().await, "5\r\nabc");
    drop(wire);
    // It is not sent again either, with TLS or without.
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    assert_eq!(site.request().await.0, GET);
}

#[tokio::test]
async fn a_site_may_answer_before_it_has_the_whole_body() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let mut visitor = Wire::visitor(&rig).await;
    let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
    visitor.send(head).await;
    let (_, mut wire) = site.request().await;
    let answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nlong";
    wire.send(answer).await;
    visitor.expect(answer).await;
    // What still comes is no request.
    visitor.send(GET).await;
    assert_eq!(visitor.rest().await, "");
    assert!(site.is_left_alone());
}

#[tokio::test]
async fn only_a_web_socket_that_was_asked_for_begins() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let switch =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    wire.send(switch).await;
    assert!(visitor.rest().await.starts_with("HTTP/1.1 503 "));

    // After another request, on the same connection.
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(GET).await;
    let (_, mut wire) = site.request().await;
    wire.send(OK).await;
    visitor.expect(OK).await;
    let upgrade =
        "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    visitor.send(format!("{upgrade}early")).await;
    wire.expect(upgrade).await;
    wire.send(format!("{switch}hello")).await;
    visitor.expect(&format!("{switch}hello")).await;
    wire.expect("early").await;
    visitor.send(GET).await;
    wire.expect(GET).await;
    drop(visitor);
    assert_eq!(wire.rest().await, "");

    // One that the site refuses stays a request.
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(upgrade).await;
    let (_, mut wire) = site.request().await;
    let refused = "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n";
    wire.send(refused).await;
    visitor.expect(refused).await;
    visitor.send("POST / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(site.request().await.0, "POST / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[tokio::test]
async fn silent_connections_make_room_for_those_who_ask() {
    let mut site = ByHand::start().await;
    let rig = Rig::with_places(site.port, 4).await;
    let mut silent = Vec::new();
    for _ in 0..4 {
        silent.push(Wire::visitor(&rig).await);
    }
    for _ in 0..8 {
        let mut visitor = Wire::visitor(&rig).await;
        visitor.send(GET).await;
        let (_, mut wire) = site.request().await;
        wire.send(OK).await;
        visitor.expect(OK).await;
        silent.push(visitor);
    }
    for gone in &mut silent[..8] {
        assert_eq!(gone.rest().await, "");
    }
}
