//! Failures of the service that hands out links: each is reported in words, with the time of the
//! next attempt.

use std::time::Duration;

use loopback_edge::{Edge, Fault, Options, faults::Api, namespace};

use crate::rig::{Rig, cloudflareds, script};

async fn refused(api: Api, words: &[&str]) {
    let mut rig = Rig::start(&[Fault::Api(api)]).await;
    let (_, problem) = rig.down().await;
    for words in words {
        assert!(problem.sentence.contains(words), "{words}: {problem:?}");
    }
    assert!(
        problem.sentence.contains("on this computer only"),
        "{problem:?}"
    );
    assert!(problem.retry_in.is_some(), "{problem:?}");
    // The program tries again automatically.
    rig.fault(Fault::Api(Api::Normal)).await;
    let (_, link) = rig.online().await;
    rig.served(&link).await;
    rig.stop().await;
}

#[test]
fn nobody_listens_there() {
    namespace::run(async { refused(Api::Refused, &["can't be reached", "firewall"]).await });
}

#[test]
fn a_500_with_json_is_quoted() {
    namespace::run(async { refused(Api::ErrorJson, &["500", "internal server error"]).await });
}

#[test]
fn a_500_with_a_page_is_reported_by_its_number() {
    namespace::run(async {
        refused(Api::ErrorHtml, &["returned 500.", "Cloudflare's side"]).await
    });
}

#[test]
fn error_1101_is_quoted() {
    namespace::run(async { refused(Api::Error1101, &["500", "error code: 1101"]).await });
}

#[test]
fn no_answer_is_reported() {
    namespace::run(async { refused(Api::Hang, &["didn't answer"]).await });
}

#[test]
fn without_a_name_server_the_network_is_what_is_missing() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let mut rig = Rig::start_at(edge, |settings| {
            settings.service = "https://api.trycloudflare.com".into();
        })
        .await;
        let (_, problem) = rig.down().await;
        assert_eq!(problem.short, "the DNS lookup failed");
        assert!(
            problem
                .sentence
                .contains("api.trycloudflare.com can't be found"),
            "{problem:?}"
        );
        rig.stop().await;
    });
}

#[test]
fn a_429_waits_a_minute_survives_a_restart_and_ends_when_the_user_retries() {
    namespace::run(async {
        let mut rig = Rig::start(&[Fault::Api(Api::RateLimited)]).await;
        let (_, problem) = rig.down().await;
        assert!(problem.sentence.contains("429"), "{problem:?}");
        assert!(
            problem.retry_in.unwrap() >= Duration::from_secs(60),
            "{problem:?}"
        );
        rig.stop().await;

        // The program ends and starts again: the service is not asked.
        rig.setup.finish();
        let paths = crate::rig::paths(rig.dir.path());
        let settings = spot_serve::config::TunnelConfig {
            cloudflared: namespace::cloudflared(),
            service: rig.edge.api_url(),
            args: rig.edge.edge_args(),
            ..Default::default()
        };
        rig.setup = std::sync::Arc::new(spot_serve::tunnel::Setup::new(settings, &paths));
        rig.start_again();
        let (_, problem) = rig.down().await;
        assert!(
            problem.retry_in.unwrap() > Duration::from_secs(30),
            "{problem:?}"
        );
        assert!(problem.sentence.contains("429"), "{problem:?}");
        assert_eq!(rig.api_requests(), 1);
        assert_eq!(
            cloudflareds(),
            Vec::<i32>::new(),
            "none is started only to be refused"
        );

        // After another request and refusal, the wait doubles.
        rig.tunnel.as_ref().unwrap().retry_now();
        let (_, problem) = rig.down().await;
        assert_eq!(rig.api_requests(), 2);
        assert!(
            problem.retry_in.unwrap() >= Duration::from_secs(120),
            "{problem:?}"
        );

        rig.fault(Fault::Api(Api::Normal)).await;
        rig.tunnel.as_ref().unwrap().retry_now();
        let (_, link) = rig.online().await;
        rig.served(&link).await;
        rig.stop().await;
    });
}

