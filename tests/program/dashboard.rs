//! `spot-serve dashboard`: the built program, without a desktop.

use std::path::Path;

use tokio::{net::TcpStream, time::timeout};

use crate::{
    home::{Home, LIMIT, get},
    running::{listed, run},
};

/// The address without its ticket, and the ticket.
async fn opened(home: &Home) -> (String, String) {
    let done = run(home, &["dashboard"]).await;
    assert_eq!(done.code, 0, "{done:?}");
    let address = done.out.trim().strip_prefix("http://").unwrap();
    let (host, ticket) = address.split_once("/#").unwrap();
    assert_eq!(ticket.len(), 43, "{done:?}");
    (host.to_owned(), ticket.to_owned())
}

#[tokio::test]
async fn the_command_starts_what_is_missing_and_prints_an_address() {
    let home = Home::with_tunnel(Path::new("/nonexistent"), "http://127.0.0.1:1", &[], "");
    let (host, ticket) = opened(&home).await;
    assert_eq!(listed(&home).await.len(), 0, "the program is running");
    let page = get(&host, &host, "/").await;
    let page = String::from_utf8_lossy(&page.body).into_owned();
    assert!(page.contains("Nothing is shared right now"), "{page}");
    let (same, other) = opened(&home).await;
    assert_eq!(same, host);
    assert_ne!(other, ticket, "each address is for one browser");
    let log = std::fs::read_to_string(home.path("state/spot-serve/spot-serve.log"));
    assert!(!log.unwrap().contains(&ticket), "it is a secret");
    assert_eq!(run(&home, &["quit"]).await.code, 0);
    let gone = timeout(LIMIT, TcpStream::connect(&host)).await.unwrap();
    assert!(gone.is_err(), "it ends with the program");
}
