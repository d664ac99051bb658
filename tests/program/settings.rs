//! Settings, as commands and the running program take them.

use std::fs;

use loopback_edge::{Edge, Options, namespace};
use serde_json::Value;
use tokio::time::timeout;

use crate::{
    home::{Home, LIMIT},
    running::{listed, run, start},
};

#[test]
fn the_settings_of_the_running_program_decide_whether_a_folder_is_private() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        home.add_settings("[server]\nhidden = true\n");
        fs::write(home.path("Photos/.netrc"), "secret").unwrap();
        let _program = start(&home).await;
        let is_asked = async || {
            let asked = run(&home, &["share", "Photos"]).await;
            assert_eq!(asked.code, 1, "{asked:?}");
            assert!(asked.err.contains("passwords (.netrc)"), "{asked:?}");
            assert!(asked.err.contains("add --yes"), "{asked:?}");
            assert_eq!(listed(&home).await, [Value::Null; 0], "nothing waits");
        };
        is_asked().await;
        // The program keeps the settings it had.
        home.add_settings("x = [\n");
        is_asked().await;
        let agreed = run(&home, &["share", "--yes", "Photos"]).await;
        assert_eq!(agreed.code, 0, "{agreed:?}");
        let again = run(&home, &["share", "Photos"]).await;
        assert_eq!((again.code, &again.out), (0, &agreed.out), "{again:?}");
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn unreadable_settings_make_no_private_folder_harmless_while_no_program_runs() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        home.add_settings("[server]\nhidden = true\nx = [\n");
        fs::write(home.path("Photos/.netrc"), "secret").unwrap();
        for arguments in [
            &["share", "Photos"][..],
            &["share", "--foreground", "Photos"],
        ] {
            let asked = run(&home, arguments).await;
            assert_eq!(asked.code, 1, "{asked:?}");
            assert!(asked.err.contains("add --yes"), "{asked:?}");
        }
    });
}

#[test]
fn settings_that_do_not_go_together_are_shown_with_what_is_wrong() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let good = run(&home, &["config"]).await;
        assert_eq!((good.code, good.err.as_str()), (0, ""), "{good:?}");
        home.add_settings("hostname = \"share.example.org\"\n");
        let bad = run(&home, &["config"]).await;
        assert_eq!(bad.code, 1, "{bad:?}");
        assert!(bad.out.contains("hostname = \"share"), "{bad:?}");
        assert!(bad.err.contains("neither token nor credentials"), "{bad:?}");
    });
}

/// Waits until the program has loaded settings that make a folder with a `.netrc` private or not.
/// It shows that by asking.
async fn takes(home: &Home, is_private: bool) {
    timeout(LIMIT, async {
        loop {
            let shared = run(home, &["share", "Photos"]).await;
            if shared.code == 0 {
                assert_eq!(run(home, &["stop", "Photos"]).await.code, 0);
            }
            if (shared.code == 1) == is_private {
                break;
            }
        }
    })
    .await
    .expect("the settings are taken");
}

#[test]
fn settings_behind_a_link_and_in_a_recreated_folder_are_loaded_while_the_program_runs() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        fs::write(home.path("Photos/.netrc"), "secret").unwrap();
        let folder = home.path("config/spot-serve");
        let open = fs::read_to_string(folder.join("config.toml")).unwrap();
        let strict = format!("{open}[server]\nhidden = true\n");
        fs::create_dir(home.path("dotfiles")).unwrap();
        fs::write(home.path("dotfiles/mine.toml"), &open).unwrap();
        fs::remove_file(folder.join("config.toml")).unwrap();
        let link =
            || std::os::unix::fs::symlink("../../dotfiles/mine.toml", folder.join("config.toml"));
        link().unwrap();
        let _program = start(&home).await;
        takes(&home, false).await;
        fs::write(home.path("dotfiles/mine.toml"), &strict).unwrap();
        takes(&home, true).await;

        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("config.toml"), &open).unwrap();
        takes(&home, false).await;
        fs::rename(&folder, home.path("config/before")).unwrap();
        fs::create_dir(&folder).unwrap();
        fs::write(home.path("dotfiles/mine.toml"), &open).unwrap();
        link().unwrap();
        fs::write(home.path("dotfiles/mine.toml"), &strict).unwrap();
        takes(&home, true).await;
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}
