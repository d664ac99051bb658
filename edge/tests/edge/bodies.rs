//! Large bodies in both directions: complete, and never held in full.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::fixtures::origin::pattern;
use crate::fixtures::{BOTH, NAME, online, sha256, visitor};
use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::Request;
use hyper::body::Frame;
use loopback_edge::{Fault, Protocol, namespace};

const SIZE: u64 = 64 << 20;

#[test]
fn a_download_of_64_mib_is_complete_over_quic() {
    namespace::run(async { downloads(Protocol::Quic).await });
}

#[test]
fn a_download_of_64_mib_is_complete_over_http2() {
    namespace::run(async { downloads(Protocol::Http2).await });
}

async fn downloads(over: Protocol) {
    let (edge, _origin, _cloudflared) = online(over).await;
    let started = std::time::Instant::now();
    let path = format!("/big/{SIZE}");
    let response = visitor::ask(&edge, NAME, Request::get(&path), Empty::new()).await;
    assert_eq!(response.status(), 200);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    println!("64 MiB down over {over:?}: {:?}", started.elapsed());
    assert_eq!(body.len() as u64, SIZE);
    assert_eq!(sha256(&body), sha256(&pattern(0, SIZE as usize)));
}

#[test]
fn an_upload_of_64_mib_is_complete_over_quic() {
    namespace::run(async { uploads(Protocol::Quic).await });
}

#[test]
fn an_upload_of_64_mib_is_complete_over_http2() {
    namespace::run(async { uploads(Protocol::Http2).await });
}

async fn uploads(over: Protocol) {
    let (edge, _origin, _cloudflared) = online(over).await;
    let data = pattern(0, SIZE as usize);
    let expected = format!("{SIZE} {}", sha256(&data));

    let started = std::time::Instant::now();
    let sized = Full::new(data.clone());
    let response = visitor::ask(&edge, NAME, Request::post("/digest"), sized).await;
    let answer = response.into_body().collect().await.unwrap().to_bytes();
    println!("64 MiB up over {over:?}: {:?}", started.elapsed());
    assert_eq!(answer, expected);

    // In chunks, without a Content-Length.
    let pieces = stream::unfold(data, |mut rest| async move {
        let piece = rest.split_to(rest.len().min(100_000));
        let piece = Ok::<_, Infallible>(Frame::data(piece));
        (!rest.is_empty() || !piece.as_ref().unwrap().data_ref()?.is_empty())
            .then_some((piece, rest))
    });
    let unsized_body = StreamBody::new(Box::pin(pieces));
    let response = visitor::ask(&edge, NAME, Request::post("/digest"), unsized_body).await;
    let answer = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answer, expected);
}

#[test]
fn a_body_that_is_longer_than_the_service_takes_is_refused() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, _cloudflared) = online(protocol).await;
            edge.fault(Fault::MaxBodyBytes(1000)).await.unwrap();
            for (bytes, status) in [(1000, 200), (1001, 413)] {
                let body = Full::new(pattern(0, bytes));
                let response = visitor::ask(&edge, NAME, Request::post("/digest"), body).await;
                assert_eq!(response.status(), status, "{bytes} bytes by {protocol:?}");
            }
            let long = stream::iter([Ok(Frame::data(pattern(0, 1001)))]);
            let body = StreamBody::new(long);
            let response = visitor::ask(&edge, NAME, Request::post("/digest"), body).await;
            assert_ne!(response.status(), 200, "by {protocol:?}");
        }
    });
}

#[test]
fn a_visitor_who_does_not_read_stops_the_origin() {
    namespace::run(async {
        /// More than all sockets and windows along the way can hold.
        const MUCH: u64 = 256 << 20;
        for protocol in BOTH {
            let (edge, origin, _cloudflared) = online(protocol).await;
            let path = format!("/big/{MUCH}");
            let response = visitor::ask(&edge, NAME, Request::get(&path), Empty::new()).await;
            // Only waiting can show that the transfer has stalled. A slow machine passes, too.
            let produced = || origin.shared().produced.load(Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(3)).await;
            assert!(
                produced() < MUCH / 2,
                "{} bytes by {protocol:?}",
                produced()
            );
            drop(response);
        }
    });
}

#[test]
fn a_truncated_body_is_truncated_for_the_visitor() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, mut cloudflared) = online(protocol).await;
            let request = Request::get(format!("/big/{SIZE}"));
            let response = visitor::ask(&edge, NAME, request, Empty::<Bytes>::new()).await;
            cloudflared.kill().await;
            let body = response.into_body().collect().await;
            assert!(body.is_err(), "{protocol:?}");
        }
    });
}
