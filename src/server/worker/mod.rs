//! The threads of a share: they accept connections and run actix-web on them.
//!
//! actix-web's own `HttpServer` is not used, for three reasons: its workers wake up twice a second
//! as long as they exist, to keep a clock for the Date header; its connections can't be wrapped;
//! and it limits how long the first request of a connection may take, but not the others. Here, a
//! worker sets up actix-web for its first connection and drops it after the last one.

mod limits;
mod load;
mod network;
mod slot;

use std::{
    cell::RefCell,
    collections::BTreeSet,
    convert::Infallible,
    io,
    net::{SocketAddr, TcpListener as StdListener, TcpStream as StdStream},
    panic::{AssertUnwindSafe, catch_unwind},
    rc::{Rc, Weak},
    sync::Arc,
    thread,
    time::Duration,
};

use actix_http::{HttpService, KeepAlive, Request, Response, error::DispatchError};
use actix_service::{
    Service, ServiceFactory,
    boxed::{self, BoxService},
    fn_service,
};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::{Builder, LocalOptions},
    sync::{Semaphore, mpsc, watch},
};

use super::{
    activity::Activity,
    answer::{Admission, Answerer},
    platform::{allow_many_files, allow_same_port_again, keep_little_unsent},
    transport::{Connection, Eviction, HEAD_TIMEOUT, Visitor},
};
pub use limits::Limits;
use load::{Counted, Load};
use network::{Arrival, Line};
pub use network::{NetworkListener, NetworkOpener};
use slot::Slot;

/// Serving threads of one share. Two keep a fast disk and a tunnel busy.
const WORKERS: usize = 2;

/// Threads of a worker that wait for the disk. They start when needed and end after ten idle
/// seconds.
const MAX_DISK_THREADS: usize = 8;

/// How long closing a connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long actix-web is kept after the last connection, in case there is another.
const LINGER: Duration = Duration::from_secs(2);

/// How long visitors who are still connected are told that the share has ended.
const DRAIN: Duration = Duration::from_millis(200);

/// Stopping a share takes no longer than this.
const STOP_TIMEOUT: Duration = Duration::from_millis(900);

type Http = BoxService<(Connection, Option<SocketAddr>), (), DispatchError>;

/// A connection on its way to the worker that will serve it.
struct Accepted {
    stream: StdStream,
    from: Origin,
    slot: Slot,
    counted: Counted,
}

/// Where a connection comes from.
struct Origin {
    peer: SocketAddr,
    /// How it came in, if it came from the local network.
    line: Option<Line>,
}

/// Marks a connection that found no place to be served in.
struct TurnedAway;

/// The running threads.
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    /// How many of them have ended.
    ended: watch::Receiver<usize>,
    /// Knows who has a place.
    eviction: Arc<Eviction>,
    opener: NetworkOpener,
}

/// Counts a thread as ended when this is dropped, for whatever reason.
struct Ending(watch::Sender<usize>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.send_modify(|ended| *ended += 1);
    }
}

/// Listens on an address.
///
/// # Errors
/// The underlying I/O error, such as `AddrInUse`.
pub fn listen(address: SocketAddr) -> io::Result<StdListener> {
    let socket = TcpSocket::new_v4()?;
    allow_same_port_again(&socket)?;
    // Accepted connections inherit it.
    keep_little_unsent(&socket)?;
    socket.bind(address)?;
    socket.listen(1024)?.into_std()
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// If the system refuses to start a thread, or something that the thread needs.
    pub fn start(
        listener: StdListener,
        answerer: Answerer,
        limits: Limits,
        activity: Activity,
    ) -> io::Result<Self> {
        allow_many_files();
        let (stop, stopped) = watch::channel(false);
        let slots = Arc::new(Semaphore::new(limits.served));
        let (end, ended) = watch::channel(0);
        let eviction = Arc::new(Eviction::new(limits.patience));
        let mut others = Vec::new();
        let (opener, arrivals) = NetworkOpener::new();
        let mut arrivals = Some(arrivals);
        for number in 1..=WORKERS {
            let ending = Ending(end.clone());
            let worker = Worker {
                answerer: answerer.clone(),
                stopped: stopped.clone(),
                slots: Arc::clone(&slots),
                limits,
                activity: activity.clone(),
            };
            let work: Box<dyn FnOnce() + Send> = if number < WORKERS {
                let (sender, receiver) = mpsc::unbounded_channel();
                others.push((sender, Load::default()));
                Box::new(move || worker.run(async |serving| serving.serve(receiver).await))
            } else {
                // The last worker accepts for all of them.
                let others = std::mem::take(&mut others);
                let incoming = Incoming {
                    listener: listener.try_clone()?,
                    arrivals: arrivals.take(),
                };
                let eviction = Arc::clone(&eviction);
                Box::new(move || {
                    worker.run(async |serving| serving.accept(incoming, others, eviction).await);
                })
            };
            thread::Builder::new()
                .name(format!("share {}/{number}", answerer.port()))
                .spawn(move || {
                    let _ending = ending;
                    work();
                })?;
        }
        Ok(Self {
            stop,
            ended,
            eviction,
            opener,
        })
    }

    /// Opens the share to the local network.
    pub fn network_opener(&self) -> NetworkOpener {
        self.opener.clone()
    }

    /// The visitors who are being answered, as far as they are known.
    pub fn visitors(&self) -> BTreeSet<Visitor> {
        self.eviction.visitors()
    }

    /// Waits until one of them has ended. None does before they are stopped or dropped, unless
    /// something is wrong: then the share can't be reached any more, or not always.
    pub fn one_ended(&self) -> impl Future<Output = ()> + use<> {
        let mut ended = self.ended.clone();
        async move {
            // An error means that all have ended.
            let _ = ended.wait_for(|ended| *ended > 0).await;
        }
    }

    /// Ends all threads and their connections.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let ended = self.ended.wait_for(|ended| *ended == WORKERS);
        // A thread that hangs on a dead network drive must not hold up the program.
        let _ = tokio::time::timeout(STOP_TIMEOUT, ended).await;
    }
}

