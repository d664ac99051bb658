//! A share's tunnel with a real cloudflared against the loopback edge, and a visitor.

mod promise;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use loopback_edge::{Edge, EventKind, Fault, Options, Protocol, namespace};
use rustix::process::{Pid, Signal, kill_process};
use spot_serve::{
    app::{Problem, TunnelReport},
    config,
    paths::Paths,
    tunnel::{ResumeStore, Setup, Tunnel},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::{sleep, timeout},
};

pub use promise::within;

/// Only limits a failing test.
pub const LIMIT: Duration = Duration::from_secs(120);

pub struct Rig {
    pub edge: Edge,
    pub dir: tempfile::TempDir,
    pub setup: Arc<Setup>,
    pub tunnel: Option<Tunnel>,
    reports: mpsc::UnboundedReceiver<(Instant, TunnelReport)>,
    /// Every report that arrived, including those that were skipped while waiting.
    pub seen: Vec<TunnelReport>,
    pub started: Instant,
    pub origin: SocketAddr,
}

impl Rig {
    /// Starts a tunnel to an edge with these faults.
    pub async fn start(faults: &[Fault]) -> Self {
        Self::start_with(faults, |_| {}).await
    }

    /// Like [`Rig::start`], with changed settings.
    pub async fn start_with(
        faults: &[Fault],
        change: impl FnOnce(&mut config::TunnelConfig),
    ) -> Self {
        let edge = Edge::start(Options::default()).await.unwrap();
        for fault in faults {
            edge.fault(fault.clone()).await.unwrap();
        }
        Self::start_at(edge, change).await
    }

    /// Starts a tunnel to this edge.
    pub async fn start_at(edge: Edge, change: impl FnOnce(&mut config::TunnelConfig)) -> Self {
        Self::start_serving(edge, origin().await, change).await
    }

    /// As [`Rig::start_at`], with this server behind the tunnel.
    pub async fn start_serving(
        edge: Edge,
        origin: SocketAddr,
        change: impl FnOnce(&mut config::TunnelConfig),
    ) -> Self {
        promise::begin();
        let dir = tempfile::tempdir().unwrap();
        let mut settings = config::TunnelConfig {
            cloudflared: namespace::cloudflared(),
            service: edge.api_url(),
            args: edge.edge_args(),
            ..config::TunnelConfig::default()
        };
        change(&mut settings);
        let setup = Arc::new(Setup::new(settings, &paths(dir.path())));
        let (tunnel, reports) = start_tunnel(origin, &setup);
        Self {
            edge,
            dir,
            setup,
            tunnel: Some(tunnel),
            reports,
            seen: Vec::new(),
            started: Instant::now(),
            origin,
        }
    }

    /// Starts a tunnel of another computer to the same edge.
    pub async fn beside(&self, change: impl FnOnce(&mut config::TunnelConfig)) -> Beside {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = self.settings();
        change(&mut settings);
        let setup = Arc::new(Setup::new(settings, &paths(dir.path())));
        let (tunnel, reports) = start_tunnel(self.origin, &setup);
        Beside {
            _dir: dir,
            _tunnel: tunnel,
            reports,
        }
    }

    /// The settings that connect to this edge.
    pub fn settings(&self) -> config::TunnelConfig {
        config::TunnelConfig {
            cloudflared: namespace::cloudflared(),
            service: self.edge.api_url(),
            args: self.edge.edge_args(),
            ..config::TunnelConfig::default()
        }
    }

    /// Starts another tunnel of the same program in place of this one, which has ended or is
    /// dropped.
    pub fn start_again(&mut self) {
        let (tunnel, reports) = start_tunnel(self.origin, &self.setup);
        self.tunnel = Some(tunnel);
        self.reports = reports;
        self.started = Instant::now();
    }

    /// Keeps names in this file, starting with the next tunnel, as if the program started now.
    pub fn keep_names_in(&mut self, file: &Path) {
        // As when a program ends.
        self.setup.finish();
        let setup = Setup::new(self.settings(), &paths(self.dir.path()));
        self.setup = Arc::new(setup.with_resume_store(ResumeStore::load(file, true)));
    }

    /// Waits for the next report that fits, and returns it with its time.
    pub async fn report(
        &mut self,
        fits: impl Fn(&TunnelReport) -> bool,
    ) -> (Instant, TunnelReport) {
        let found = timeout(LIMIT, async {
            while let Some((at, report)) = self.reports.recv().await {
                self.seen.push(report.clone());
                if fits(&report) {
                    return (at, report);
                }
            }
            panic!("the tunnel is gone; it reported {:#?}", self.seen);
        })
        .await;
        match found {
            Ok(found) => found,
            Err(_) => panic!(
                "no such report; these came: {:#?}\nat the edge: {:#?}",
                self.seen,
                self.edge.events()
            ),
        }
    }

    pub async fn online(&mut self) -> (Instant, String) {
        let (at, report) = self
            .report(|r| matches!(r, TunnelReport::Online { .. }))
            .await;
        match report {
            TunnelReport::Online { link, .. } => (at, link),
            _ => unreachable!(),
        }
    }

    pub async fn reconnecting(&mut self) -> Instant {
        self.report(|r| matches!(r, TunnelReport::Reconnecting))
            .await
            .0
    }

    pub async fn down(&mut self) -> (Instant, Problem) {
        let (at, report) = self.report(|r| matches!(r, TunnelReport::Down(_))).await;
        match report {
            TunnelReport::Down(problem) => (at, problem),
            _ => unreachable!(),
        }
    }

