//! Compares the file server with others, on the same files, alternately.
//!
//! - `serve FOLDER PORT [ADDRESS]` runs only our server, also in the local network at ADDRESS.
//! - `load PORT hot|small|unchanged|range|large CONNECTIONS SECONDS` only visits a server, for a profile of it.
//! - `receive FOLDER PORT` runs only our server, and takes files.
//! - `run TOOLS SECONDS ROUNDS [TABLE...]` runs the benchmark, or some of its tables: requests,
//!   large, copy, alone, receive, tunnel, network. The last two need a network namespace of their own,
//!   and `tunnel` the paths `BENCH_CLOUDFLARED` and `BENCH_EDGE` in the environment.
//! - `compare EARLIER TOOLS SECONDS ROUNDS` compares this build with an earlier one.

mod compare;
mod copy;
mod data;
mod far;
mod load;
mod peers;
mod process;
mod receive;
mod table;
mod tunnel;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use spot_serve::server::{Content, Server, Settings, UploadRules};

use data::Data;
use far::Far;
use load::{Kind, Target};
use peers::Peer;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", folder, port] => serve(&Content::Folder(folder.into()), port, None),
        ["serve", folder, port, address] => {
            let address = address.parse().expect("an address and a port");
            serve(&Content::Folder(folder.into()), port, Some(address));
        }
        ["load", port, kind, connections, seconds] => load(port, kind, connections, seconds),
        ["receive", folder, port] => serve(&Content::Inbox(folder.into()), port, None),
        ["run", tools, seconds, rounds, ref tables @ ..] => run(
            Path::new(tools),
            Duration::from_secs_f64(seconds.parse().expect("seconds")),
            rounds.parse().expect("rounds"),
            tables,
        ),
        ["compare", earlier, tools, seconds, rounds] => compare::compare(
            Path::new(earlier),
            &Data::create(&Path::new(tools).join("data")),
            Duration::from_secs_f64(seconds.parse().expect("seconds")),
            rounds.parse().expect("rounds"),
        ),
        _ => eprintln!(
            "usage: bench-serve serve|receive FOLDER PORT [ADDRESS] | run TOOLS SECONDS ROUNDS [TABLE...] | \
             compare EARLIER TOOLS SECONDS ROUNDS"
        ),
    }
}

/// Serves something as Spot Serve does, with one thread for the runtime and one for the share, until
/// it is killed. `network` is where it listens in the local network.
fn serve(content: &Content, port: &str, network: Option<SocketAddr>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let settings = Settings {
            hidden: false.into(),
            port: port.parse().expect("a port"),
            ..Settings::default()
        };
        if let Content::Inbox(_) = content {
            let uploads = settings.access.uploads();
            uploads.set_rules(Some(UploadRules::default()));
        }
        let server = Server::start(content, &settings);
        let server = server.expect("a server");
        let open = |address| server.network_opener().open(address);
        let _listener = network.map(|address| open(address).expect("a free port"));
        std::future::pending::<()>().await;
    });
}

/// Visits a server at a port of this computer, and prints requests or GiB per second.
fn load(port: &str, kind: &str, connections: &str, seconds: &str) {
    let target = Target::of(port.parse().expect("a port"));
    let connections = connections.parse().expect("a number");
    let time = Duration::from_secs_f64(seconds.parse().expect("seconds"));
    let kind = match kind {
        "hot" => Kind::Hot,
        "small" => Kind::Small,
        "unchanged" => Kind::NotModified,
        "range" => Kind::Range,
        _ => {
            let speed = load::download(&target, "/large.bin", connections);
            println!("{:.2} GiB/s", speed / (1 << 30) as f64);
            return;
        }
    };
    let speed = load::requests_per_second(&target, kind, connections, time);
    println!("{speed:.0} requests/s");
}

fn run(tools: &Path, seconds: Duration, rounds: usize, tables: &[&str]) {
    let wants = |table| tables.is_empty() || tables.contains(&table);
    let data = Data::create(&tools.join("data"));
    println!(
        "Medians of {rounds} alternating rounds, {seconds:?} each. Ratios are medians of paired runs.\n"
    );
    if tables == ["tunnel"] {
        let program = |name| PathBuf::from(std::env::var_os(name).expect(name));
        let (cloudflared, edge) = (program("BENCH_CLOUDFLARED"), program("BENCH_EDGE"));
        let peers = Peer::start_all(tools, &data);
        table::through_tunnel(&peers, &cloudflared, &edge, seconds, rounds);
        receive::receive_through_tunnel(tools, &cloudflared, &edge, rounds);
        return;
    }
    if tables == ["network"] {
        let far = Far::connect();
        let peers = Peer::start_far(tools, &data, &far);
        println!("From another host, through a virtual cable:\n");
        table::large_over_network(&peers, rounds);
        copy::copy(&peers, &far::memory(tools), rounds);
        return;
    }
    if ["requests", "large", "copy"].into_iter().any(wants) {
        let peers = Peer::start_all(tools, &data);
        if wants("requests") {
            table::requests(&peers, seconds, rounds);
        }
        if wants("large") {
            table::large(&peers, rounds);
        }
        if wants("copy") {
            copy::copy(&peers, tools, rounds);
        }
    }
    if wants("alone") {
        table::alone(&data, rounds);
    }
    if wants("receive") {
        receive::receive(tools, rounds);
    }
}
