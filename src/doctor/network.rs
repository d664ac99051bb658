//! Names, proxies, the service that gives out links, and the edge over UDP and TCP.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Request, Uri};
use tokio::{
    net::{TcpStream, UdpSocket, lookup_host},
    time::timeout,
};

use super::{Finding, Level};
use crate::{
    config::{self, Protocol},
    http::Client,
};

/// Where cloudflared connects to.
const EDGE: &str = "region1.v2.argotunnel.com";
const EDGE_PORT: u16 = 7844;
const LIMIT: Duration = Duration::from_secs(5);

/// `cooldown` is how long the service is not to be asked for a link.
pub async fn examine(
    client: &Client,
    settings: &config::TunnelConfig,
    cooldown: Option<Duration>,
) -> Vec<Finding> {
    let service: Uri = settings.service.parse().unwrap_or_default();
    let Some(host) = service.host().map(str::to_owned) else {
        return vec![Finding::problem(
            "link service",
            format!("{:?} is no address of a service.", settings.service),
            "Mend [tunnel] service in the settings, or remove the line.",
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
    // An own tunnel has its name already.
    if settings.hostname.is_empty() {
        findings.push(answer);
        findings.extend(cooldown.map(too_many_links));
    }
    let (tcp, udp) = match &edge {
        Ok(addresses) => tokio::join!(over_tcp(addresses), over_udp(addresses)),
        Err(error) => {
            findings.push(Finding::problem(
                "the edge's name",
                format!("{EDGE} can't be found ({error})."),
                "Check the network and its name server.",
            ));
            return findings;
        }
    };
    // One of the two is enough, unless the settings want the other.
    let would_do = match settings.protocol {
        Protocol::Auto => tcp || udp,
        Protocol::Http2 => tcp,
        Protocol::Quic => udp,
    };
    let level = if would_do {
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
                    format!("port {EDGE_PORT} does not answer, so {protocol} is not used."),
                    if is_through_proxy {
                        "A proxy does not help here: cloudflared needs this port open in the firewall."
                    } else {
                        "Open it in the firewall, where that is yours."
                    },
                )
            }
        });
    }
    findings
}

fn proxies(client: &Client, host: &str) -> Finding {
    match client.proxies().for_host(host, true) {
        None => Finding::ok("proxy", "none is set for the link service"),
        Some(proxy) if proxy.scheme == "http" => Finding::ok(
            "proxy",
            format!("{} asks the link service for us", proxy.place()),
        ),
        Some(proxy) => Finding::problem(
            "proxy",
            format!("{} can't be used.", proxy.place()),
            "Set https_proxy to an http:// proxy, or remove it.",
        ),
    }
}

/// Through a proxy it is the proxy that has to find it.
async fn find_name(host: &str, is_through_proxy: bool) -> Finding {
    const CHECK: &str = "name resolution";
    // Its own brackets are no part of an address.
    let name = host.trim_matches(['[', ']']);
    let (why, advice) = match timeout(LIMIT, lookup_host((name, EDGE_PORT))).await {
        Ok(Ok(_)) => return Finding::ok(CHECK, format!("{host} is found")),
        Ok(Err(error)) => (
            error.to_string(),
            "Check that this computer is connected to the internet.",
        ),
        Err(_) => (
            "the name server does not answer".to_owned(),
            "Check the name server in the network settings, and a VPN that may have changed it.",
        ),
    };
    let found = format!("{host} can't be found ({why}).");
    if is_through_proxy {
        Finding::warning(CHECK, found, advice)
    } else {
        Finding::problem(CHECK, found, advice)
    }
}

fn too_many_links(left: Duration) -> Finding {
    Finding::problem(
        "new links",
        "Cloudflare has answered 429 (too many new links from your network).",
        format!(
            "It is asked again in {} s; links that exist are not touched.",
            left.as_secs().max(1)
        ),
    )
}

/// Any answer will do: asking for a tunnel would use one up.
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
            "Check the network, and whether a firewall blocks it.",
        ),
    }
}

/// Where the edge is: as `--edge` in the person's arguments, or by its name.
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

/// A QUIC server answers a version it does not know with those that it knows (RFC 9000, 6.1):
/// one datagram each way, and no handshake.
async fn speaks_quic(address: SocketAddr) -> std::io::Result<bool> {
    let any: SocketAddr = if address.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0; 16], 0).into()
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(address).await?;
    // A long header, version 0x1a2a3a4a (reserved for this), two connection ids of 8 bytes;
    // shorter datagrams than 1200 bytes are dropped.
    let mut hello = vec![0xc0, 0x1a, 0x2a, 0x3a, 0x4a, 8];
    hello.extend_from_slice(b"spotserv");
    hello.push(8);
    hello.extend_from_slice(b"isthere?");
    hello.resize(1200, 0);
    for _ in 0..3 {
        socket.send(&hello).await?;
        let mut answer = [0; 1500];
        // A lost datagram is sent again.
        match timeout(Duration::from_secs(1), socket.recv(&mut answer)).await {
            // Version 0 means negotiation.
            Ok(read) => return Ok(read? >= 7 && answer[0] & 0x80 != 0 && answer[1..5] == [0; 4]),
            Err(_) => continue,
        }
    }
    Ok(false)
}
