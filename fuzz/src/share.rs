//! A share that is served on loopback for as long as the fuzzer runs.

use std::{
    fs,
    io::{self, BufReader, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    time::Duration,
};

use spot_serve::server::{Content, Server, Settings, UploadRules};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::response::{ReadError, Response, read};

/// The host name of the share.
pub const HOST: &str = "x";

/// Part of every file that no visitor may see.
pub const SECRET: &[u8] = b"5ecret-never-sent";

/// The longest time for a response. The machine may be busy, so this only detects what never ends.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder that is being served.
pub struct Share {
    pub address: SocketAddr,
    /// The shared folder, without links in its path.
    pub root: PathBuf,
    /// A folder beside it that no visitor may see.
    pub outside: PathBuf,
    _around: TempDir,
    _server: Server,
    _runtime: Runtime,
}

impl Share {
    /// Serves a folder with the content that `fill` creates.
    pub fn start(fill: impl FnOnce(&Path)) -> Self {
        Self::with(Settings::default(), fill)
    }

    /// Serves a folder to which visitors may add files.
    pub fn taking_files(fill: impl FnOnce(&Path)) -> Self {
        let settings = Settings::default();
        let rules = Some(UploadRules::default());
        settings.access.uploads().set_rules(rules);
        Self::with(settings, fill)
    }

    fn with(settings: Settings, fill: impl FnOnce(&Path)) -> Self {
        let around = folder();
        let base = around.path().canonicalize().expect("a path");
        let (root, outside) = (base.join("root"), base.join("outside"));
        fs::create_dir(&root).expect("a folder");
        fs::create_dir(&outside).expect("a folder");
        fs::write(outside.join("file"), SECRET).expect("a file");
        fs::write(root.join(".hidden"), SECRET).expect("a file");
        symlink("../outside/file", root.join("leads-out")).expect("a link");
        symlink("../outside", root.join("leads-out-too")).expect("a link");
        symlink(".hidden", root.join("leads-to-hidden")).expect("a link");
        fill(&root);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let content = Content::Folder(root.clone());
        let server = runtime
            .block_on(async { Server::start(&content, &settings) })
            .expect("a server");
        server.names().set(Some(HOST.to_owned()));
        Self {
            address: server.address(),
            root,
            outside,
            _around: around,
            _server: server,
            _runtime: runtime,
        }
    }

    /// Connects as a visitor.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("the share accepts");
        stream.set_nodelay(true).expect("a socket");
        stream.set_read_timeout(Some(LIMIT)).expect("a socket");
        stream.set_write_timeout(Some(LIMIT)).expect("a socket");
        stream
    }
}

/// A visitor who stays connected for as long as the share allows.
#[derive(Default)]
pub struct Visitor {
    connection: Option<BufReader<TcpStream>>,
}

impl Visitor {
    /// Sends one GET request and reads its response.
    pub fn get(&mut self, share: &Share, target: &str, headers: &str) -> Response {
        let request = format!("GET {target} HTTP/1.1\r\nHost: {HOST}\r\n{headers}\r\n");
        // The share may have ended an idle connection, so a kept one is only a first attempt.
        if let Some(kept) = self.connection.take()
            && let Ok(response) = self.ask(kept, &request)
        {
            return response;
        }
        match self.ask(BufReader::new(share.connect()), &request) {
            Ok(response) => response,
            Err(error) => panic!("no response to {target:?}: {error:?}"),
        }
    }

    fn ask(
        &mut self,
        mut connection: BufReader<TcpStream>,
        request: &str,
    ) -> Result<Response, ReadError> {
        let sent = connection.get_mut().write_all(request.as_bytes());
        sent.map_err(|_: io::Error| ReadError::Cut)?;
        let response = read(&mut connection, false)?;
        if !response.closes {
            self.connection = Some(connection);
        }
        Ok(response)
    }
}

/// A temporary folder, in memory if possible.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).expect("a folder")
    } else {
        tempfile::tempdir().expect("a folder")
    }
}
