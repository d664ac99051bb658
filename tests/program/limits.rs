//! Shares that end by themselves, and how much is served at once: the built program with a real
//! cloudflared at the test edge.

use std::{
    fs,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    access::{PASSWORD, Visitor, edge, share_with_password},
    home::{Home, LIMIT, get, open},
    running::{listed, resumed, run, start},
};
use loopback_edge::{namespace, needs};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

async fn the_last_download_arrives_over(protocol: &str) {
    let edge = edge().await;
    let home = Home::with_tunnel(
        &namespace::cloudflared(),
        &edge.api_url(),
        &edge.edge_args(),
        &format!("protocol = {protocol:?}"),
    );
    // More than what fits into the buffers on the way.
    let content: Vec<u8> = (0..8_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(home.path("Photos/big.bin"), &content).unwrap();
    let arguments = ["share", "--foreground", "--downloads=1", "Photos"];
    let mut share = home.start(&mut home.command(&arguments));
    let name = share.public_name().await;
    let public = edge.public_addr().to_string();
    // What is not a whole file doesn't count.
    let head = get(&public, &name, "/?json").await;
    assert_eq!(head.status(), 200);
    let mut slow = open(&public, &name, "/big.bin").await;
    let mut all = Vec::new();
    let mut part = vec![0; 1 << 20];
    // The server has sent everything long before this visitor has it.
    while !share.err.so_far().contains("ending") {
        let count = timeout(LIMIT, slow.read(&mut part)).await.unwrap().unwrap();
        assert!(count > 0, "cut off before the end");
        all.extend_from_slice(&part[..count]);
        sleep(Duration::from_millis(1)).await;
    }
    let late = get(&public, &name, "/a.txt").await;
    assert_eq!(late.status(), 410, "nothing new is served");
    let rest = timeout(LIMIT, slow.read_to_end(&mut all)).await;
    rest.unwrap().unwrap();
    let start = all.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(Sha256::digest(&all[start..]), Sha256::digest(&content));
    assert_eq!(share.ended().await.code(), Some(0));
    share.err.line("The limit of 1 download was reached.").await;
}

#[test]
fn the_last_download_arrives_whole_over_quic() {
    namespace::run(async { the_last_download_arrives_over("quic").await });
}

#[test]
fn the_last_download_arrives_whole_over_http2() {
    namespace::run(async { the_last_download_arrives_over("http2").await });
}

/// The saved shares, once they are as wanted.
pub async fn saved(home: &Home, is_wanted: impl Fn(&Value) -> bool) -> Value {
    let file = home.path("state/spot-serve/resume.json");
    timeout(LIMIT, async {
        loop {
            let text = fs::read_to_string(&file).unwrap_or_default();
            match serde_json::from_str(&text) {
                Ok(saved) if is_wanted(&saved) => return saved,
                _ => sleep(Duration::from_millis(20)).await,
            }
        }
    })
    .await
    .expect("it is saved")
}

/// Shares saved by a run that was killed, with so much time left now.
fn set_time_left(home: &Home, mut saved: Value, seconds: u64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let share = saved.as_object_mut().unwrap().values_mut().next().unwrap();
    share["settings"]["time"]["left-s"] = json!(seconds);
    share["settings"]["time"]["saved-at"] = json!(now.as_secs());
    let file = home.path("state/spot-serve/resume.json");
    fs::write(file, saved.to_string()).unwrap();
}

#[test]
fn settings_are_resumed_with_their_share_until_its_time_is_over() {
    if !needs::met(&["curl"]) {
        return;
    }
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        home.add_settings("[app]\nresume = true\n");
        let mut program = start(&home).await;
        let shared = share_with_password(&home, &["--for=2h", "--downloads=7"]).await;
        let is_whole = |saved: &Value| {
            saved.to_string().contains("password-hash") && saved.to_string().contains("hostname")
        };
        let first = saved(&home, is_whole).await;
        assert!(!first.to_string().contains(PASSWORD));
        program.kill().await.unwrap();

        // As if one of the two hours had passed meanwhile.
        set_time_left(&home, first.clone(), 3600);
        let mut program = start(&home).await;
        let again = resumed(&home).await;
        assert_eq!(again["link"], json!(shared.out.trim_end()));
        assert_eq!(again["protected"], json!(true));
        assert_eq!(again["downloads_left"], json!(7));
        assert!(again["ends_in_s"].as_u64().unwrap() <= 3600, "{again}");
        let visitor = Visitor::of(&edge, &shared.out);
        assert_eq!(visitor.get("/a.txt").await.status(), 401);
        assert_eq!(visitor.status_with(PASSWORD).await, 200);
        program.kill().await.unwrap();

        // As if the other one had passed as well.
        set_time_left(&home, first, 0);
        let _program = start(&home).await;
        assert_eq!(saved(&home, |saved| *saved == json!({})).await, json!({}));
        assert_eq!(listed(&home).await, [Value::Null; 0]);
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn a_download_over_several_connections_counts_once_it_is_whole() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos", "--downloads=2"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let left = async || listed(&home).await[0]["downloads_left"].clone();
        let part = async |range: &str| {
            let mut stream = tokio::net::TcpStream::connect(&visitor.address)
                .await
                .unwrap();
            let request = format!(
                "GET /a.txt HTTP/1.1\r\nHost: {}\r\nRange: bytes={range}\r\nConnection: close\r\n\r\n",
                visitor.name
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut all = String::new();
            stream.read_to_string(&mut all).await.unwrap();
            assert!(all.starts_with("HTTP/1.1 206"), "{all}");
        };
        part("0-2").await;
        part("0-2").await;
        assert_eq!(left().await, 2);
        part("3-4").await;
        timeout(LIMIT, async { while left().await != 1 {} })
            .await
            .expect("it is counted");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn more_visitors_than_a_quick_tunnel_carries_are_asked_to_come_back() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        // Nobody has all of it for as long as nobody reads.
        let big = fs::File::create(home.path("Photos/big.bin")).unwrap();
        big.set_len(64 << 20).unwrap();
        let mut share = home.share("Photos");
        let name = share.public_name().await;
        let public = edge.public_addr().to_string();
        let mut downloads = Vec::new();
        for _ in 0..180 {
            let mut download = open(&public, &name, "/big.bin").await;
            let mut start = [0; 15];
            let read = timeout(LIMIT, download.read_exact(&mut start)).await;
            read.unwrap().unwrap();
            assert_eq!(&start, b"HTTP/1.1 200 OK");
            downloads.push(download);
        }
        let busy = get(&public, &name, "/a.txt").await;
        assert_eq!(busy.status(), 503, "{}", busy.head);
        assert!(
            busy.head.to_lowercase().contains("retry-after: "),
            "{}",
            busy.head
        );
        let local = share.local().await;
        assert_eq!(get(&local, &local, "/a.txt").await.status(), 200);
        // As soon as somebody has left, there is room.
        downloads.pop();
        timeout(LIMIT, async {
            while get(&public, &name, "/a.txt").await.status() != 200 {}
        })
        .await
        .expect("there is room again");
    });
}

