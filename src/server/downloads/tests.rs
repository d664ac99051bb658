use std::{net::IpAddr, sync::mpsc};

use super::*;
use crate::server::{origin::RequestOrigin, traffic::Traffic};

fn item(size: u64) -> Item {
    Item {
        name: "a".to_owned(),
        kind: DownloadKind::File,
        path: b"a".to_vec(),
        version: 1,
        size,
    }
}

fn visit(downloads: &Downloads, agent: &str) -> Visit {
    let address: IpAddr = [192, 0, 2, 1].into();
    downloads.visit(None, Some(address), address, agent.as_bytes())
}

#[test]
fn bytes_count_after_the_head_however_it_is_written() {
    let response = b"HTTP/1.1 206 Partial\r\nA: \r\r\nB: b\r\n\r\n0123456789";
    for cut in 1..response.len() {
        let downloads = Downloads::default();
        downloads.on_report(|_| {});
        let mut progress = visit(&downloads, "x").follow(item(10), Sends::From(0));
        let (first, rest) = response.split_at(cut);
        progress.wrote(first);
        progress.wrote(&rest[..rest.len() - 1]);
        progress.finish();
        assert_eq!(downloads.count(), 0, "the last byte is missing: {cut}");
        let mut progress = visit(&downloads, "x").follow(item(10), Sends::From(9));
        progress.wrote(b"HTTP/1.1 206 Partial\r\n\r\n9");
        drop(progress);
        assert_eq!(downloads.count(), 1, "{cut}");
    }
}

#[test]
fn what_is_encoded_or_empty_counts_when_the_answer_is_complete() {
    let downloads = Downloads::default();
    downloads.on_report(|_| {});
    for item in [item(10), item(0)] {
        let mut progress = visit(&downloads, "x").follow(item.clone(), Sends::Encoded);
        progress.wrote(b"HTTP/1.1 200 OK\r\n\r\n0123456789");
        drop(progress);
        assert_eq!(downloads.count(), 0);
    }
    visit(&downloads, "x")
        .follow(item(10), Sends::Encoded)
        .finish();
    visit(&downloads, "x")
        .follow(item(0), Sends::From(0))
        .finish();
    assert_eq!(downloads.count(), 2);
}

#[test]
fn the_share_ends_with_the_last_download_and_reports_what_is_under_way() {
    let traffic = Traffic::default();
    let downloads = Downloads::of(traffic.clone());
    let (sender, reports) = mpsc::channel();
    downloads.on_report(move |report| {
        if let DownloadReport::Complete(download) = report {
            let _ = sender.send((download.count, download.is_last));
        }
    });
    let take = || {
        let mut progress = visit(&downloads, "x").follow(item(1), Sends::Pieces);
        progress.sent(0..1);
    };
    take();
    downloads.set_limit(Some(2));
    take();
    assert!(traffic.begin(RequestOrigin::Tunnel).is_ok());
    let mut running = visit(&downloads, "y").follow(item(1), Sends::Pieces);
    take();
    assert!(traffic.begin(RequestOrigin::Tunnel).is_err());
    running.sent(0..1);
    drop(running);
    let reported: Vec<_> = reports.try_iter().collect();
    assert_eq!(reported, [(1, false), (2, false), (3, true), (4, true)]);
}

#[test]
fn a_limit_can_be_taken_back_and_one_of_nothing_ends_the_share() {
    let traffic = Traffic::default();
    let downloads = Downloads::of(traffic.clone());
    downloads.set_limit(Some(1));
    downloads.set_limit(None);
    let mut progress = visit(&downloads, "x").follow(item(1), Sends::Pieces);
    progress.sent(0..1);
    drop(progress);
    assert!(!traffic.has_ended());
    downloads.set_limit(Some(0));
    assert!(traffic.has_ended());
}

#[test]
fn a_visitor_is_a_session_or_a_program_at_an_address() {
    let downloads = Downloads::default();
    let address = |last: u8| Some([192, 0, 2, last]);
    let visitor = |session: Option<&[u8]>, last, agent: &str| {
        downloads
            .visit(session, None, address(last), agent.as_bytes())
            .visitor
    };
    assert_eq!(visitor(None, 1, "x"), visitor(None, 1, "x"));
    assert_ne!(visitor(None, 1, "x"), visitor(None, 2, "x"));
    assert_ne!(visitor(None, 1, "x"), visitor(None, 1, "y"));
    assert_eq!(visitor(Some(b"s"), 1, "x"), visitor(Some(b"s"), 2, "y"));
    assert_ne!(visitor(Some(b"s"), 1, "x"), visitor(Some(b"t"), 1, "x"));
}

#[test]
fn an_answer_that_ends_early_is_an_interrupted_download_of_its_visitor() {
    let downloads = Downloads::default();
    let (sender, reports) = mpsc::channel();
    downloads.on_report(move |report| {
        let _ = sender.send(report);
    });
    for range in [0..4, 2..6, 3..3] {
        let mut progress = visit(&downloads, "x").follow(item(10), Sends::Pieces);
        progress.sent(range);
    }
    let sent: Vec<u64> = reports
        .try_iter()
        .map(|report| match report {
            DownloadReport::Interrupted(part) => {
                assert_eq!(part.visitor, Some([192, 0, 2, 1].into()));
                assert_eq!((part.name.as_str(), part.size), ("a", 10));
                part.sent
            }
            report => panic!("{report:?}"),
        })
        .collect();
    assert_eq!(sent, [4, 6]);
}
