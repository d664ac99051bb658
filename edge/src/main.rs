//! `loopback-edge`: the loopback edge as a program, for tests and demos driven by a shell.
//!
//! Prints one line of JSON with its addresses on stdout once it is up: `api`, `edge`, `cacert`,
//! `public`, `public_tls`, `control`, `tokens`, and `args`, which make a cloudflared use it.

#![forbid(unsafe_code)]

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use loopback_edge::{Edge, Options, control, faults};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

#[derive(Parser)]
#[command(about = "Plays Cloudflare's edge on loopback for the real cloudflared")]
struct Args {
    /// Where the quick tunnel service listens.
    #[arg(long, default_value = "127.0.0.1:0")]
    api: SocketAddr,
    /// Where cloudflareds come in.
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    edge: IpAddr,
    /// Where visitors come in over HTTP, with a tunnel's name as Host.
    #[arg(long, default_value = "127.0.0.1:0")]
    public: SocketAddr,
    /// Where visitors come in over TLS; not at all by default.
    #[arg(long)]
    public_tls: Option<SocketAddr>,
    /// Where POST /fault, GET /events and GET /stats are.
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// Faults to begin with, as JSON like {"publish_after_ms":3000}.
    #[arg(long, value_name = "JSON")]
    fault: Vec<String>,
    /// Make a tunnel of an own account with this name; its token is printed as `tokens`.
    #[arg(long, value_name = "HOSTNAME")]
    named_tunnel: Vec<String>,
    /// End when stdin closes, so that nothing is left when the parent dies.
    #[arg(long)]
    until_stdin_closes: bool,
}

fn main() -> ExitCode {
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("loopback-edge: {why}");
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
        .map_err(|e| format!("couldn't listen on {}: {e}", args.control))?;
    // Whoever has read the line may end it at once.
    let signalled = signalled().map_err(|e| format!("couldn't wait for signals: {e}"))?;
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