/// Where connections come in.
struct Incoming {
    listener: StdListener,
    /// Those from the local network.
    arrivals: Option<mpsc::Receiver<Arrival>>,
}

impl Incoming {
    /// The next connection, whichever listener it comes through.
    async fn next(
        listener: &TcpListener,
        arrivals: &mut Option<mpsc::Receiver<Arrival>>,
    ) -> io::Result<(TcpStream, Origin)> {
        let arrival = async {
            match arrivals {
                Some(arrivals) => arrivals.recv().await,
                None => None,
            }
        };
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, peer) = accepted?;
                Ok((stream, Origin { peer, line: None }))
            }
            Some(Arrival { stream, peer, line }) = arrival => {
                let line = Some(line);
                Ok((TcpStream::from_std(stream)?, Origin { peer, line }))
            }
        }
    }
}

/// What a thread needs to become a [`Serving`].
struct Worker {
    answerer: Answerer,
    stopped: watch::Receiver<bool>,
    slots: Arc<Semaphore>,
    limits: Limits,
    activity: Activity,
}

/// A worker on its own thread.
struct Serving {
    answerer: Rc<Answerer>,
    stopped: watch::Receiver<bool>,
    slots: Arc<Semaphore>,
    limits: Limits,
    activity: Activity,
    http: RefCell<Weak<Http>>,
}

impl Worker {
    /// Runs on this thread until the share is stopped or dropped.
    fn run(self, work: impl AsyncFnOnce(Serving) -> io::Result<()>) {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(MAX_DISK_THREADS)
            .thread_keep_alive(Duration::from_secs(10))
            .build_local(LocalOptions::default());
        let runtime = match runtime {
            Ok(runtime) => runtime,
            Err(error) => {
                tracing::error!(%error, "the file server can't start a thread");
                return;
            }
        };
        let drained = drained(
            self.stopped.clone(),
            Arc::clone(&self.slots),
            self.limits.served,
        );
        let serving = Serving {
            answerer: Rc::new(self.answerer),
            stopped: self.stopped,
            slots: self.slots,
            limits: self.limits,
            activity: self.activity,
            http: RefCell::default(),
        };
        let works = async {
            tokio::select! {
                () = drained => {}
                result = work(serving) => if let Err(error) = result {
                    tracing::error!(%error, "the file server has stopped");
                }
            }
        };
        // Nothing of it is used after a panic.
        if catch_unwind(AssertUnwindSafe(|| runtime.block_on(works))).is_err() {
            tracing::error!("the file server has stopped: one of its threads has panicked");
        }
        // Ends all connections. Threads that wait for the disk end on their own.
        runtime.shutdown_background();
    }
}

/// Waits until a share is over: until it was stopped and everyone who was asking at that moment has
/// been told so, or until it was dropped.
async fn drained(mut stopped: watch::Receiver<bool>, slots: Arc<Semaphore>, served: usize) {
    // An error means that it was dropped.
    let is_stopped = stopped.wait_for(|stopped| *stopped).await.is_ok();
    // The accepting worker holds one slot for the next connection.
    let is_connected = slots.available_permits() + 1 < served;
    if is_stopped && is_connected {
        tokio::time::sleep(DRAIN).await;
    }
}

