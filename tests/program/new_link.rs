//! A link that Cloudflare withdraws is replaced, and a terminal says so.

use loopback_edge::{Edge, Fault, Options, namespace};

use crate::home::Home;

#[test]
fn a_terminal_says_that_the_old_link_no_longer_works() {
    namespace::run(async {
        let edge = Edge::start(Options::default()).await.unwrap();
        let home = Home::with_edge(&edge);
        let mut program = home.share("Photos");
        let name = program.public_name().await;
        assert!(!program.err.so_far().contains("old link"));
        edge.fault(Fault::Forget(name.clone())).await.unwrap();
        program
            .err
            .line("The old link no longer works. The new one is:")
            .await;
        let newest = edge.stats().tunnels.last().unwrap().hostname.clone();
        assert_ne!(newest, name);
        program.out.line(&newest).await;
        let links = program.out.so_far();
        assert_eq!(links.lines().count(), 2, "nothing but links: {links}");
    });
}
