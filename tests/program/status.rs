//! `status`: whether everything that is shared has a link that works.

use std::fs;

use loopback_edge::{Edge, Options, namespace};
use rustix::process::Signal;
use tokio::time::timeout;

use crate::{
    home::{Home, LIMIT},
    running::{Done, run, start},
};

/// Waits until it ends with this code.
async fn until(home: &Home, code: i32) -> Done {
    let asked = timeout(LIMIT, async {
        loop {
            let said = run(home, &["status"]).await;
            if said.code == code {
                return said;
            }
        }
    });
    asked.await.unwrap_or_else(|_| panic!("it is {code}"))
}

#[test]
fn a_share_in_a_terminal_works_only_while_visitors_can_open_it() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        assert_eq!(run(&home, &["status"]).await.code, 1, "nothing is shared");
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        let said = until(&home, 0).await;
        assert!(said.out.contains(&name), "{said:?}");

        fs::remove_dir_all(home.path("Photos")).unwrap();
        let said = until(&home, 1).await;
        assert!(said.out.contains("the folder is missing"), "{said:?}");
        fs::create_dir(home.path("Photos")).unwrap();
        until(&home, 0).await;

        program.signal(Signal::KILL);
        program.ended().await;
        let said = run(&home, &["status"]).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    });
}

#[test]
fn a_share_of_the_tray_app_counts_too() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let _program = start(&home).await;
        assert_eq!(run(&home, &["status"]).await.code, 1, "nothing is shared");
        assert_eq!(run(&home, &["share", "Photos"]).await.code, 0);
        assert_eq!(run(&home, &["status"]).await.code, 0);
        assert_eq!(run(&home, &["quit"]).await.code, 0);
    });
}