#[test]
fn list_says_who_keeps_the_disk_busy() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        let big = fs::File::create(home.path("Photos/big.bin")).unwrap();
        big.set_len(256 << 20).unwrap();
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        let visitor = Visitor::of(&edge, &shared.out);
        let mut download = open(&visitor.address, &visitor.name, "/big.bin").await;
        download.read_exact(&mut [0; 15]).await.unwrap();
        let under_way = async || listed(&home).await[0]["under_way"].clone();
        let busy = under_way().await;
        assert_eq!(busy["count"], json!(1), "{busy}");
        assert_eq!(busy["visitors"].as_array().unwrap().len(), 1, "{busy}");
        let list = run(&home, &["list"]).await;
        assert!(list.out.contains("(1 request under way ("), "{list:?}");
        drop(download);
        timeout(LIMIT, async { while under_way().await["count"] != 0 {} })
            .await
            .expect("it is noticed that the visitor has left");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn the_speed_is_limited_and_changed_under_the_same_link() {
    namespace::run(async {
        let edge = edge().await;
        let home = Home::with_edge(&edge);
        home.add_settings("[server]\nlimit = \"2 MB/s\"\n");
        fs::write(home.path("Photos/film.bin"), vec![7; 300_000]).unwrap();
        let _program = start(&home).await;
        let shared = run(&home, &["share", "Photos"]).await;
        assert_eq!(shared.code, 0, "{shared:?}");
        assert_eq!(listed(&home).await[0]["limit"], json!(2_000_000));
        let set = run(&home, &["set", "--limit=200kB/s"]).await;
        assert!(set.out.contains("speed       200 kB/s"), "{set:?}");
        let visitor = Visitor::of(&edge, &shared.out);
        let began = Instant::now();
        assert_eq!(visitor.get("/film.bin").await.body.len(), 300_000);
        // A quarter of a second's worth comes at once.
        assert!(began.elapsed() > Duration::from_millis(1200));
        let list = run(&home, &["list"]).await;
        assert!(list.out.contains("(at most 200 kB/s)"), "{list:?}");
        let set = run(&home, &["set", "--limit=unlimited"]).await;
        assert!(set.out.contains("speed       unlimited"), "{set:?}");
        assert_eq!(listed(&home).await[0]["limit"], Value::Null);
        for refused in ["2MB", "5B/s"] {
            let set = run(&home, &["set", "--limit", refused]).await;
            assert_eq!(set.code, 2, "{set:?}");
        }
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}
