//! `loopback-edge`: the loopback edge as a program, for shell scripts.
//!
//! Once it is ready, it prints one line of JSON to stdout: the addresses `api`, `edge`, `cacert`,
//! `public`, `public_tls` and `control`, the `tokens` of named tunnels, and the `args` that make a
//! cloudflared use it.

#![forbid(unsafe_code)]

use std::{
    io::{self, Write},
    net::{IpAddr, SocketAddr},
    process::ExitCode,
    sync::Arc,
};

use clap::Parser;
use loopback_edge::{Edge, FlowWindows, Options, control, faults};
use serde_json::json;
use tokio::{io::AsyncReadExt, net::TcpListener};

#[derive(Parser)]
#[command(about = "Simulates Cloudflare's edge on loopback, for the real cloudflared")]
struct Args {
    /// Address of the quick tunnel service.
    #[arg(long, default_value = "127.0.0.1:0")]
    api: SocketAddr,
    /// Address that cloudflared connects to.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    edge: IpAddr,
    /// Address for visitors over HTTP, with a tunnel's hostname as Host.
    #[arg(long, default_value = "127.0.0.1:0")]
    public: SocketAddr,
    /// Address for visitors over TLS; off by default.
    #[arg(long)]
    public_tls: Option<SocketAddr>,
    /// Address of POST /fault, GET /events and GET /stats.
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// Fault to start with, as JSON such as {"publish_after_ms":3000}.
    #[arg(long, value_name = "JSON")]
    fault: Vec<String>,
    /// Create a tunnel in a Cloudflare account with this hostname; its token is in `tokens`.
    #[arg(long, value_name = "HOSTNAME")]
    named_tunnel: Vec<String>,
    /// Exit when stdin closes, so that nothing is left when the parent process dies.
    #[arg(long)]
    until_stdin_closes: bool,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("loopback-edge: {error}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn run(args: Args) -> Result<(), String> {
    let options = Options {
        api: args.api,
        edge: args.edge,
        public: args.public,
        public_tls: args.public_tls,
        windows: FlowWindows::default(),
    };
    let edge = Edge::start(options).await.map_err(|e| e.to_string())?;
    let edge = Arc::new(edge);
    for text in &args.fault {
        for fault in faults::from_json(text.as_bytes())? {
            edge.fault(fault).await.map_err(|e| e.to_string())?;
        }
    }
    let listener = TcpListener::bind(args.control).await;
    let (listener, control) = listener
        .and_then(|l| l.local_addr().map(|addr| (l, addr)))
        .map_err(|e| format!("can't listen on {}: {e}", args.control))?;
    // Set up first: whoever reads the line may send a signal immediately.
    let signalled = signalled().map_err(|e| format!("can't wait for signals: {e}"))?;
    print_line(&edge, control, &args.named_tunnel).map_err(|e| format!("stdout: {e}"))?;

    tokio::select! {
        () = control::serve(listener, edge) => {}
        () = signalled => {}
        () = stdin_closes(), if args.until_stdin_closes => {}
    }
    Ok(())
}

fn print_line(edge: &Edge, control: SocketAddr, named: &[String]) -> io::Result<()> {
    let tokens: serde_json::Map<_, _> = named
        .iter()
        .map(|name| (name.clone(), edge.create_named_tunnel(name).token.into()))
        .collect();
    let line = json!({
        "api": edge.api_url(),
        "edge": edge.edge_addrs(),
        "cacert": edge.ca_file(),
        "public": edge.public_addr(),
        "public_tls": edge.public_tls_addr(),
        "control": format!("http://{control}"),
        "args": edge.cloudflared_args(),
        "tokens": tokens,
    });
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    stdout.flush()
}

/// Completes at SIGTERM or SIGINT, or Ctrl-C on Windows.
#[cfg(unix)]
fn signalled() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Completes at SIGTERM or SIGINT, or Ctrl-C on Windows.
#[cfg(windows)]
fn signalled() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}

async fn stdin_closes() {
    let (mut stdin, mut sink) = (tokio::io::stdin(), [0; 1024]);
    while matches!(stdin.read(&mut sink).await, Ok(1..)) {}
}
