//! Options that don't mean what they seem to, and what is said about a password.

use std::{fs, path::Path};

use loopback_edge::{Edge, Options, namespace};

use crate::{
    home::Home,
    running::{run, start},
};

fn home() -> Home {
    Home::with_tunnel(Path::new(""), "http://127.0.0.1:1", &[], "")
}

#[test]
fn a_password_after_a_space_is_explained() {
    namespace::run(async {
        let home = home();
        const HINT: &str = "To choose the password on the command line, write --password=PASSWORD with an equals sign.";
        let done = run(&home, &["share", "Photos/a.txt", "--password", "secret"]).await;
        assert_eq!(
            (done.code, done.err),
            (
                1,
                format!("Can't share secret: there is no such file or folder.\n{HINT}\n")
            )
        );
        // Both are files, or the password has a value.
        let done = run(&home, &["share", "Photos", "--password=x", "secret"]).await;
        assert!(!done.err.contains(HINT), "{done:?}");
        let done = run(&home, &["share", "Photos", "secret"]).await;
        assert!(!done.err.contains(HINT), "{done:?}");
    });
}

#[test]
fn a_password_that_was_just_chosen_is_not_shown_again() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        assert_eq!(run(&home, &["share", "Photos"]).await.code, 0);
        let changed = run(&home, &["set", "--password=my own password"]).await;
        assert!(
            changed
                .out
                .contains("  password    the one you just chose\n"),
            "{changed:?}"
        );
        let shown = run(&home, &["set"]).await;
        assert!(
            shown.out.contains("  password    my own password\n"),
            "{shown:?}"
        );
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}

#[test]
fn a_file_that_holds_no_password_is_named_with_the_reason() {
    namespace::run(async {
        let home = home();
        fs::write(home.path("picture"), b"\xff\xd8\xff").unwrap();
        fs::write(home.path("lines"), "one\ntwo\n").unwrap();
        for (file, reason) in [
            ("none", "there is no such file."),
            ("Photos", "it is a folder."),
            ("picture", "it isn't text."),
        ] {
            let option = format!("--password-file={file}");
            let done = run(&home, &["share", "Photos", &option]).await;
            assert_eq!(
                (done.code, done.err),
                (
                    1,
                    format!(
                        "Can't read a password from {file}: {reason} Name a text file whose only line is the password.\n"
                    )
                )
            );
        }
    });
}

#[test]
fn what_lies_below_a_file_or_can_not_be_read_is_explained_in_words() {
    namespace::run(async {
        let home = home();
        let done = run(&home, &["share", "Photos/a.txt/x"]).await;
        assert_eq!(
            (done.code, done.err.as_str()),
            (
                1,
                "Can't share Photos/a.txt/x: Photos/a.txt is a file, not a folder.\n"
            )
        );
        let settings = home.path("config/spot-serve/config.toml");
        fs::write(&settings, b"# \xff\n").unwrap();
        let done = run(&home, &["config"]).await;
        assert_eq!(done.code, 1, "{done:?}");
        let end = "Make it a readable text file, or remove it.\n";
        assert!(done.err.ends_with(end), "{done:?}");
    });
}

#[test]
fn a_sidecar_that_is_not_the_official_one_is_an_error() {
    namespace::run(async {
        let own = Home::with_tunnel(Path::new("/bin/true"), "http://127.0.0.1:1", &[], "");
        let done = run(&own, &["sidecar", "verify"]).await;
        assert_eq!((done.code, done.out.as_str()), (1, ""), "{done:?}");
        let begin = "/bin/true (from your settings) is not the official cloudflared 2";
        assert!(done.err.starts_with(begin), "{done:?}");
        let end = ". Spot Serve runs it without checking it.\n";
        assert!(done.err.ends_with(end), "{done:?}");

        let home = home();
        fs::create_dir(home.path("bin")).unwrap();
        let program = home.path("bin/cloudflared");
        fs::copy("/bin/true", &program).unwrap();
        let done = run(&home, &["sidecar", "verify"]).await;
        assert_eq!(done.code, 1, "{done:?}");
        let begin = format!("{} (from PATH) is not the official", program.display());
        assert!(done.err.starts_with(&begin), "{done:?}");
    });
}
