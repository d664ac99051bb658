//! Links that end, freeze, drain, and replace each other.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::fixtures::{
    BOTH, Cloudflared, NAME, Origin, REGISTERED, is_registered, online, visitor,
};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use loopback_edge::faults::Which;
use loopback_edge::{Edge, EventKind, Fault, Options, Protocol, namespace};
use tokio::net::TcpListener;

#[test]
fn a_cut_link_comes_back_with_the_same_name_over_quic() {
    namespace::run(async { comes_back(Protocol::Quic, Which::Quic).await });
}

#[test]
fn a_cut_link_comes_back_with_the_same_name_over_http2() {
    namespace::run(async { comes_back(Protocol::Http2, Which::Http2).await });
}

async fn comes_back(over: Protocol, which: Which) {
    let (edge, _origin, _cloudflared) = online(over).await;
    let mut events = edge.follow();
    edge.fault(Fault::Cut(which)).await.unwrap();
    events
        .wait_for(
            |e| matches!(e, EventKind::ConnectionLost { hostname: Some(name), .. } if name == NAME),
        )
        .await
        .unwrap();
    events.wait_for(is_registered).await.unwrap();
    assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
    assert_eq!(edge.stats().api_requests, 1);
    assert_eq!(edge.stats().tunnels[0].registrations, 2);
}

#[test]
fn a_cut_of_one_protocol_does_not_affect_the_other() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = online(Protocol::Quic).await;
        edge.fault(Fault::Cut(Which::Http2)).await.unwrap();
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
        let lost = |e: &loopback_edge::Event| matches!(e.kind, EventKind::ConnectionLost { .. });
        assert!(!edge.events().iter().any(lost));
    });
}

#[test]
fn a_frozen_quic_link_is_noticed_and_replaced() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = online(Protocol::Quic).await;
        let mut events = edge.follow();
        edge.fault(Fault::Swallow(Which::All)).await.unwrap();
        events.wait_for(is_registered).await.unwrap();
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
    });
}

#[test]
fn a_frozen_http2_link_stays_open_and_silent() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = online(Protocol::Http2).await;
        edge.fault(Fault::Swallow(Which::All)).await.unwrap();
        let asked = visitor::get(&edge, NAME, "/hello");
        let answer = tokio::time::timeout(Duration::from_secs(2), asked).await;
        assert!(answer.is_err(), "{answer:?}");
        assert_eq!(edge.stats().tunnels[0].links.len(), 1);

        // Cutting it still works.
        let mut events = edge.follow();
        edge.fault(Fault::Cut(Which::All)).await.unwrap();
        events.wait_for(is_registered).await.unwrap();
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
    });
}

#[test]
fn a_terminated_cloudflared_finishes_what_is_in_flight() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, origin, mut cloudflared) = online(protocol).await;
            let asked = visitor::get(&edge, NAME, "/gate");
            let stop = async {
                until(|| origin.shared().waiting.load(Ordering::SeqCst) == 1).await;
                cloudflared.terminate();
                edge.wait_for(|e| matches!(e, EventKind::Unregistered { .. }))
                    .await
                    .unwrap();
                origin.shared().gate.add_permits(1);
            };
            let (answer, ()) = tokio::join!(asked, stop);
            assert_eq!(answer, (200, "through".to_owned()), "{protocol:?}");
            cloudflared.exit().await;
            // It unregistered first, so this is not a lost connection.
            edge.wait_for(|e| matches!(e, EventKind::LinkClosed { .. }))
                .await
                .unwrap();
            assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 530);
        }
    });
}

#[test]
fn cloudflared_waits_its_full_grace_period_while_the_link_stays_open() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut args = edge.cloudflared_args();
        args.extend(["--url", "http://127.0.0.1:9", "--grace-period", "2s"].map(str::to_owned));
        let mut cloudflared = Cloudflared::run(&args, Protocol::Quic);
        cloudflared.line(REGISTERED).await;
        edge.fault(Fault::KeepLinksOpen(true)).await.unwrap();
        let started = std::time::Instant::now();
        cloudflared.terminate();
        cloudflared.exit().await;
        assert!(started.elapsed() >= Duration::from_secs(2), "grace period");
    });
}

#[test]
fn a_hostname_is_published_only_after_registration() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let origin = Origin::start().await;
        edge.fault(Fault::PublishAfterMs(3_600_000)).await.unwrap();
        let _cloudflared = Cloudflared::start(&edge, &origin, Protocol::Http2);
        edge.wait_for(is_registered).await.unwrap();
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 530);
        edge.fault(Fault::PublishAfterMs(0)).await.unwrap();
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
    });
}

