//! Once a share has its public name, it keeps that name: killed cloudflareds, cut links.
//! Needs: cloudflared netns

mod tunnel_rig;

use std::time::{Duration, Instant};

use loopback_edge::{Fault, Protocol, faults::Which, namespace};
use rustix::process::Signal;
use spot_serve::{app::TunnelReport, config};

use tunnel_rig::{Rig, cloudflareds, signal, until_cloudflareds, within};

#[test]
fn ten_kills_in_a_row_cost_neither_the_name_nor_a_request_to_the_service() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (at, link) = rig.online().await;
        within(
            Duration::from_secs(5),
            rig.started,
            at,
            "online after the click",
        );
        rig.served(&link).await;
        for kill in 0..10 {
            let begin = Instant::now();
            let how = if kill % 2 == 0 {
                Signal::KILL
            } else {
                Signal::TERM
            };
            for pid in cloudflareds() {
                signal(pid, how);
            }
            rig.reconnecting().await;
            let (_, again) = rig.online().await;
            assert_eq!(again, link);
            within(
                Duration::from_secs(2),
                begin,
                rig.served(&link).await,
                "served after a kill",
            );
        }
        assert_eq!(rig.api_requests(), 1);
        assert!(rig.stop().await <= Duration::from_secs(3));
    });
}

#[test]
fn twenty_cuts_are_shown_and_cured_and_leave_one_process_over_quic() {
    namespace::run(async { twenty_cuts(config::Protocol::Quic).await });
}

#[test]
fn twenty_cuts_are_shown_and_cured_and_leave_one_process_over_http2() {
    namespace::run(async { twenty_cuts(config::Protocol::Http2).await });
}

async fn twenty_cuts(protocol: config::Protocol) {
    let mut rig = Rig::start_with(&[], |settings| settings.protocol = protocol).await;
    let (_, link) = rig.online().await;
    for _ in 0..20 {
        let begin = Instant::now();
        rig.fault(Fault::Cut(Which::All)).await;
        within(
            Duration::from_secs(2),
            begin,
            rig.reconnecting().await,
            "shown",
        );
        let (at, again) = rig.online().await;
        assert_eq!(again, link);
        within(Duration::from_secs(5), begin, at, "cured");
        rig.served(&link).await;
    }
    until_cloudflareds(1).await;
    assert_eq!(rig.api_requests(), 1);
    let told = rig
        .seen
        .iter()
        .filter(|r| matches!(r, TunnelReport::StillReconnecting(_)))
        .count();
    assert_eq!(told, 0, "nothing is told of a short loss");
    rig.stop().await;
}

#[test]
fn quic_that_dies_after_it_was_up_is_replaced_by_http2_under_the_same_link() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        assert_eq!(rig.registered(Protocol::Quic), 1);
        let begin = Instant::now();
        rig.fault(Fault::Udp(loopback_edge::faults::Port::BlackHole))
            .await;
        rig.reconnecting().await;
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        within(
            Duration::from_secs(15),
            begin,
            rig.served(&link).await,
            "served after UDP died",
        );
        assert_eq!(rig.registered(Protocol::Http2), 1);
        assert_eq!(rig.api_requests(), 1);
        until_cloudflareds(1).await;
        rig.stop().await;
    });
}

#[test]
fn a_name_that_the_edge_forgot_is_replaced_by_a_new_one() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        let host = link.trim_start_matches("https://").to_owned();
        rig.fault(Fault::Forget(host)).await;
        let (_, new) = rig.online().await;
        assert_ne!(new, link);
        rig.served(&new).await;
        assert_eq!(rig.api_requests(), 2);
        rig.stop().await;
    });
}

#[test]
fn a_program_that_was_killed_and_starts_again_has_the_same_link() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let file = rig.dir.path().join("resume.json");
        rig.online().await;
        rig.keep_names_in(&file);
        rig.stop().await;
        rig.start_again();
        let (_, link) = rig.online().await;
        // As when the program is killed: nobody says that the share is over.
        drop(rig.tunnel.take());
        until_cloudflareds(0).await;
        rig.keep_names_in(&file);
        rig.start_again();
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        rig.served(&link).await;
        assert_eq!(rig.api_requests(), 2, "one for each name");
        // A stop is the end of the name.
        rig.stop().await;
        rig.keep_names_in(&file);
        rig.start_again();
        assert_ne!(rig.online().await.1, link);
        rig.stop().await;
    });
}