impl Serving {
    /// Accepts connections, and gives each to the worker with the fewest.
    async fn accept(
        self,
        incoming: Incoming,
        others: Vec<(mpsc::UnboundedSender<Accepted>, Load)>,
        eviction: Arc<Eviction>,
    ) -> io::Result<()> {
        let listener = TcpListener::from_std(incoming.listener)?;
        let mut arrivals = incoming.arrivals;
        let waiting = Arc::new(Semaphore::new(self.limits.waiting));
        let own = Load::default();
        loop {
            // Neither is ever closed, so both arrive sooner or later.
            let (served, waits) = tokio::select! {
                biased;
                slot = Arc::clone(&self.slots).acquire_owned() => (slot.ok(), None),
                slot = Arc::clone(&waiting).acquire_owned() => (None, slot.ok()),
            };
            if served.is_some() {
                eviction.place_is_taken();
            }
            let slot = Slot {
                served,
                waiting: waits,
                all_served: Arc::clone(&self.slots),
                eviction: Arc::clone(&eviction),
                patience: self.limits.wait,
            };
            let (stream, from) = match Incoming::next(&listener, &mut arrivals).await {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Most likely out of file descriptors: some of the visitors have to leave
                    // first.
                    tracing::warn!(%error, "can't accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let idlest = others
                .iter()
                .filter(|(_, other)| other.count() < own.count())
                .min_by_key(|(_, other)| other.count());
            let Some((sender, other)) = idlest else {
                self.spawn(stream, from, slot, own.add()).await;
                continue;
            };
            match stream.into_std() {
                Ok(stream) => {
                    // Fails only when the share is being stopped.
                    let _ = sender.send(Accepted {
                        stream,
                        from,
                        slot,
                        counted: other.add(),
                    });
                }
                Err(error) => tracing::warn!(%error, "can't take over a connection"),
            }
        }
    }

    /// Serves the connections that the accepting worker sends.
    async fn serve(self, mut accepted: mpsc::UnboundedReceiver<Accepted>) -> io::Result<()> {
        while let Some(Accepted {
            stream,
            from,
            slot,
            counted,
        }) = accepted.recv().await
        {
            match TcpStream::from_std(stream) {
                Ok(stream) => self.spawn(stream, from, slot, counted).await,
                // The system has no room for another connection. Only this one is lost.
                Err(error) => tracing::warn!(%error, "can't take over a connection"),
            }
        }
        Ok(())
    }

    async fn spawn(&self, stream: TcpStream, from: Origin, slot: Slot, counted: Counted) {
        let http = self.http().await;
        let (activity, pace) = (self.activity.clone(), self.answerer.pace());
        tokio::task::spawn_local(async move {
            let Origin { peer, mut line } = from;
            let (slot, is_served) = slot.wait(&stream, peer.ip(), line.is_some()).await;
            let place = is_served.then(|| slot.eviction.place());
            if let (Some(place), Some(_)) = (&place, &line) {
                place.set_direct();
            }
            match (Connection::new(stream, place, activity), &http) {
                (Ok(connection), Some(http)) => {
                    let mut connection = connection.at_pace(pace);
                    connection.came_in_at(line.as_ref().map(|line| line.at));
                    let outbox = connection.outbox();
                    // Nobody could act on how a visitor's connection ended.
                    let driven = outbox.drive(http.call((connection, Some(peer))));
                    match &mut line {
                        None => drop(driven.await),
                        Some(line) => tokio::select! {
                            _ = driven => {}
                            () = line.closed() => {}
                        },
                    }
                }
                (Err(error), _) => tracing::debug!(%error, "can't take over a connection"),
                (_, None) => {}
            }
            drop((slot, counted));
            if http
                .as_ref()
                .is_some_and(|http| Rc::strong_count(http) == 1)
            {
                tokio::time::sleep(LINGER).await;
            }
        });
    }

    /// actix-web, while there are connections.
    async fn http(&self) -> Option<Rc<Http>> {
        if let Some(http) = self.http.borrow().upgrade() {
            return Some(http);
        }
        let answerer = Rc::clone(&self.answerer);
        let stopped = self.stopped.clone();
        let serve = move |request: Request| {
            let answerer = Rc::clone(&answerer);
            let admission = if *stopped.borrow() {
                Admission::Ended
            } else if request.conn_data::<TurnedAway>().is_some() {
                Admission::Full
            } else {
                Admission::Open
            };
            // Boxed, so that a connection that waits for a request needs little room.
            Box::pin(async move {
                let response = answerer.answer(&request, admission).await;
                Ok::<_, Infallible>(Response::from(response))
            })
        };
        let service = HttpService::build()
            // The connection looks after that itself, without setting a timer for each request.
            .keep_alive(KeepAlive::Os)
            .client_request_timeout(HEAD_TIMEOUT)
            .client_disconnect_timeout(CLOSE_TIMEOUT)
            .on_connect_ext(|connection: &Connection, data| {
                data.insert(connection.outbox());
                if let Some(at) = connection.network_address() {
                    data.insert(at);
                }
                if !connection.is_served() {
                    data.insert(TurnedAway);
                }
            })
            .h1(fn_service(serve))
            .new_service(())
            .await;
        let Ok(service) = service else {
            tracing::error!("can't set up the file server");
            return None;
        };
        let http = Rc::new(boxed::service(service));
        *self.http.borrow_mut() = Rc::downgrade(&http);
        Some(http)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests;