#[test]
fn a_forgotten_tunnel_is_refused() {
    namespace::run(async {
        let (edge, _origin, mut cloudflared) = online(Protocol::Http2).await;
        let mut events = edge.follow();
        edge.fault(Fault::Forget(NAME.to_owned())).await.unwrap();
        events
            .wait_for(|e| matches!(e, EventKind::RegistrationRefused { .. }))
            .await
            .unwrap();
        cloudflared
            .line("Register tunnel error from server side error=\"Unauthorized: Tunnel not found\"")
            .await;
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 530);
    });
}

#[test]
fn two_cloudflareds_of_one_tunnel_lose_no_request_when_the_first_stops() {
    namespace::run(async {
        for (first, second) in [
            (Protocol::Quic, Protocol::Http2),
            (Protocol::Http2, Protocol::Quic),
        ] {
            hands_over(first, second).await;
        }
    });
}

async fn hands_over(first: Protocol, second: Protocol) {
    let edge = Edge::start(Options::default()).await.unwrap();
    let origin = Origin::start().await;
    let service = kept_answer(&edge).await;
    let mut events = edge.follow();
    let mut old = Cloudflared::start_at(&service, &edge, &origin, first);
    events.wait_for(is_registered).await.unwrap();

    // Visitors send requests without a pause during the whole handover.
    let ask = async |n: &mut u32| loop {
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
        *n += 1;
    };
    let (mut a, mut b) = (0, 0);
    let hand_over = async {
        let _new = Cloudflared::start_at(&service, &edge, &origin, second);
        events.wait_for(is_registered).await.unwrap();
        old.terminate();
        old.exit().await;
        events
            .wait_for(|e| matches!(e, EventKind::LinkClosed { .. }))
            .await
            .unwrap();
        // Then some more over the new one alone.
        for _ in 0..20 {
            assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
        }
    };
    tokio::select! {
        () = hand_over => {}
        () = ask(&mut a) => {}
        () = ask(&mut b) => {}
    }
    assert!(a + b > 0);
    assert_eq!(edge.stats().api_requests, 1);
    assert_eq!(edge.stats().tunnels.len(), 1);
}

#[test]
fn the_newest_registration_is_preferred() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let origin = Origin::start().await;
        let service = kept_answer(&edge).await;
        let mut events = edge.follow();
        let mut running = Vec::new();
        for protocol in BOTH {
            running.push(Cloudflared::start_at(&service, &edge, &origin, protocol));
            let registered = events.wait_for(is_registered).await.unwrap();
            let EventKind::Registered { link: newest, .. } = registered.kind else {
                unreachable!()
            };
            assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 200);
            events
                .wait_for(|e| matches!(e, EventKind::Visited { link, .. } if *link == Some(newest)))
                .await
                .unwrap();
        }
    });
}

#[test]
fn a_request_moves_to_another_link_when_one_dies() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let origin = Origin::start().await;
        let service = kept_answer(&edge).await;
        let mut events = edge.follow();
        let _old = Cloudflared::start_at(&service, &edge, &origin, Protocol::Http2);
        events.wait_for(is_registered).await.unwrap();
        let mut new = Cloudflared::start_at(&service, &edge, &origin, Protocol::Quic);
        events.wait_for(is_registered).await.unwrap();

        let asked = visitor::get(&edge, NAME, "/gate");
        let kill = async {
            until(|| origin.shared().waiting.load(Ordering::SeqCst) == 1).await;
            new.kill().await;
            origin.shared().gate.add_permits(2);
        };
        let (answer, ()) = tokio::join!(asked, kill);
        assert_eq!(answer, (200, "through".to_owned()));
    });
}

/// A service that forwards one request to the edge's, and gives every client the same response.
async fn kept_answer(edge: &Edge) -> String {
    let address = edge.api_url().replace("http://", "");
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .unwrap();
    tokio::spawn(connection);
    let request = Request::post("/tunnel").body(Full::<Bytes>::default());
    let response = sender.send_request(request.unwrap()).await.unwrap();
    let answer = http_body_util::BodyExt::collect(response.into_body()).await;
    let answer = answer.unwrap().to_bytes();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |_: Request<Incoming>| {
                let answer = Response::new(Full::new(answer.clone()));
                async { Ok::<_, std::convert::Infallible>(answer) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connection);
        }
    });
    format!("http://{addr}")
}

/// Waits for a condition that only a counter shows.
async fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
