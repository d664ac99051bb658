//! Bodies of requests, on real connections.

use std::{
    convert::Infallible,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    rc::Rc,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use actix_http::{ConnectionType, HttpService, Request, Response, StatusCode, body::BoxBody};
use actix_service::{Service, ServiceFactory, fn_service};
use tokio::{net::TcpListener, runtime::Builder, task::LocalSet};

use super::{request_body::BodyError, *};
use crate::server::activity::Activity;

/// Far more than a test takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// More than the buffers of a connection hold.
const LARGE: usize = 32 << 20;

/// Serves connections until this is dropped.
struct Echo {
    address: SocketAddr,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
    /// The sum of the bytes that each handler got, and how it ended.
    bodies: mpsc::Receiver<(u64, Result<usize, BodyError>)>,
}

impl Echo {
    /// Answers with the length of each body, but only says `403` under `/refused`.
    fn start(patience: Patience) -> Self {
        let (address, addresses) = mpsc::channel();
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let (report, bodies) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            LocalSet::new().block_on(&runtime, async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                address.send(listener.local_addr().unwrap()).unwrap();
                let eviction = Arc::new(Eviction::new(patience));
                let report = report.clone();
                let service = HttpService::build()
                    .on_connect_ext(|connection: &Connection, data| {
                        data.insert(connection.outbox());
                    })
                    .h1(fn_service(move |request: Request| {
                        answer(request, report.clone())
                    }));
                let service = Rc::new(service.new_service(()).await.unwrap());
                loop {
                    let (stream, peer) = tokio::select! {
                        accepted = listener.accept() => accepted.unwrap(),
                        _ = &mut stopped => return,
                    };
                    let place = Some(eviction.place());
                    let connection = Connection::new(stream, place, Activity::default()).unwrap();
                    let outbox = connection.outbox();
                    let service = Rc::clone(&service);
                    tokio::task::spawn_local(async move {
                        let _ = outbox.drive(service.call((connection, Some(peer)))).await;
                    });
                }
            });
        });
        Self {
            address: addresses.recv().unwrap(),
            stop: Some(stop),
            thread: Some(thread),
            bodies,
        }
    }

    fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(self.address).unwrap();
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        client.set_write_timeout(Some(PATIENCE)).unwrap();
        client
    }

    /// What the next handler that has ended got.
    fn body(&self) -> (u64, Result<usize, BodyError>) {
        self.bodies.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

async fn answer(
    request: Request,
    report: mpsc::Sender<(u64, Result<usize, BodyError>)>,
) -> Result<Response<BoxBody>, Infallible> {
    let outbox = request.conn_data::<Outbox>().unwrap().clone();
    let _under_way = outbox.request_began(false);
    assert!(!request.head().headers().contains_key("expect"));
    let (mut sum, mut length) = (0, 0);
    let mut response = if request.path() == "/refused" {
        Response::new(StatusCode::FORBIDDEN)
    } else {
        let end = loop {
            match outbox.next_chunk().await {
                Ok(chunk) if chunk.is_empty() => break Ok(length),
                Ok(chunk) => {
                    length += chunk.len();
                    sum += chunk.iter().map(|byte| u64::from(*byte)).sum::<u64>();
                    // As if it were written to a disk.
                    tokio::task::yield_now().await;
                }
                Err(error) => break Err(error),
            }
        };
        report.send((sum, end)).unwrap();
        Response::new(StatusCode::OK)
    }
    .set_body(BoxBody::new(length.to_string()));
    if outbox.has_unread_body() {
        let head = response.head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// The next head that comes, and the body of as many digits as a response here has.
fn response(client: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        assert_eq!(
            client.read(&mut byte).unwrap(),
            1,
            "{}",
            text.escape_ascii()
        );
        text.push(byte[0]);
    }
    let head = String::from_utf8(text).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    client.read_exact(&mut body).unwrap();
    head + str::from_utf8(&body).unwrap()
}

fn sum_of(body: &[u8]) -> u64 {
    body.iter().map(|byte| u64::from(*byte)).sum()
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 7_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(|_| next()).collect()
}

/// A body in chunks of various lengths.
fn in_chunks(body: &[u8]) -> Vec<u8> {
    let mut chunks = Vec::new();
    let (mut rest, mut length) = (body, 1);
    while !rest.is_empty() {
        let (chunk, others) = rest.split_at(length.min(rest.len()));
        chunks.extend_from_slice(format!("{:x};ext=1\r\n", chunk.len()).as_bytes());
        chunks.extend_from_slice(chunk);
        chunks.extend_from_slice(b"\r\n");
        rest = others;
        length = (length * 3) % 150_001;
    }
    chunks.extend_from_slice(b"0\r\nTrailer: x\r\n\r\n");
    chunks
}

#[test]
fn bodies_arrive_as_they_were_sent_and_the_connection_stays_open() {
    let echo = Echo::start(Patience::default());
    let mut client = echo.connect();
    for length in [1, 5, 16 * 1024, 70_000, 3_000_000] {
        let body = noise(length);
        let sized = format!("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n");
        let chunked = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        // The next request comes right behind the body.
        let all = [
            sized.as_bytes(),
            &body,
            chunked.as_bytes(),
            &in_chunks(&body),
            b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        ];
        let mut sender = client.try_clone().unwrap();
        let all = all.concat();
        let sending = thread::spawn(move || sender.write_all(&all).unwrap());
        for expected in [length, length, 0] {
            assert!(response(&mut client).ends_with(&format!("\r\n\r\n{expected}")));
            let (sum, end) = echo.body();
            assert_eq!(end, Ok(expected));
            assert_eq!(sum, if expected == 0 { 0 } else { sum_of(&body) });
        }
        sending.join().unwrap();
    }
}

#[test]
fn a_body_may_come_byte_by_byte() {
    let echo = Echo::start(Patience::default());
    let mut client = echo.connect();
    client.set_nodelay(true).unwrap();
    for framed in [
        &b"Content-Length: 5\r\n\r\nhello"[..],
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    ] {
        for byte in [b"POST / HTTP/1.1\r\nHost: a\r\n", framed].concat() {
            client.write_all(&[byte]).unwrap();
        }
        assert!(response(&mut client).ends_with("\r\n\r\n5"));
        assert_eq!(echo.body(), (sum_of(b"hello"), Ok(5)));
    }
}

#[test]
fn a_visitor_is_asked_for_a_body_only_if_it_is_wanted() {
    let echo = Echo::start(Patience::default());
    let expects = "Host: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
    let mut client = echo.connect();
    for _ in 0..2 {
        let head = format!("PUT / HTTP/1.1\r\n{expects}");
        client.write_all(head.as_bytes()).unwrap();
        assert_eq!(response(&mut client), "http/1.1 100 continue\r\n\r\n");
        client.write_all(b"hello").unwrap();
        assert!(response(&mut client).ends_with("\r\n\r\n5"));
    }
    let head = format!("PUT /refused HTTP/1.1\r\n{expects}");
    client.write_all(head.as_bytes()).unwrap();
    let refused = response(&mut client);
    assert!(refused.starts_with("http/1.1 403 "), "{refused}");
    assert!(refused.contains("connection: close"), "{refused}");
}

#[test]
fn a_visitor_who_sends_a_refused_body_gets_the_answer() {
    let echo = Echo::start(Patience::default());
    for framing in ["Content-Length: 33554432", "Transfer-Encoding: chunked"] {
        let mut client = echo.connect();
        let head = format!("PUT /refused HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n");
        client.write_all(head.as_bytes()).unwrap();
        // As a program that sends all of a body before it looks for an answer.
        let body = if framing.starts_with('C') {
            noise(LARGE)
        } else {
            in_chunks(&noise(LARGE))
        };
        client.write_all(&body).unwrap();
        let refused = response(&mut client);
        assert!(refused.starts_with("http/1.1 403 "), "{refused}");
        assert_eq!(client.read(&mut [0]).unwrap(), 0, "nothing else follows");
    }
}

#[test]
fn a_visitor_who_leaves_cuts_the_body() {
    let echo = Echo::start(Patience::default());
    for framed in [
        &b"Content-Length: 6\r\n\r\nhello"[..],
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ] {
        let mut client = echo.connect();
        let head = b"PUT / HTTP/1.1\r\nHost: a\r\n";
        client.write_all(&[head, framed].concat()).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        assert_eq!(echo.body(), (sum_of(b"hello"), Err(BodyError::Cut)));
    }
}

#[test]
fn a_visitor_who_only_finishes_sending_gets_the_answer() {
    let echo = Echo::start(Patience::default());
    let mut client = echo.connect();
    let request = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
    client.write_all(request).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert!(response(&mut client).ends_with("\r\n\r\n5"));
}

#[test]
fn invalid_chunks_end_the_body_and_the_connection() {
    let echo = Echo::start(Patience::default());
    let mut client = echo.connect();
    let head = "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    let next = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    let request = format!("{head}5\r\nhello\n0\r\n\r\n{next}");
    client.write_all(request.as_bytes()).unwrap();
    assert_eq!(echo.body(), (sum_of(b"hello"), Err(BodyError::Malformed)));
    assert!(response(&mut client).contains("connection: close"));
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.read(&mut [0]).unwrap(), 0);
}

#[test]
fn a_body_that_stands_still_ends() {
    let echo = Echo::start(Patience {
        body: Duration::from_millis(200),
        ..Patience::default()
    });
    let mut client = echo.connect();
    let request = b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nhello";
    client.write_all(request).unwrap();
    let mut trickle = client.try_clone().unwrap();
    // A byte now and then is no progress.
    let trickling = thread::spawn(move || {
        while trickle.write_all(b".").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    assert_eq!(echo.body().1, Err(BodyError::Stalled));
    assert!(response(&mut client).contains("connection: close"));
    drop(client);
    drop(echo);
    trickling.join().unwrap();
}