#[test]
fn a_429_does_not_touch_a_share_that_has_its_link() {
    namespace::run(async {
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        rig.fault(Fault::Api(Api::RateLimited)).await;
        for pid in cloudflareds() {
            crate::rig::signal(pid, rustix::process::Signal::KILL);
        }
        rig.reconnecting().await;
        let (_, again) = rig.online().await;
        assert_eq!(again, link);
        rig.served(&link).await;
        rig.stop().await;
    });
}

#[test]
fn an_unknown_flag_ends_cloudflared_with_0_and_is_reported_by_its_name() {
    namespace::run(async {
        let mut rig = Rig::start_with(&[], |settings| {
            settings.args.push("--no-such-flag".into());
        })
        .await;
        let (_, problem) = rig.down().await;
        assert!(problem.sentence.contains("no-such-flag"), "{problem:?}");
        assert!(problem.sentence.contains("[tunnel] args"), "{problem:?}");
        rig.stop().await;
    });
}

#[test]
fn a_bad_value_ends_cloudflared_with_0_and_is_reported_with_its_flag() {
    namespace::run(async {
        // A duration without a unit.
        let mut rig = Rig::start_with(&[], |settings| {
            settings.args.push("--grace-period=10".into());
        })
        .await;
        let (_, problem) = rig.down().await;
        assert!(problem.sentence.contains("grace-period"), "{problem:?}");
        assert!(problem.sentence.contains("[tunnel] args"), "{problem:?}");
        rig.stop().await;
    });
}

#[test]
fn an_argument_that_only_the_program_may_set_is_reported_at_once() {
    namespace::run(async {
        for argument in ["--url=http://127.0.0.1:9", "--loglevel=error"] {
            let mut rig =
                Rig::start_with(&[], |settings| settings.args.push(argument.into())).await;
            let (_, problem) = rig.down().await;
            let flag = argument.split('=').next().unwrap();
            assert!(problem.sentence.contains(flag), "{problem:?}");
            assert!(problem.sentence.contains("[tunnel] args"), "{problem:?}");
            assert_eq!(rig.api_requests(), 0, "no link is asked for in vain");
            // Corrected in the settings, and retried.
            rig.setup.change(rig.settings());
            rig.tunnel.as_ref().unwrap().retry_now();
            let (_, link) = rig.online().await;
            rig.served(&link).await;
            rig.stop().await;
        }
    });
}

#[test]
fn one_that_dies_at_once_is_tried_again_and_its_last_line_is_reported() {
    namespace::run(async {
        let dir = tempfile::tempdir().unwrap();
        let program = script(dir.path(), "echo 'the last words' >&2; exit 3");
        let mut rig = Rig::start_with(&[], |settings| settings.cloudflared = program).await;
        for _ in 0..3 {
            let (_, problem) = rig.down().await;
            assert!(problem.sentence.contains("the last words"), "{problem:?}");
            assert!(problem.sentence.contains("code 3"), "{problem:?}");
        }
        rig.stop().await;
    });
}

#[test]
fn the_users_own_configuration_and_variables_have_no_effect() {
    namespace::run(async {
        let home = tempfile::tempdir().unwrap();
        let own = home.path().join(".cloudflared");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(
            own.join("config.yml"),
            "ingress:\n  - service: http_status:404\nprotocol: nonsense\n",
        )
        .unwrap();
        // SAFETY: this process runs only this test, and no other thread reads variables now.
        unsafe {
            std::env::set_var("HOME", home.path());
            std::env::set_var("TUNNEL_URL", "http://127.0.0.1:9");
            std::env::set_var("TUNNEL_GRACE_PERIOD", "10");
            std::env::set_var("TUNNEL_TRANSPORT_PROTOCOL", "nonsense");
        }
        let mut rig = Rig::start(&[]).await;
        let (_, link) = rig.online().await;
        let (status, body) = rig.visit(&link).await.unwrap();
        assert_eq!(status, 200);
        assert!(body.ends_with("hello"), "{body}");
        rig.stop().await;
    });
}
