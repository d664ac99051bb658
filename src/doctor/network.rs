//! Names, proxies, the link service, and the edge over UDP and TCP.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Uri};
use tokio::{
    net::{TcpStream, UdpSocket, lookup_host},
    time::timeout,
};

use super::finding::{Finding, Level};
use crate::{
    config::{self, Protocol},
    http::Client,
};

/// Where cloudflared connects to.
const EDGE: &str = "region1.v2.argotunnel.com";
const EDGE_PORT: u16 = 7844;
const LIMIT: Duration = Duration::from_secs(5);

/// `cooldown` is how long to wait before the next request for a link.
pub async fn examine(
    client: &Client,
    settings: &config::TunnelConfig,
    cooldown: Option<Duration>,
) -> Vec<Finding> {
    let service: Uri = settings.service.parse().unwrap_or_default();
    let Some(host) = service.host().map(str::to_owned) else {
        return vec![Finding::problem(
            "link service",
            format!("{:?} is not the address of a service.", settings.service),
            "Fix [tunnel] service in the settings, or remove the line.",
        )];
    };
    let proxy = proxies(client, &host);
    let is_through_proxy = client.proxies().for_host(&host, true).is_some();
    let (names, answer, edge) = tokio::join!(
        find_name(&host, is_through_proxy),
        ask_service(client, &service),
        edge_addresses(&settings.args)
    );
    let mut findings = vec![proxy, names];
    // A named tunnel doesn't need a new name.
    if settings.hostname.is_empty() {
        findings.push(answer);
        findings.extend(cooldown.map(too_many_links));
    }
    let (tcp, udp) = match &edge {
        Ok(addresses) => tokio::join!(over_tcp(addresses), over_udp(addresses)),
        Err(error) => {
            findings.push(Finding::problem(
                "edge address",
                format!("Can't find {EDGE}: {error}."),
                "Check the network connection and its DNS server.",
            ));
            return findings;
        }
    };
    // One of the two is enough, unless the settings require the other.
    let is_enough = match settings.protocol {
        Protocol::Auto => tcp || udp,
        Protocol::Http2 => tcp,
        Protocol::Quic => udp,
    };
    let level = if is_enough {
        Level::Warning
    } else {
        Level::Problem
    };
    for (check, works, protocol) in [
        ("TCP to the edge", tcp, "HTTP/2"),
        ("UDP to the edge", udp, "QUIC"),
    ] {
        findings.push(if works {
            Finding::ok(check, format!("port {EDGE_PORT} answers"))
        } else {
            Finding {
                level,
                ..Finding::warning(
                    check,
                    format!("Port {EDGE_PORT} does not answer, so {protocol} can't be used."),
                    if is_through_proxy {
                        "Open it in the firewall. cloudflared can't use a proxy for it."
                    } else {
                        "Open it in the firewall, if you can."
                    },
                )
            }
        });
    }
    findings
}

fn proxies(client: &Client, host: &str) -> Finding {
    match client.proxies().for_host(host, true) {
        None => Finding::ok("proxy", "not used"),
        Some(proxy) if proxy.scheme == "http" => Finding::ok(
            "proxy",
            format!("{} is used for the link service", proxy.place()),
        ),
        Some(proxy) => Finding::problem(
            "proxy",
            format!("{} is not supported.", proxy.place()),
            "Set https_proxy to an http:// proxy, or remove it.",
        ),
    }
}

/// With a proxy, only the proxy needs to find it.
async fn find_name(host: &str, is_through_proxy: bool) -> Finding {
    const CHECK: &str = "name resolution";
    // The brackets of an IPv6 address belong to the URL.
    let name = host.trim_matches(['[', ']']);
    let (why, advice) = match timeout(LIMIT, lookup_host((name, EDGE_PORT))).await {
        Ok(Ok(_)) => return Finding::ok(CHECK, format!("{host} is found")),
        Ok(Err(error)) => (
            error.to_string(),
            "Check that this computer is connected to the internet.",
        ),
        Err(_) => (
            "the DNS server does not answer".to_owned(),
            "Check the DNS server in the network settings, and any VPN that may have changed it.",
        ),
    };
    let found = format!("Can't find {host}: {why}.");
    if is_through_proxy {
        Finding::warning(CHECK, found, advice)
    } else {
        Finding::problem(CHECK, found, advice)
    }
}

