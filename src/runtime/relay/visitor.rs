//! A visitor's connection.

use tokio::{
    io::{AsyncReadExt, copy_bidirectional, join, split},
    net::TcpStream,
};

use super::{
    reach::{Reached, Unreached, reach},
    site::LocalSite,
    unavailable,
};
use crate::{runtime::counted_stream::CountedStream, server::Activity};

/// Passes bytes between a visitor and the site until one of them ends, or answers in place of the
/// site.
pub async fn pass_on(mut visitor: TcpStream, site: &LocalSite, activity: Activity) {
    let _ = visitor.set_nodelay(true);
    match reach(site, Vec::new(), &mut visitor).await {
        Ok(Reached { site, exchange }) => {
            // What was read comes before what will be read.
            let (reads, writes) = split(CountedStream {
                stream: visitor,
                activity,
            });
            let mut visitor = join(exchange.unsent.chain(reads), writes);
            let (reads, writes) = split(site);
            let mut site = join(exchange.answer.chain(reads), writes);
            // How the connection ends doesn't concern the relay.
            let _ = copy_bidirectional(&mut visitor, &mut site).await;
        }
        Err(Unreached::NoVisitor) => {}
        Err(Unreached::Site(state, request)) => {
            unavailable::answer(&mut visitor, request, state).await;
        }
    }
}
