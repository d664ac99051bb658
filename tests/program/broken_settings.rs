//! Settings that can't be used: how that is said, and what new shares are like until it is fixed.

use std::{fs, path::Path};

use loopback_edge::namespace;
use rustix::process::Signal;
use serde_json::Value;

use crate::{
    home::{Home, get},
    running::run,
};

const OPEN: &str = "Until this is fixed, Spot Serve uses the defaults: new shares need no password and have no time limit.";
const PROTECTED: &str = "Until this is fixed, Spot Serve uses the defaults, without a time limit, but requires a password for new shares, because your settings may do so.";

fn with_settings(lines: &str) -> Home {
    let home = Home::with_tunnel(Path::new(""), "http://127.0.0.1:1", &[], "");
    home.add_settings(lines);
    home
}

/// The status of a visitor without a password, if this is said about the settings.
async fn status_if_told(home: &Home, words: &str) -> u16 {
    let mut program = home.share("Photos");
    program.err.line(words).await;
    let local = program.local().await;
    let status = get(&local, &local, "/a.txt").await.status();
    if status == 401 {
        program.err.line("password: ").await;
    }
    program.signal(Signal::INT);
    program.ended().await;
    status
}

#[test]
fn a_mistake_takes_no_password_away_that_the_settings_may_require() {
    namespace::run(async {
        for lines in [
            "[share]\npassword = true\n[app]\nresume = yes\n",
            "[share]\npassword = ture\n",
            "[share]\nstop_after = \"90\"\n",
            "share = { password = true }\nx = [\n",
        ] {
            let home = with_settings(lines);
            assert_eq!(status_if_told(&home, PROTECTED).await, 401, "{lines}");
        }
        // Nobody knows what a file that can't be read requires.
        let home = with_settings("");
        let file = home.path("config/spot-serve/config.toml");
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        assert_eq!(status_if_told(&home, PROTECTED).await, 401);
    });
}

#[test]
fn a_mistake_in_settings_that_require_no_password_changes_nothing_for_visitors() {
    namespace::run(async {
        let home = with_settings(
            "[share]\npassword = false  # a password\nstop_after = \"\"\n# password = true\n[app]\nresume = yes\n",
        );
        assert_eq!(status_if_told(&home, OPEN).await, 200);
        // An option decides in any case.
        let home = with_settings("[share]\npassword = true\nx = [\n");
        let arguments = ["share", "--foreground", "--no-password", "Photos"];
        let mut program = home.start(&mut home.command(&arguments));
        program.err.line(PROTECTED).await;
        let local = program.local().await;
        assert_eq!(get(&local, &local, "/a.txt").await.status(), 200);
    });
}

#[test]
fn the_doctor_says_what_is_in_effect_instead() {
    namespace::run(async {
        for (lines, effect) in [
            (
                "[app]\nresume = yes\n",
                "the defaults: new shares need no password and have no time limit.",
            ),
            (
                "[share]\npassword = ture\n",
                "requires a password for new shares, because your settings may do so.",
            ),
        ] {
            let home = with_settings(lines);
            let doctor = run(&home, &["doctor", "--json"]).await;
            let said: Value = serde_json::from_str(&doctor.out).unwrap();
            let checks = said["checks"].as_array().unwrap().iter();
            let settings = checks.filter(|check| check["check"] == "settings");
            let advice: Vec<_> = settings.map(|check| check["advice"].as_str()).collect();
            let [Some(advice)] = advice[..] else {
                panic!("{said:#}");
            };
            let begin = "Fix the file. Until then, a running tray app keeps its previous settings";
            assert!(advice.starts_with(begin), "{advice}");
            assert!(advice.contains(effect), "{advice}");
        }
    });
}
