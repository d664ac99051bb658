//! A relay and its visitors.

use std::{collections::VecDeque, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::{mpsc, watch},
    time::timeout,
};

use super::super::{MAX_CONNECTIONS, Relay, SiteReport, SiteShare};
use crate::{app::SiteState, inspector::Inspector, server::Access};

/// Only bounds a test that fails.
pub const LIMIT: Duration = Duration::from_secs(60);

/// A relay, and what it has reported.
pub struct Rig {
    pub relay: Relay,
    pub access: Access,
    pub inspector: Inspector,
    reports: mpsc::UnboundedReceiver<SiteState>,
    /// Whether the site has answered with a stream of events.
    pub streams_events: watch::Receiver<bool>,
    pub seen: VecDeque<SiteState>,
}

impl Rig {
    pub async fn to(port: u16) -> Self {
        Self::with_places(port, MAX_CONNECTIONS).await
    }

    pub async fn with_places(port: u16, places: usize) -> Self {
        let share = SiteShare::default();
        let (sender, reports) = mpsc::unbounded_channel();
        let (streams, streams_events) = watch::channel(false);
        let report = move |report| match report {
            SiteReport::State(state) => {
                // Fails once the test is over.
                let _ = sender.send(state);
            }
            SiteReport::StreamsEvents(does) => {
                streams.send_replace(does);
            }
        };
        Self {
            access: share.access.clone(),
            inspector: share.inspector.clone(),
            relay: Relay::start_with(port, share, report, places)
                .await
                .unwrap(),
            reports,
            streams_events,
            seen: VecDeque::new(),
        }
    }

    pub async fn reports(&mut self, wanted: SiteState) {
        let found = timeout(LIMIT, async {
            while let Some(state) = self.reports.recv().await {
                self.seen.push_back(state);
                if state == wanted {
                    return;
                }
            }
        });
        let found = found.await;
        assert!(found.is_ok(), "no {wanted:?} in {:?}", self.seen);
    }

    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.relay.address()).await.unwrap()
    }

    /// What a visitor with this body is answered.
    pub async fn visit(&self, body: &[u8]) -> String {
        let mut stream = self.connect().await;
        let head = format!(
            "POST / HTTP/1.1\r\nHost: localhost:1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut text = String::new();
        let read = timeout(LIMIT, stream.read_to_string(&mut text)).await;
        read.expect("an answer").unwrap();
        text
    }
}
