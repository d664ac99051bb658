//! The dashboard on a real socket: who may read and change what.

use std::{sync::Arc, time::Duration};

use spot_serve::{
    app::{self, Event, Moment, ShareId, State, Target, TunnelReport},
    dashboard::{Handle, Server, Start, View},
    history::{Entry, HistoryFile, Kind, Recorder},
    inspector::Inspector,
    server::Live,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::timeout,
};

/// Only limits a failing test.
const LIMIT: Duration = Duration::from_secs(60);

/// What nobody else may read.
const SECRET: &str = "Wedding photos";

struct Dashboard {
    server: Server,
    start: Start,
    events: mpsc::UnboundedReceiver<Event>,
    state: State,
    dir: TempDir,
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

fn view(state: &State) -> View {
    View {
        overview: app::overview(state),
        handles: vec![Handle {
            share: 1,
            live: Live::default(),
            inspector: Inspector::default(),
        }],
    }
}

/// A browser with a session.
#[derive(Clone)]
struct Browser {
    cookie: String,
    token: String,
}

impl Dashboard {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("history.jsonl");
        let mut entries = [Entry::now(Kind::Visit, "abc", SECRET)];
        HistoryFile::at(file.clone()).append(&mut entries).unwrap();
        let mut state = State::default();
        let folder = Target::Folder(format!("/home/ada/{SECRET}").into());
        app::update(&mut state, Event::Share(folder));
        let id = ShareId(1);
        let address = "127.0.0.1:40000".parse().unwrap();
        app::update(&mut state, Event::ServerStarted(id, address));
        let report = TunnelReport::Online {
            link: "https://quiet-river.trycloudflare.com".into(),
            is_checked: true,
        };
        app::update(&mut state, Event::Tunnel(id, report));
        let (sender, events) = mpsc::unbounded_channel();
        let start = Start {
            send: Arc::new(move |event| sender.send(event).unwrap()),
            clock: Moment::default,
            history: HistoryFile::at(file.clone()),
            recorder: Recorder::to(file, true),
        };
        let server = Server::start(start.clone(), view(&state)).unwrap();
        Self {
            server,
            start,
            events,
            state,
            dir,
        }
    }

    fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.server.port())
    }

    /// Sends a request as it is, but for the length of its body.
    async fn send(&self, first: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
        let address = ("127.0.0.1", self.server.port());
        let mut stream = TcpStream::connect(address).await.unwrap();
        let headers = headers.iter();
        let lines: String = headers
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let length = body.len();
        let request = format!(
            "{first} HTTP/1.1\r\n{lines}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    async fn ask(&self, first: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut stream = self.send(first, headers, body).await;
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        timeout(LIMIT, read).await.expect("it answers").unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Opens a session with this ticket, as the page does.
    async fn open(&self, ticket: &str) -> Answer {
        let host = self.origin().replace("http://", "");
        let headers = [("Host", host.as_str()), ("Origin", &self.origin())];
        let body = format!(r#"{{"ticket":"{ticket}"}}"#);
        self.ask("POST /session", &headers, &body).await
    }

    async fn browser(&self) -> Browser {
        let answer = self.open(&self.server.ticket().unwrap()).await;
        assert_eq!(answer.status, 200, "{}", answer.head);
        let cookie = answer.header("set-cookie").unwrap();
        let token: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        Browser {
            cookie: cookie.split(';').next().unwrap().to_owned(),
            token: token["token"].as_str().unwrap().to_owned(),
        }
    }

    /// The headers that the page sends, with some of them replaced, or left out if they are empty.
    fn headers(&self, browser: &Browser, other: &[(&str, &str)]) -> Vec<(String, String)> {
        let origin = self.origin();
        let all = [
            ("Host", origin.trim_start_matches("http://")),
            ("Origin", &origin),
            ("Sec-Fetch-Site", "same-origin"),
            ("Cookie", &browser.cookie),
            ("X-Spot-Serve-Token", &browser.token),
        ];
        let all = all.iter().map(|(name, value)| {
            let replaced = other.iter().find(|(other, _)| other == name);
            let value = replaced.map_or(*value, |(_, value)| value);
            ((*name).to_owned(), value.to_owned())
        });
        all.filter(|(_, value)| !value.is_empty()).collect()
    }

    async fn as_page(&self, browser: &Browser, first: &str, body: &str) -> Answer {
        self.as_other(browser, &[], first, body).await
    }

    async fn as_other(
        &self,
        browser: &Browser,
        other: &[(&str, &str)],
        first: &str,
        body: &str,
    ) -> Answer {
        let headers = self.headers(browser, other);
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.ask(first, &headers, body).await
    }
}

/// Everything that needs a session.
const PLACES: [(&str, &str); 9] = [
    ("GET /events", ""),
    ("GET /history", ""),
    ("GET /history.csv", ""),
    ("GET /history.json", ""),
    ("GET /qr/1", ""),
    ("GET /requests/1", ""),
    ("GET /requests/1/1", ""),
    ("GET /requests/1/found?a", ""),
    ("POST /act", r#"{"do":"stop","share":1}"#),
];

#[tokio::test]
async fn the_page_itself_tells_nothing_and_whatever_does_needs_a_session() {
    let dashboard = Dashboard::start();
    let host = dashboard.origin().replace("http://", "");
    let page = dashboard.ask("GET /", &[("Host", &host)], "").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Share a folder"));
    assert!(!page.body.contains(SECRET) && !page.body.contains("trycloudflare"));
    let nobody = Browser {
        cookie: String::new(),
        token: String::new(),
    };
    for (first, body) in PLACES {
        let answer = dashboard.as_page(&nobody, first, body).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{first}");
    }
}

#[tokio::test]
async fn a_ticket_becomes_a_session_once() {
    let dashboard = Dashboard::start();
    let ticket = dashboard.server.ticket().unwrap();
    let opened = dashboard.open(&ticket).await;
    let cookie = opened.header("set-cookie").unwrap();
    let port = dashboard.server.port();
    assert!(
        cookie.starts_with(&format!("spot-serve-{port}=")),
        "{cookie}"
    );
    for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert_eq!(dashboard.open(&ticket).await.status, 401);
    assert_eq!(dashboard.open("").await.status, 401);
}

#[tokio::test]
async fn pages_of_other_origins_get_and_change_nothing() {
    let mut dashboard = Dashboard::start();
    let browser = dashboard.browser().await;
    let other = Dashboard::start().browser().await;
    let port = dashboard.server.port();
    let rebound = format!("evil.example:{port}");
    let strangers: [&[(&str, &str)]; 12] = [
        // A page that was pointed at this computer by its name.
        &[("Host", &rebound), ("Origin", &format!("http://{rebound}"))],
        &[("Host", &format!("127.0.0.1.evil.example:{port}"))],
        &[("Host", "127.0.0.1"), ("Origin", "http://127.0.0.1")],
        // A dev site or a share on another port of this computer. Its requests carry the cookie.
        &[("Origin", "http://127.0.0.1:3000")],
        &[
            ("Origin", "http://127.0.0.1:3000"),
            ("Sec-Fetch-Site", "same-site"),
        ],
        &[("Origin", ""), ("Sec-Fetch-Site", "same-site")],
        // A page elsewhere, or in a sandbox.
        &[
            ("Origin", "https://evil.example"),
            ("Sec-Fetch-Site", "cross-site"),
        ],
        &[("Origin", "null")],
        &[("Origin", ""), ("Sec-Fetch-Site", "none")],
        // A form or a script, which can't send the token.
        &[("X-Spot-Serve-Token", "")],
        &[("X-Spot-Serve-Token", &other.token)],
        &[("Cookie", &other.cookie)],
    ];
    for stranger in strangers {
        for (first, body) in PLACES {
            let answer = dashboard.as_other(&browser, stranger, first, body).await;
            let told = format!("{first} {stranger:?}: {}", answer.head);
            assert!([401, 403, 421].contains(&answer.status), "{told}");
            assert!(answer.body.is_empty(), "{told}");
            assert_eq!(answer.header("access-control-allow-origin"), None, "{told}");
        }
    }
    let preflight = [
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "x-spot-serve-token"),
        ("Host", &format!("127.0.0.1:{port}")),
        ("Origin", "http://127.0.0.1:3000"),
    ];
    let asked = dashboard.ask("OPTIONS /act", &preflight, "").await;
    assert_eq!(asked.status, 403);
    assert!(!asked.head.to_lowercase().contains("access-control"));
    assert!(dashboard.events.try_recv().is_err(), "nothing was changed");
}

#[tokio::test]
async fn the_page_is_never_a_part_of_another_page() {
    let dashboard = Dashboard::start();
    let host = dashboard.origin().replace("http://", "");
    for dest in [
        "iframe", "frame", "object", "embed", "script", "image", "style",
    ] {
        let headers = [("Host", host.as_str()), ("Sec-Fetch-Dest", dest)];
        let answer = dashboard.ask("GET /", &headers, "").await;
        assert_eq!((answer.status, answer.body.as_str()), (403, ""), "{dest}");
    }
    let page = dashboard.ask("GET /", &[("Host", &host)], "").await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"));
    assert!(policy.contains("frame-ancestors 'none'"));
    assert!(!policy.contains("unsafe"));
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn what_the_user_wants_becomes_an_event() {
    let mut dashboard = Dashboard::start();
    let browser = dashboard.browser().await;
    let stop = r#"{"do":"stop","share":1}"#;
    let answer = dashboard.as_page(&browser, "POST /act", stop).await;
    assert_eq!(answer.status, 204, "{}", answer.head);
    assert_eq!(dashboard.events.recv().await, Some(Event::Stop(ShareId(1))));
    let answer = dashboard
        .as_page(&browser, "POST /act", r#"{"do":"quit"}"#)
        .await;
    assert_eq!(answer.status, 400);
    let much = format!(
        r#"{{"do":"message","share":1,"text":"{}"}}"#,
        "a".repeat(40_000)
    );
    let answer = dashboard.as_page(&browser, "POST /act", &much).await;
    assert_eq!(answer.status, 413);
    assert!(dashboard.events.try_recv().is_err());
}

#[tokio::test]
async fn the_history_is_read_exported_and_cleared() {
    let dashboard = Dashboard::start();
    let browser = dashboard.browser().await;
    let read = async |place: &str| dashboard.as_page(&browser, place, "").await;
    let entries: serde_json::Value =
        serde_json::from_str(&read("GET /history").await.body).unwrap();
    assert_eq!(entries["entries"][0]["name"], SECRET);
    let last = entries["entries"][0]["id"].as_u64().unwrap();
    let news = read(&format!("GET /history?after={last}")).await;
    assert_eq!(news.body, r#"{"entries":[]}"#);
    let csv = read("GET /history.csv").await;
    assert!(
        csv.body
            .contains(&format!(",\"visit\",\"abc\",\"{SECRET}\",1,"))
    );
    assert_eq!(csv.header("content-disposition"), Some("attachment"));
    let json: serde_json::Value =
        serde_json::from_str(&read("GET /history.json").await.body).unwrap();
    assert_eq!(json[0]["kind"], "visit");
    let clear = r#"{"do":"clear-history"}"#;
    let cleared = dashboard.as_page(&browser, "POST /act", clear).await;
    assert_eq!(cleared.status, 204);
    let file = dashboard.dir.path().join("history.jsonl");
    assert_eq!(std::fs::read(file).unwrap(), b"");
}

#[tokio::test]
async fn a_page_is_told_what_changes_for_as_long_as_it_is_open() {
    let mut dashboard = Dashboard::start();
    let browser = dashboard.browser().await;
    let headers = dashboard.headers(&browser, &[]);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut stream = dashboard.send("GET /events", &headers, "").await;
    let mut told = String::new();
    until(
        &mut stream,
        &mut told,
        "\"link\":\"https://quiet-river.trycloudflare.com\"",
    )
    .await;
    assert!(told.contains("text/event-stream"));
    until(&mut stream, &mut told, "\n\n").await;
    told.clear();
    app::update(&mut dashboard.state, Event::Stop(ShareId(1)));
    dashboard.server.show(view(&dashboard.state));
    until(&mut stream, &mut told, "\"state\":\"stopping\"").await;
    assert!(
        !told.contains("\"general\""),
        "only what has changed: {told}"
    );
    dashboard.server.stop().await;
    let mut rest = Vec::new();
    let read = timeout(LIMIT, stream.read_to_end(&mut rest)).await;
    assert!(read.is_ok(), "it ends with the dashboard");
}

#[tokio::test]
async fn whoever_has_seen_the_cookie_gets_nothing_for_it() {
    let mut dashboard = Dashboard::start();
    let browser = dashboard.browser().await;
    let origin = dashboard.origin();
    let host = origin.replace("http://", "");
    let value = browser.cookie.split_once('=').unwrap().1;
    // A server on another port was sent the cookie. It is no browser, so it says whatever it likes.
    for token in [None, Some(""), Some(value)] {
        let headers = [
            ("Host", host.as_str()),
            ("Origin", &origin),
            ("Sec-Fetch-Site", "same-origin"),
            ("Cookie", &browser.cookie),
        ];
        let token = token.map(|token| ("X-Spot-Serve-Token", token));
        let headers: Vec<_> = headers.into_iter().chain(token).collect();
        for (first, body) in PLACES {
            let answer = dashboard.ask(first, &headers, body).await;
            assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{first}");
        }
        let stolen = format!(r#"{{"ticket":"{value}"}}"#);
        for body in ["", "{}", r#"{"ticket":null}"#, r#"{"ticket":""}"#, &stolen] {
            let answer = dashboard.ask("POST /session", &headers, body).await;
            assert!(
                [400, 401].contains(&answer.status),
                "{body}: {}",
                answer.head
            );
            assert_eq!(answer.body, "", "{body}");
        }
    }
    assert!(dashboard.events.try_recv().is_err(), "nothing was changed");
}

#[tokio::test]
async fn pages_that_were_closed_and_slow_strangers_take_no_places() {
    let dashboard = Dashboard::start();
    let browser = dashboard.browser().await;
    let headers = dashboard.headers(&browser, &[]);
    let headers: Vec<(&str, &str)> = headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let mut silent = Vec::new();
    for _ in 0..100 {
        let mut page = dashboard.send("GET /events", &headers, "").await;
        until(&mut page, &mut String::new(), "event: parts").await;
        let address = ("127.0.0.1", dashboard.server.port());
        let mut stranger = TcpStream::connect(address).await.unwrap();
        let slow = "POST /act HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n";
        stranger.write_all(slow.as_bytes()).await.unwrap();
        silent.push(stranger);
    }
    let answer = dashboard.as_page(&browser, "GET /history", "").await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn sessions_end_with_the_server() {
    let dashboard = Dashboard::start();
    let browser = dashboard.browser().await;
    let ticket = dashboard.server.ticket().unwrap();
    dashboard.server.stop().await;
    let dashboard = Dashboard {
        server: Server::start(dashboard.start.clone(), view(&dashboard.state)).unwrap(),
        ..dashboard
    };
    assert_eq!(dashboard.open(&ticket).await.status, 401);
    // The cookie's name has the port in it.
    let (_, value) = browser.cookie.split_once('=').unwrap();
    let browser = Browser {
        cookie: format!("spot-serve-{}={value}", dashboard.server.port()),
        ..browser
    };
    let answer = dashboard.as_page(&browser, "GET /history", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (401, ""));
}

async fn until(stream: &mut TcpStream, told: &mut String, wanted: &str) {
    let read = async {
        let mut bytes = [0; 4096];
        while !told.contains(wanted) {
            let length = stream.read(&mut bytes).await.unwrap();
            assert!(length > 0, "it ended: {told}");
            told.push_str(&String::from_utf8_lossy(&bytes[..length]));
        }
    };
    timeout(LIMIT, read)
        .await
        .unwrap_or_else(|_| panic!("{wanted} comes"));
}
