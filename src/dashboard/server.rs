//! The server of the dashboard.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpServer, dev::ServerHandle, middleware::DefaultHeaders, rt::net::TcpStream, web,
};
use tokio::{
    sync::{broadcast, watch},
    time::sleep,
};

use super::{
    answers::{self, COMMON_HEADERS, Peer},
    events,
    looks::Looks,
    session::Sessions,
    shared::{Shared, Start, Streams, View},
};
use crate::app::Notice;

/// It ends when nobody has looked for so long.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// Notices that a page has not taken yet.
const NOTICES: usize = 16;

/// The running server. Dropping it doesn't end it.
pub struct Server {
    port: u16,
    view: watch::Sender<Arc<View>>,
    notices: broadcast::Sender<web::Bytes>,
    sessions: Sessions,
    looks: Looks,
    is_running: Arc<AtomicBool>,
    handle: ServerHandle,
}

impl Server {
    /// Starts it on a free port of 127.0.0.1. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// No port can be listened on.
    pub fn start(start: Start, view: View) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let (view, receiver) = watch::channel(Arc::new(view));
        let (notices, _) = broadcast::channel(NOTICES);
        let looks = Looks::default();
        let sessions = Sessions::default();
        let shared = web::Data::new(Shared {
            start,
            sessions: sessions.clone(),
            port,
            view: receiver,
            notices: notices.clone(),
            looks: looks.clone(),
            streams: Streams::default(),
        });
        let server = HttpServer::new(move || {
            let headers = COMMON_HEADERS.iter();
            let headers = headers.fold(DefaultHeaders::new(), |all, header| all.add(*header));
            App::new()
                .app_data(shared.clone())
                .wrap(headers)
                .default_service(web::to(answers::answer))
        });
        let server = server
            .workers(1)
            .worker_max_blocking_threads(2)
            // A page that was closed is noticed at once.
            .h1_allow_half_closed(false)
            .disable_signals()
            .on_connect(move |connection, data| {
                if let Some(stream) = connection.downcast_ref::<TcpStream>() {
                    data.insert(Peer::of(stream, port));
                }
            })
            .listen(listener)?
            .run();
        let handle = server.handle();
        let is_running = Arc::new(AtomicBool::new(true));
        let ended = Arc::clone(&is_running);
        tokio::spawn(async move {
            if let Err(error) = server.await {
                tracing::warn!(%error, "the dashboard has ended");
            }
            ended.store(false, Ordering::Relaxed);
        });
        tokio::spawn(end_when_idle(handle.clone(), looks.clone()));
        Ok(Self {
            port,
            view,
            notices,
            sessions,
            looks,
            is_running,
            handle,
        })
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// False once it has ended.
    pub fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Relaxed)
    }

    /// A ticket for one browser. None if it is just ending, or the system has no random bytes.
    pub fn ticket(&self) -> Option<String> {
        let is_there = self.looks.touch();
        is_there.then(|| self.sessions.ticket()).flatten()
    }

    /// Shows this from now on.
    pub fn show(&self, view: View) {
        self.view.send_if_modified(|shown| {
            // The handles change with the shares.
            let is_new = shown.overview != view.overview;
            if is_new {
                *shown = Arc::new(view);
            }
            is_new
        });
    }

    /// Shows a notice to whoever looks.
    pub fn tell(&self, notice: &Notice) {
        // Fails if nobody looks.
        let _ = self.notices.send(events::notice(notice));
    }

    /// Ends it, with all its connections.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn end_when_idle(handle: ServerHandle, looks: Looks) {
    loop {
        match looks.left_of(IDLE) {
            Duration::ZERO => break,
            left => sleep(left).await,
        }
    }
    tracing::info!("nobody looks at the dashboard any more");
    handle.stop(false).await;
}