fn too_many_links(left: Duration) -> Finding {
    Finding::problem(
        "new links",
        "Cloudflare returned 429: too many new links from your network.",
        format!(
            "Spot Serve tries again in {} s. Existing links keep working.",
            left.as_secs().max(1)
        ),
    )
}

/// Accepts any answer. A real request would use up a tunnel.
async fn ask_service(client: &Client, service: &Uri) -> Finding {
    const CHECK: &str = "link service";
    let mut request = Request::new(Full::<Bytes>::default());
    *request.uri_mut() = service.clone();
    match timeout(LIMIT * 2, client.send(request)).await {
        Ok(Ok(answer)) => Finding::ok(
            CHECK,
            format!("{service} answers ({})", answer.status().as_u16()),
        ),
        Ok(Err(error)) => Finding::problem(
            CHECK,
            format!("{error}."),
            "Check that this computer is connected to the internet.",
        ),
        Err(_) => Finding::problem(
            CHECK,
            format!("{service} does not answer."),
            "Check the network connection, and whether a firewall blocks it.",
        ),
    }
}

/// The addresses of the edge: those of `--edge` in the user's arguments, or those of its name.
async fn edge_addresses(args: &[String]) -> std::io::Result<Vec<SocketAddr>> {
    let after = args.windows(2).filter(|pair| pair[0] == "--edge");
    let within = args.iter().filter_map(|one| one.strip_prefix("--edge="));
    let named: Vec<SocketAddr> = after
        .map(|pair| pair[1].as_str())
        .chain(within)
        .flat_map(|places| places.split(','))
        .filter_map(|place| place.parse().ok())
        .collect();
    if !named.is_empty() {
        return Ok(named);
    }
    match timeout(LIMIT, lookup_host((EDGE, EDGE_PORT))).await {
        Ok(found) => Ok(found?.collect()),
        Err(_) => Err(std::io::ErrorKind::TimedOut.into()),
    }
}

async fn over_tcp(addresses: &[SocketAddr]) -> bool {
    for address in addresses.iter().take(2) {
        if matches!(timeout(LIMIT, TcpStream::connect(address)).await, Ok(Ok(_))) {
            return true;
        }
    }
    false
}

async fn over_udp(addresses: &[SocketAddr]) -> bool {
    for address in addresses.iter().take(2) {
        if matches!(timeout(LIMIT, speaks_quic(*address)).await, Ok(Ok(true))) {
            return true;
        }
    }
    false
}

/// Sends an unknown version. A QUIC server answers with the versions it supports (RFC 9000, 6.1):
/// one datagram each way, without a handshake.
async fn speaks_quic(address: SocketAddr) -> std::io::Result<bool> {
    let any: SocketAddr = if address.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0; 16], 0).into()
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(address).await?;
    // A long header, version 0x1a2a3a4a (reserved for this), and two connection ids of 8 bytes.
    // Servers drop datagrams shorter than 1200 bytes.
    let mut hello = vec![0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8];
    hello.extend_from_slice(b"spotserv");
    hello.push(8);
    hello.extend_from_slice(b"isthere?");
    hello.resize(1200, 0);
    for _ in 0..3 {
        socket.send(&hello).await?;
        let mut answer = [0; 1500];
        // The datagram may have been lost: try again.
        match timeout(Duration::from_secs(1), socket.recv(&mut answer)).await {
            // Version 0 means version negotiation.
            Ok(read) => return Ok(read? >= 7 && answer[0] & 0x80 != 0 && answer[1..5] == [0; 4]),
            Err(_) => continue,
        }
    }
    Ok(false)
}
