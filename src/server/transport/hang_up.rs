//! Whether a visitor has closed the connection behind bytes that are not read yet.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use tokio::{
    io::Interest,
    net::TcpStream,
    time::{Instant, Sleep, sleep},
};

/// How often this is looked at. Nothing wakes a connection that has more to read already.
const INTERVAL: Duration = Duration::from_millis(500);

/// Looks for the end of a connection from which nothing is read for now.
#[derive(Debug, Default)]
pub struct HangUp(Option<Pin<Box<Sleep>>>);

impl HangUp {
    /// Whether the visitor has closed the connection, or at least sends no more. If not, the task
    /// is woken to look again.
    pub fn poll(&mut self, context: &mut Context<'_>, stream: &TcpStream) -> Poll<()> {
        let timer = self.0.get_or_insert_with(|| Box::pin(sleep(INTERVAL)));
        loop {
            if is_closed(stream) {
                return Poll::Ready(());
            }
            if timer.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            timer.as_mut().reset(Instant::now() + INTERVAL);
        }
    }

    /// The connection is read again, which shows its end.
    pub fn stop(&mut self) {
        self.0 = None;
    }
}

/// What the system has told of the connection so far.
fn is_closed(stream: &TcpStream) -> bool {
    let ready = pin!(stream.ready(Interest::READABLE));
    let ready = ready.poll(&mut Context::from_waker(Waker::noop()));
    matches!(ready, Poll::Ready(Ok(ready)) if ready.is_read_closed())
}

#[cfg(test)]
mod tests {
    use std::{convert::Infallible, io::Write, net::TcpStream as StdStream, sync::Arc};

    use actix_http::{HttpService, Request, Response};
    use actix_service::{Service, ServiceFactory, fn_service};
    use tokio::{net::TcpListener, runtime::Builder, sync::Notify, task::LocalSet, time::timeout};

    use super::*;
    use crate::server::{
        activity::Activity,
        transport::{Connection, Eviction, Outbox},
    };

    /// Far more than a test takes.
    const PATIENCE: Duration = Duration::from_secs(60);

    #[test]
    fn a_visitor_who_sends_more_than_is_read_ahead_and_leaves_is_noticed() {
        let begun = Arc::new(Notify::new());
        let noticed = Arc::new(Notify::new());
        let test = async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let mut visitor = StdStream::connect(address).unwrap();
            let (stream, peer) = listener.accept().await.unwrap();
            let place = Arc::new(Eviction::default()).place();
            let connection = Connection::new(stream, Some(place), Activity::default()).unwrap();
            let outbox = connection.outbox();
            let (begun_here, noticed_here) = (Arc::clone(&begun), Arc::clone(&noticed));
            let service = HttpService::build()
                .on_connect_ext(|connection: &Connection, data| {
                    data.insert(connection.outbox());
                })
                .h1(fn_service(move |request: Request| {
                    let (begun, noticed) = (Arc::clone(&begun_here), Arc::clone(&noticed_here));
                    let outbox = request.conn_data::<Outbox>().unwrap().clone();
                    async move {
                        let _under_way = outbox.request_began(false);
                        begun.notify_one();
                        outbox.left().await;
                        noticed.notify_one();
                        Ok::<_, Infallible>(Response::ok())
                    }
                }));
            let service = service.new_service(()).await.unwrap();
            let serving = outbox.drive(service.call((connection, Some(peer))));
            let leaving = async {
                let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\n\r\n");
                visitor.write_all(request.as_bytes()).unwrap();
                begun.notified().await;
                let more = request.repeat(40 * 1024 / request.len());
                visitor.write_all(more.as_bytes()).unwrap();
                drop(visitor);
                noticed.notified().await;
            };
            tokio::select! {
                biased;
                () = leaving => {}
                ended = serving => panic!("{:?}", ended.map_err(|_| "an error")),
            }
        };
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let test = async { timeout(PATIENCE, test).await };
        let in_time = LocalSet::new().block_on(&runtime, test);
        assert!(in_time.is_ok(), "nobody noticed");
    }
}
