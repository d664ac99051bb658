//! DNS, proxies, the service that creates links, and Cloudflare's edge over TCP and UDP.

use std::{io, net::SocketAddr, time::Duration};

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
    http::{Client, HttpError},
};

/// Where cloudflared connects to.
const EDGE: &str = "region1.v2.argotunnel.com";
const EDGE_PORT: u16 = 7844;
const LIMIT: Duration = Duration::from_secs(5);
/// Whether the service creates new links.
const NEW_LINKS: &str = "new links";

/// `cooldown` is how long to wait before the next request for a link.
pub async fn examine(
    client: &Client,
    settings: &config::TunnelConfig,
    cooldown: Option<Duration>,
) -> Vec<Finding> {
    let service: Uri = settings.service.parse().unwrap_or_default();
    let Some(host) = service.host().map(str::to_owned) else {
        return vec![Finding::problem(
            NEW_LINKS,
            format!(
                "[tunnel] service is {:?}, which is not a URL.",
                settings.service
            ),
            "Correct it in the settings, or remove the line.",
        )];
    };
    let proxy = proxies(client, &host);
    let is_through_proxy = client.proxies().for_host(&host, true).is_some();
    let (names, answer, edge) = tokio::join!(
        find_name(&host, is_through_proxy),
        ask_service(client, &service),
        edge_addresses(&settings.args)
    );
    let has_dns = names.level != Level::Problem;
    let mut findings = vec![proxy, names];
    // A named tunnel doesn't need a new name. Without DNS, nothing more is known.
    if settings.hostname.is_empty() && has_dns {
        findings.push(match cooldown {
            Some(left) if answer.level == Level::Ok => too_many_links(left),
            _ => answer,
        });
    }
    let ((tcp, udp), port) = match edge {
        Ok(addresses) => (
            tokio::join!(over_tcp(&addresses), over_udp(&addresses)),
            addresses.first().map_or(EDGE_PORT, SocketAddr::port),
        ),
        Err(error) => {
            if has_dns {
                findings.push(lookup_problem("Cloudflare address", EDGE, error));
            }
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
        ("TCP to Cloudflare", tcp, "HTTP/2"),
        ("UDP to Cloudflare", udp, "QUIC"),
    ] {
        findings.push(if works {
            Finding::ok(check, format!("port {port} answers"))
        } else {
            Finding {
                level,
                ..Finding::warning(
                    check,
                    format!("Port {port} doesn't answer, so {protocol} can't be used."),
                    if is_through_proxy {
                        "Open it in the firewall for outgoing connections. cloudflared can't use a proxy for them."
                    } else {
                        "Open it in the firewall for outgoing connections, if you can."
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
            format!("{} is used to get new links", proxy.place()),
        ),
        Some(proxy) => Finding::problem(
            "proxy",
            format!(
                "{} is set as the proxy, but only http:// proxies are supported.",
                proxy.place()
            ),
            "Change or remove the variable https_proxy.",
        ),
    }
}

/// With a proxy, only the proxy needs to find it.
async fn find_name(host: &str, is_through_proxy: bool) -> Finding {
    const CHECK: &str = "DNS";
    // The brackets of an IPv6 address belong to the URL.
    let name = host.trim_matches(['[', ']']);
    let problem = match look_up(name).await {
        Ok(_) => return Finding::ok(CHECK, format!("finds {host}")),
        Err(error) => lookup_problem(CHECK, host, error),
    };
    if is_through_proxy {
        Finding {
            level: Level::Warning,
            ..problem
        }
    } else {
        problem
    }
}

async fn look_up(host: &str) -> io::Result<Vec<SocketAddr>> {
    match timeout(LIMIT, lookup_host((host, EDGE_PORT))).await {
        Ok(found) => Ok(found?.collect()),
        Err(_) => Err(io::ErrorKind::TimedOut.into()),
    }
}

fn lookup_problem(check: &'static str, host: &str, error: io::Error) -> Finding {
    let message = if error.kind() == io::ErrorKind::TimedOut {
        format!("The DNS server doesn't answer, so {host} can't be found.")
    } else {
        format!("{}.", HttpError::of_lookup(host, error))
    };
    Finding::problem(
        check,
        message,
        "Check that this computer is connected to the internet. If it is, check the DNS server in the network settings, and any VPN that may have changed it.",
    )
}

fn too_many_links(left: Duration) -> Finding {
    Finding::problem(
        NEW_LINKS,
        "Cloudflare returned 429: too many new links from your network.",
        format!(
            "Wait: Spot Serve tries again in {} s. Existing links keep working.",
            left.as_secs().max(1)
        ),
    )
}

/// Accepts any answer. A real request would use up a tunnel.
async fn ask_service(client: &Client, service: &Uri) -> Finding {
    const CHECK: &str = NEW_LINKS;
    let mut request = Request::new(Full::<Bytes>::default());
    *request.uri_mut() = service.clone();
    let service = service.to_string();
    let service = service.trim_end_matches('/');
    match timeout(LIMIT * 2, client.send(request)).await {
        Ok(Ok(_)) => Finding::ok(CHECK, format!("{service} answers")),
        Ok(Err(error)) => Finding::problem(
            CHECK,
            format!("New links come from {service}, but {error}."),
            "Check the network connection, and whether a firewall or proxy blocks it.",
        ),
        Err(_) => Finding::problem(
            CHECK,
            format!("New links come from {service}, which doesn't answer."),
            "Check the network connection, and whether a firewall or proxy blocks it.",
        ),
    }
}

/// The addresses of the edge: those of `--edge` in the user's arguments, or those of its name.
async fn edge_addresses(args: &[String]) -> io::Result<Vec<SocketAddr>> {
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
    look_up(EDGE).await
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
async fn speaks_quic(address: SocketAddr) -> io::Result<bool> {
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
