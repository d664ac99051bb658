//! A site whose side of the connections is played by the test, and visitors who see every byte.

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

use super::rig::{LIMIT, Rig};

/// A site that hands each connection to the test, with the head of its first request.
pub struct ByHand {
    pub port: u16,
    connections: Arc<AtomicUsize>,
    requests: mpsc::UnboundedReceiver<(String, Wire)>,
    task: JoinHandle<()>,
}

impl ByHand {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, requests) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let all = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                all.fetch_add(1, Ordering::SeqCst);
                let sender = sender.clone();
                tokio::spawn(async move {
                    let mut wire = Wire(stream);
                    let Some(head) = wire.head().await else {
                        return;
                    };
                    if head.contains("(checks the shared site)") {
                        wire.send("HTTP/1.1 200 OK\r\n\r\n").await;
                    } else {
                        // Fails once the test is over.
                        let _ = sender.send((head, wire));
                    }
                });
            }
        });
        Self {
            port,
            connections,
            requests,
            task,
        }
    }

    /// The next connection, and its first head.
    pub async fn request(&mut self) -> (String, Wire) {
        let request = timeout(LIMIT, self.requests.recv()).await;
        request.expect("a request").unwrap()
    }

    /// How many connections there were, with or without a request.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Nobody else has connected.
    pub fn is_left_alone(&mut self) -> bool {
        self.requests.try_recv().is_err()
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One end of a connection.
#[derive(Debug)]
pub struct Wire(pub TcpStream);

impl Wire {
    pub async fn visitor(rig: &Rig) -> Self {
        Self(rig.connect().await)
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.0.write_all(bytes.as_ref()).await.unwrap();
    }

    /// Everything up to the next empty line.
    pub async fn head(&mut self) -> Option<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.ok()?);
        }
        Some(String::from_utf8_lossy(&head).into_owned())
    }

    /// Takes what has to come next.
    pub async fn expect(&mut self, wanted: &str) {
        let mut found = vec![0; wanted.len()];
        let read = timeout(LIMIT, self.0.read_exact(&mut found)).await;
        let read = read.unwrap_or_else(|_| panic!("{wanted:?} has not come"));
        read.unwrap_or_else(|error| panic!("{wanted:?}: {error}"));
        assert_eq!(String::from_utf8_lossy(&found), wanted);
    }

    /// The connection ends at once, in a way that can't be taken for the end of an answer.
    pub async fn is_reset(&mut self) {
        let read = timeout(LIMIT, self.0.read_u8()).await;
        let error = read.expect("the end of the connection").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }

    /// Everything up to the end of the connection, however it ends.
    pub async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let read = timeout(LIMIT, self.0.read_to_end(&mut rest)).await;
        // A reset is an end too.
        let _ = read.expect("the end of the connection");
        String::from_utf8_lossy(&rest).into_owned()
    }
}