    /// Reports that arrived and that nobody waited for.
    pub fn drain(&mut self) -> Vec<TunnelReport> {
        let mut all = Vec::new();
        while let Ok((_, report)) = self.reports.try_recv() {
            all.push(report);
        }
        all
    }

    pub async fn fault(&self, fault: Fault) {
        self.edge.fault(fault).await.unwrap();
    }

    /// Stops the tunnel, waits until everything has ended, and returns how long that took.
    pub async fn stop(&mut self) -> Duration {
        let begin = Instant::now();
        self.tunnel.as_ref().unwrap().stop();
        self.report(|r| matches!(r, TunnelReport::Ended)).await;
        assert_eq!(cloudflareds(), Vec::<i32>::new(), "no process is left");
        begin.elapsed()
    }

    /// A visitor's GET. Returns the status and the body.
    pub async fn visit(&self, link: &str) -> Option<(u16, String)> {
        let host = link.strip_prefix("https://").unwrap();
        let ask = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let mut stream = TcpStream::connect(self.edge.public_addr()).await.ok()?;
        stream.write_all(ask.as_bytes()).await.ok()?;
        let mut text = String::new();
        let read = timeout(Duration::from_secs(5), stream.read_to_string(&mut text)).await;
        read.ok()?.ok()?;
        let status = text.split(' ').nth(1)?.parse().ok()?;
        Some((status, text))
    }

    /// Waits until a visitor gets the page, and returns when that was.
    pub async fn served(&self, link: &str) -> Instant {
        let served = async {
            loop {
                if self
                    .visit(link)
                    .await
                    .is_some_and(|(status, _)| status == 200)
                {
                    return Instant::now();
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        match timeout(LIMIT, served).await {
            Ok(at) => at,
            Err(_) => panic!("never served; at the edge: {:#?}", self.edge.events()),
        }
    }

    pub fn registered(&self, protocol: Protocol) -> usize {
        let is = |event: &EventKind| matches!(event, EventKind::Registered { protocol: over, .. } if *over == protocol);
        self.edge
            .events()
            .iter()
            .filter(|event| is(&event.kind))
            .count()
    }

    pub fn api_requests(&self) -> u64 {
        self.edge.stats().api_requests
    }
}

/// A tunnel of another computer.
pub struct Beside {
    _dir: tempfile::TempDir,
    _tunnel: Tunnel,
    reports: mpsc::UnboundedReceiver<(Instant, TunnelReport)>,
}

impl Beside {
    pub async fn online(&mut self) {
        let found = timeout(LIMIT, async {
            while let Some((_, report)) = self.reports.recv().await {
                if matches!(report, TunnelReport::Online { .. }) {
                    return true;
                }
            }
            false
        });
        assert_eq!(found.await, Ok(true), "it comes online");
    }
}

fn start_tunnel(
    origin: SocketAddr,
    setup: &Arc<Setup>,
) -> (Tunnel, mpsc::UnboundedReceiver<(Instant, TunnelReport)>) {
    let (sender, reports) = mpsc::unbounded_channel();
    let tunnel = Tunnel::start(
        Some("a share".into()),
        origin,
        Arc::clone(setup),
        move |report| {
            let _ = sender.send((Instant::now(), report));
        },
    );
    (tunnel, reports)
}

pub fn paths(dir: &Path) -> Paths {
    let place = |name: &str| {
        let place = dir.join(name);
        fs::create_dir_all(&place).unwrap();
        place
    };
    let paths = Paths {
        config: place("config"),
        state: place("state"),
        runtime: place("runtime"),
        data: place("data"),
        thumbnails: dir.join("thumbnails"),
        home: None,
    };
    fs::write(paths.empty_tunnel_config(), "").unwrap();
    paths
}

/// A server behind the tunnel that responds `hello` to everybody.
pub async fn origin() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = Vec::new();
                let mut chunk = [0; 4096];
                while let Ok(read @ 1..) = stream.read(&mut chunk).await {
                    request.extend_from_slice(&chunk[..read]);
                    if request.ends_with(b"\r\n\r\n") {
                        request.clear();
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
                        if stream.write_all(answer).await.is_err() {
                            return;
                        }
                    }
                }
            });
        }
    });
    address
}

/// The process ids of the running cloudflareds that this test started.
pub fn cloudflareds() -> Vec<i32> {
    let own = std::process::id().to_string();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else {
            continue;
        };
        // `pid (name) state ppid …`; the name may contain anything.
        let Some((_, rest)) = stat.rsplit_once(") ") else {
            continue;
        };
        let mut fields = rest.split(' ');
        let (state, parent) = (fields.next(), fields.next());
        if parent == Some(own.as_str()) && state != Some("Z") {
            found.push(pid);
        }
    }
    found
}

pub fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// Waits until this many cloudflareds are left.
pub async fn until_cloudflareds(count: usize) -> Vec<i32> {
    let counted = timeout(LIMIT, async {
        loop {
            let found = cloudflareds();
            if found.len() == count {
                return found;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    match counted.await {
        Ok(found) => found,
        Err(_) => panic!("{} cloudflareds instead of {count}", cloudflareds().len()),
    }
}

/// A script to run instead of cloudflared.
pub fn script(dir: &Path, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let file = dir.join("not-cloudflared");
    fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    file
}
