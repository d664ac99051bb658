//! A visitor's connection.

use tokio::{
    io::{AsyncReadExt, split},
    net::TcpStream,
};

use super::{
    both_ways::{PATIENCE, pass_both_ways},
    reach::{Reached, Unreached, reach},
    site::LocalSite,
    unavailable,
};
use crate::{runtime::counted_stream::CountedStream, server::Activity};

/// Passes bytes between a visitor and the site until both have ended, or answers in place of the
/// site.
pub async fn pass_on(mut visitor: TcpStream, site: &LocalSite, activity: Activity) {
    let _ = visitor.set_nodelay(true);
    match reach(site, Vec::new(), &mut visitor).await {
        Ok(Reached { site, exchange }) => {
            let (reads, writes) = split(CountedStream {
                stream: visitor,
                activity,
            });
            // What was read comes before what will be read.
            let visitor = (exchange.unsent.chain(reads), writes);
            let (reads, writes) = split(site);
            let site = (exchange.answer.chain(reads), writes);
            // How the connection ends doesn't concern the relay.
            let _ = pass_both_ways(visitor, site, PATIENCE).await;
        }
        Err(Unreached::NoVisitor) => {}
        Err(Unreached::Site(state, request)) => {
            unavailable::answer(&mut visitor, request, state).await;
        }
    }
}
