//! What the owner sees of the requests of a site, and does about them.

use tokio::time::timeout;

use super::{
    rig::{LIMIT, Rig},
    wire::{ByHand, Wire},
};
use crate::inspector::{Inspector, Outcome, RequestSummary, Secrets};

const POST: &str = "POST /login?x HTTP/1.1\r\nHost: localhost:1\r\nCookie: sid=topsecret\r\nCF-Connecting-IP: 192.0.2.1\r\nCF-IPCountry: DE\r\nUser-Agent: curl/8\r\nTransfer-Encoding: chunked\r\n\r\n";
const BODY: &str = "5\r\nhello\r\n0\r\n\r\n";
const FOUND: &str =
    "HTTP/1.1 302 Found\r\nSet-Cookie: sid=alsosecret\r\nContent-Length: 5\r\n\r\nmoved";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn get(address: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: x\r\nCF-Connecting-IP: {address}\r\n\r\n")
}

/// Waits until the newest requests are like this.
async fn until(
    inspector: &Inspector,
    is_so: impl Fn(&[RequestSummary]) -> bool,
) -> Vec<RequestSummary> {
    let looking = async {
        loop {
            let changed = inspector.changed();
            let requests = inspector.requests();
            if is_so(&requests) {
                return requests;
            }
            changed.await;
        }
    };
    timeout(LIMIT, looking).await.expect("it is recorded")
}

#[tokio::test]
async fn a_request_is_recorded_with_its_answer_and_sent_again() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let _guard = rig.inspector.open();
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(POST).await;
    let (_, mut wire) = site.request().await;
    let running = until(&rig.inspector, |all| all.len() == 1).await;
    assert_eq!(running[0].outcome, Outcome::Running);
    visitor.send(BODY).await;
    wire.expect(BODY).await;
    wire.send(FOUND).await;
    visitor.expect(FOUND).await;
    let whole = until(&rig.inspector, |all| all[0].outcome == Outcome::Whole).await;
    let [request] = &whole[..] else {
        panic!("{whole:?}");
    };
    assert_eq!((&*request.method, &*request.path), ("POST", "/login?x"));
    assert_eq!((request.status, request.size), (Some(302), 5));
    assert!(request.visitor.is_some());
    let detail = rig.inspector.request(request.id, Secrets::Masked).unwrap();
    assert_eq!(detail.request_body.text.as_deref(), Some("hello"));
    assert_eq!(detail.answer_body.text.as_deref(), Some("moved"));
    assert!(!format!("{detail:?}").contains("secret") && detail.can_replay);

    rig.inspector.replay(request.id).unwrap();
    let (head, mut wire) = site.request().await;
    assert!(head.starts_with("POST /login?x HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("Cookie: sid=topsecret\r\n"), "{head}");
    assert!(head.contains("Content-Length: 5\r\n"), "{head}");
    wire.expect("hello").await;
    wire.send(OK).await;
    let both = until(&rig.inspector, |all| {
        all.len() == 2 && all[0].outcome == Outcome::Whole
    });
    let both = both.await;
    assert_eq!(
        (both[0].replay_of, both[0].status),
        (Some(request.id), Some(200))
    );
    assert!(site.is_left_alone());
}

#[tokio::test]
async fn nothing_is_recorded_unless_somebody_looks() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    for is_open in [false, true, false] {
        let guard = is_open.then(|| rig.inspector.open());
        let mut visitor = Wire::visitor(&rig).await;
        visitor.send(get("192.0.2.1")).await;
        site.request().await.1.send(OK).await;
        visitor.expect(OK).await;
        assert_eq!(rig.inspector.requests().len(), usize::from(is_open));
        drop(guard);
    }
}

#[tokio::test]
async fn an_answer_in_place_of_the_site_is_recorded_too() {
    let site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    drop(site);
    let _guard = rig.inspector.open();
    let answer = rig.visit(b"").await;
    let recorded = until(&rig.inspector, |all| {
        all.first().is_some_and(|one| one.status.is_some())
    });
    let status = recorded.await[0].status.unwrap().to_string();
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{answer}"
    );
}

#[tokio::test]
async fn who_is_blocked_loses_what_is_under_way_and_reaches_the_site_no_more() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let live = rig.access.live();
    let guard = live.watch();
    let mut receiving = Wire::visitor(&rig).await;
    receiving.send(get("192.0.2.1")).await;
    let (_, mut sending) = site.request().await;
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\nsome";
    sending.send(begun).await;
    receiving.expect(begun).await;
    let mut other = Wire::visitor(&rig).await;
    other.send(get("192.0.2.2")).await;
    let (_, mut thinking) = site.request().await;
    let view = live.snapshot();
    assert_eq!((view.visitors.len(), view.transfers.len()), (2, 1));
    live.block(view.transfers[0].visitor);
    drop(guard);
    assert!(!receiving.rest().await.contains("HTTP/1.1 200"));
    // Another connection, and another program.
    for agent in ["x", "y"] {
        let mut again = Wire::visitor(&rig).await;
        again
            .send(get("192.0.2.1").replace("Agent: x", &format!("Agent: {agent}")))
            .await;
        let head = again.head().await.unwrap();
        assert!(head.starts_with("HTTP/1.1 403 "), "{head}");
    }
    assert!(site.is_left_alone());
    thinking.send(OK).await;
    other.expect(OK).await;
}

#[tokio::test]
async fn a_transfer_ends_even_while_the_site_is_silent() {
    let mut site = ByHand::start().await;
    let rig = Rig::to(site.port).await;
    let live = rig.access.live();
    let mut receiving = Wire::visitor(&rig).await;
    receiving.send(get("192.0.2.1")).await;
    let (_, mut sending) = site.request().await;
    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\nsome";
    sending.send(begun).await;
    receiving.expect(begun).await;
    let view = live.snapshot();
    assert!(live.end(view.transfers[0].id));
    assert_eq!(receiving.rest().await, "");
    assert_eq!(sending.rest().await, "");
}

#[tokio::test]
async fn a_site_that_streams_events_says_so() {
    let mut site = ByHand::start().await;
    let mut rig = Rig::to(site.port).await;
    assert!(!*rig.streams_events.borrow());
    let mut visitor = Wire::visitor(&rig).await;
    visitor.send(get("192.0.2.1")).await;
    let (_, mut wire) = site.request().await;
    let events =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    wire.send(events).await;
    visitor.expect(events).await;
    let told = timeout(LIMIT, rig.streams_events.wait_for(|does| *does)).await;
    assert!(told.unwrap().is_ok());
}
