//! Visitors' requests through the edge and a real cloudflared.

use crate::fixtures::{BOTH, Cloudflared, NAME, Origin, online, visitor};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::header::{CONTENT_LENGTH, CONTENT_RANGE, RANGE, SERVER};
use loopback_edge::{Edge, EventKind, Options, Protocol, namespace};

#[test]
fn it_registers_over_quic_and_serves() {
    namespace::run(async { registers_and_serves(Protocol::Quic).await });
}

#[test]
fn it_registers_over_http2_and_serves() {
    namespace::run(async { registers_and_serves(Protocol::Http2).await });
}

async fn registers_and_serves(over: Protocol) {
    let (edge, _origin, mut cloudflared) = online(over).await;
    let said = cloudflared.line("Registered tunnel connection").await;
    let name = match over {
        Protocol::Quic => "protocol=quic",
        Protocol::Http2 => "protocol=http2",
    };
    assert!(said.contains(name), "{said}");
    cloudflared.line(&format!("https://{NAME}")).await;
    assert_eq!(
        visitor::get(&edge, NAME, "/hello").await,
        (200, "hello".to_owned())
    );
    assert_eq!(edge.stats().api_requests, 1);
    assert_eq!(edge.stats().tunnels[0].requests, 1);
}

#[test]
fn the_origin_sees_the_headers_that_the_real_edge_adds() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, _cloudflared) = online(protocol).await;
            let (_, headers) = visitor::get(&edge, NAME, "/headers").await;
            for line in [
                "cf-connecting-ip: 127.0.0.1",
                "x-forwarded-for: 127.0.0.1",
                "x-forwarded-proto: https",
                "cf-visitor: {\"scheme\":\"https\"}",
                "cdn-loop: cloudflare",
                "cf-ray: ",
                &format!("host: {NAME}"),
            ] {
                assert!(headers.contains(line), "{line} in {protocol:?}:\n{headers}");
            }
            let (_, target) = visitor::get(&edge, NAME, "/method?a=b%20c&d").await;
            assert_eq!(target, "GET /method?a=b%20c&d");
        }
    });
}

#[test]
fn head_and_range_pass() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, _cloudflared) = online(protocol).await;
            let head = visitor::ask(&edge, NAME, Request::head("/big/123456"), Empty::new()).await;
            assert_eq!(head.headers()[CONTENT_LENGTH], "123456");
            assert_eq!(head.headers()[SERVER], "cloudflare");
            assert!(
                head.into_body()
                    .collect()
                    .await
                    .unwrap()
                    .to_bytes()
                    .is_empty()
            );

            let range = Request::get("/range").header(RANGE, "bytes=2-4");
            let part = visitor::ask(&edge, NAME, range, Empty::new()).await;
            assert_eq!(part.status(), 206);
            assert_eq!(part.headers()[CONTENT_RANGE], "bytes 2-4/5");
            let body = part.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(&body[..], b"llo");
        }
    });
}

#[test]
fn a_visitor_cannot_set_the_headers_of_the_edge() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, _origin, _cloudflared) = online(protocol).await;
            let request = Request::get("/headers")
                .header("cf-connecting-ip", "192.0.2.1")
                .header("cf-cloudflared-proxy-connection-upgrade", "control-stream")
                .header("x-forwarded-for", "192.0.2.1");
            let response = visitor::ask(&edge, NAME, request, Empty::new()).await;
            let headers = response.into_body().collect().await.unwrap().to_bytes();
            let headers = String::from_utf8(headers.to_vec()).unwrap();
            assert!(headers.contains("cf-connecting-ip: 127.0.0.1"), "{headers}");
            assert!(
                headers.contains("x-forwarded-for: 192.0.2.1, 127.0.0.1"),
                "{headers}"
            );
            assert!(!headers.contains("cf-cloudflared"), "{headers}");
        }
    });
}

#[test]
fn the_public_side_and_the_service_work_over_tls_too() {
    namespace::run(async {
        let options = Options {
            public_tls: Some("127.0.0.1:443".parse().unwrap()),
            ..Options::default()
        };
        let edge = Edge::start(options).await.unwrap();
        let origin = Origin::start().await;
        let _cloudflared = Cloudflared::start(&edge, &origin, Protocol::Quic);
        edge.wait_for(crate::fixtures::is_registered).await.unwrap();
        assert_eq!(
            visitor::get_over_tls(&edge, NAME, "/hello").await,
            (200, "hello".to_owned())
        );
        let service = "api.trycloudflare.com";
        assert_eq!(visitor::get_over_tls(&edge, service, "/").await.0, 404);
    });
}

#[test]
fn an_unknown_name_gets_530() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = online(Protocol::Http2).await;
        let (status, text) = visitor::get(&edge, "no-such-name-here.trycloudflare.com", "/").await;
        assert_eq!((status, text.as_str()), (530, "error code: 1033"));
    });
}

#[test]
fn a_hostname_matches_regardless_of_case_and_port() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = online(Protocol::Http2).await;
        let shouted = format!("{}:443", NAME.to_uppercase());
        assert_eq!(visitor::get(&edge, &shouted, "/host").await.1, NAME);
    });
}

#[test]
fn cloudflared_returns_502_for_a_closed_origin() {
    namespace::run(async {
        for protocol in BOTH {
            let (edge, origin, mut cloudflared) = online(protocol).await;
            origin.stop().await;
            assert_eq!(visitor::get(&edge, NAME, "/hello").await.0, 502);
            cloudflared.line("Unable to reach the origin service").await;
        }
    });
}

#[test]
fn each_quick_tunnel_has_its_own_name_and_origin() {
    namespace::run(async {
        let (edge, _origin, _cloudflared) = online(Protocol::Quic).await;
        let other = Origin::start().await;
        let _second = Cloudflared::start(&edge, &other, Protocol::Http2);
        let registered = edge
            .wait_for(|e| matches!(e, EventKind::Registered { hostname, .. } if hostname != NAME))
            .await
            .unwrap();
        let EventKind::Registered { hostname, .. } = registered.kind else {
            unreachable!()
        };
        other.shared().gate.add_permits(1);
        assert_eq!(visitor::get(&edge, &hostname, "/gate").await.1, "through");
        assert_eq!(visitor::get(&edge, NAME, "/hello").await.1, "hello");
    });
}

#[test]
fn a_named_tunnel_runs_with_its_token() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let origin = Origin::start().await;
        let tunnel = edge.create_named_tunnel("files.example.org");
        let mut args = edge.edge_args();
        args.extend(["--url".into(), format!("http://{}", origin.addr())]);
        args.extend(["run".into(), "--token".into(), tunnel.token]);
        let _cloudflared = Cloudflared::run(&args, Protocol::Quic);
        // One connection for each of the two addresses.
        for conn in 0..2 {
            edge.wait_for(|e| matches!(e, EventKind::Registered { conn: c, .. } if *c == conn))
                .await
                .unwrap();
        }
        assert_eq!(
            visitor::get(&edge, "files.example.org", "/hello").await,
            (200, "hello".to_owned())
        );
        assert_eq!(edge.stats().tunnels[0].links.len(), 2);
    });
}
