//! The built program with its own home folder, connected to the test edge, as a user would run it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use loopback_edge::{Edge, namespace};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
    sync::watch,
    time::timeout,
};

/// Only limits a failing test: nothing here depends on the speed of the machine.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A home with settings and a folder to share.
pub struct Home {
    dir: TempDir,
    pub variables: Vec<(String, String)>,
    /// A command that starts the program, and its arguments. If empty, the test starts it itself.
    pub before: Vec<String>,
}

impl Home {
    /// A home whose settings connect the real cloudflared to this edge.
    pub fn with_edge(edge: &Edge) -> Self {
        Self::with_tunnel(
            &namespace::cloudflared(),
            &edge.api_url(),
            &edge.edge_args(),
            "",
        )
    }

    /// A home with these settings under `[tunnel]`; `more` is appended unchanged.
    pub fn with_tunnel(cloudflared: &Path, service: &str, args: &[String], more: &str) -> Self {
        let home = Self {
            dir: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
            before: Vec::new(),
        };
        fs::create_dir_all(home.path("config/spot-serve")).unwrap();
        fs::create_dir_all(home.path("Photos")).unwrap();
        fs::write(home.path("Photos/a.txt"), "hello").unwrap();
        let settings = format!(
            "[tunnel]\ncloudflared = {:?}\nservice = {service:?}\nargs = {args:?}\n{more}\n",
            cloudflared.to_str().unwrap(),
        );
        fs::write(home.path("config/spot-serve/config.toml"), settings).unwrap();
        home
    }

    /// Adds lines to the settings.
    pub fn add_settings(&self, lines: &str) {
        let file = self.path("config/spot-serve/config.toml");
        let before = fs::read_to_string(&file).unwrap();
        fs::write(&file, before + lines).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// `spot-serve ARGUMENTS`, not started yet.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_spot-serve").to_owned();
        let mut all = self.before.iter().chain([&program]);
        let mut command = Command::new(all.next().unwrap());
        command
            .args(all)
            .args(arguments)
            .env_clear()
            .env("PATH", self.path("bin"))
            .env("HOME", self.dir.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_RUNTIME_DIR", self.path("run"))
            .envs(self.variables.iter().cloned())
            .current_dir(self.dir.path())
            .stdin(Stdio::null());
        command
    }

    /// `spot-serve share --foreground PATH`, started.
    pub fn share(&self, path: &str) -> Program {
        self.start(&mut self.command(&["share", "--foreground", path]))
    }

    /// A command, started.
    pub fn start(&self, command: &mut Command) -> Program {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Program {
            out: Said::listen(child.stdout.take().unwrap()),
            err: Said::listen(child.stderr.take().unwrap()),
            child,
        }
    }
}

/// What a program printed on one of its outputs.
pub struct Said {
    text: Arc<Mutex<String>>,
    changes: watch::Receiver<usize>,
}

impl Said {
    fn listen(pipe: impl AsyncRead + Unpin + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(String::new()));
        let (counter, changes) = watch::channel(0);
        let all = Arc::clone(&text);
        tokio::spawn(async move {
            let mut lines = BufReader::new(pipe).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                *all.lock().unwrap() += &format!("{line}\n");
                counter.send_modify(|n| *n += 1);
            }
        });
        Self { text, changes }
    }

    pub fn so_far(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    /// Waits for the first line that contains this text.
    pub async fn line(&mut self, wanted: &str) -> String {
        self.until(wanted, |said| {
            said.lines().find(|line| line.contains(wanted))
        })
        .await
    }

    /// Waits until the last line contains this text.
    pub async fn last_line(&mut self, wanted: &str) -> String {
        self.until(wanted, |said| {
            said.lines().last().filter(|line| line.contains(wanted))
        })
        .await
    }

    async fn until(&mut self, wanted: &str, find: impl Fn(&str) -> Option<&str>) -> String {
        let found = timeout(LIMIT, async {
            loop {
                self.changes.mark_unchanged();
                if let Some(line) = find(&self.so_far()) {
                    return Some(line.to_owned());
                }
                if self.changes.changed().await.is_err() {
                    return None;
                }
            }
        });
        found
            .await
            .ok()
            .flatten()
            .unwrap_or_else(|| panic!("never said {wanted:?}, only:\n{}", self.so_far()))
    }
}

/// A running program.
pub struct Program {
    pub child: Child,
    pub out: Said,
    pub err: Said,
}

impl Program {
    /// The public host name, once the link was printed.
    pub async fn public_name(&mut self) -> String {
        let link = self.out.line("https://").await;
        link.trim_start_matches("https://").to_owned()
    }

    /// `127.0.0.1:PORT` of the share's server.
    pub async fn local(&mut self) -> String {
        let line = self.err.line("local: http://").await;
        line.trim_start_matches("local: http://").to_owned()
    }

    pub fn pid(&self) -> u32 {
        self.child.id().unwrap()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        send(self.pid(), signal);
    }

    pub async fn ended(&mut self) -> ExitStatus {
        timeout(LIMIT, self.child.wait())
            .await
            .expect("it ends")
            .unwrap()
    }

    /// The only cloudflared that it runs. There may be two for a moment, one of which ends.
    pub async fn only_sidecar(&self) -> u32 {
        let only = timeout(LIMIT, async {
            loop {
                if let [only] = self.sidecars()[..] {
                    return only;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        only.await.expect("one cloudflared")
    }

    /// The running cloudflareds that it has started.
    pub fn sidecars(&self) -> Vec<u32> {
        children(self.pid())
    }
}

pub fn send(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid.try_into().unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Processes whose parent is this one.
pub fn children(parent: u32) -> Vec<u32> {
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| stat(*pid).is_some_and(|(state, ppid)| ppid == parent && state != "Z"))
        .collect()
}

/// State and parent of a process; `None` if there is no such process.
fn stat(pid: u32) -> Option<(String, u32)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
}

/// Waits until a process is gone.
pub async fn gone(pid: u32) {
    let waited = timeout(LIMIT, async {
        while stat(pid).is_some_and(|(state, _)| state != "Z") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    waited
        .await
        .unwrap_or_else(|_| panic!("process {pid} is still there"));
}

/// The response to a GET: head and body.
pub struct Answer {
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The value of a header. The name is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = fields.find(|(field, _)| field.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// Sends a request as a visitor would.
pub async fn get(address: &str, host: &str, path: &str) -> Answer {
    let mut stream = open(address, host, path).await;
    let mut all = Vec::new();
    timeout(LIMIT, stream.read_to_end(&mut all))
        .await
        .unwrap()
        .unwrap();
    let end = all
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("a whole head");
    Answer {
        head: String::from_utf8_lossy(&all[..end]).into_owned(),
        body: all[end + 4..].to_vec(),
    }
}

/// Sends a request, and leaves the response to be read.
pub async fn open(address: &str, host: &str, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}
