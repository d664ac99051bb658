//! What the site does, for the user. Nothing here makes the site write to its log again and again.
//!
//! The system knows who listens on a port, so the site is not asked. After a change it is sent one
//! request, which shows whether it speaks HTTP, with TLS or without.

use std::{future::pending, pin::pin, time::Duration};

use tokio::{
    io::duplex,
    task::spawn_blocking,
    time::{Instant, sleep, timeout},
};

use super::{
    incoming::Incoming,
    message::RequestHead,
    reach::{Unreached, reach},
    site::LocalSite,
    upload::Upload,
};
use crate::{
    app::{SiteState, Target},
    server::Activity,
    sites::{LOOK_INTERVAL, ListeningSocket, listening_on},
};

/// The first and the longest pause before the site is asked again.
const PAUSES: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(64));
/// A site that says nothing for so long is taken to speak what most sites do.
const ASSUME_AFTER: Duration = Duration::from_secs(2);
/// A site that says nothing for so long is not waited for.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);

/// What is reported of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteReport {
    /// What its visitors get.
    State(SiteState),
    /// Whether it has answered with a stream of events.
    StreamsEvents(bool),
}

/// What is behind the port.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Listener {
    /// Programs that the system tells of.
    Listed(Vec<ListeningSocket>),
    /// Something that the system doesn't tell of: the program of another account, or of another
    /// network that the port leads to.
    Unlisted,
    Nobody,
}

/// Finds out whether anything listens, now and whenever that changes.
pub async fn follow_listeners(site: &LocalSite) {
    let mut last = None;
    let mut pause = PAUSES.0;
    let mut is_due = Instant::now();
    loop {
        let listed = listed(site.port).await;
        let now = if !listed.is_empty() {
            site.set_addresses(listed.iter().map(|socket| socket.address));
            Listener::Listed(listed)
        } else if last == Some(Listener::Unlisted) && Instant::now() < is_due {
            Listener::Unlisted
        } else if site.connect().await.is_ok() {
            // It notices that, so it is asked less and less often.
            is_due = Instant::now() + pause;
            pause = longer(pause);
            Listener::Unlisted
        } else {
            Listener::Nobody
        };
        if now != Listener::Unlisted {
            pause = PAUSES.0;
        }
        if last.as_ref() != Some(&now) {
            site.set_listener(now != Listener::Nobody);
            last = Some(now);
        }
        // A visitor who is turned away knows more than the system.
        if timeout(LOOK_INTERVAL, site.doubted()).await.is_ok() {
            is_due = Instant::now();
        }
    }
}

async fn listed(port: u16) -> Vec<ListeningSocket> {
    // Fails if the program is ending.
    let listed = spawn_blocking(move || listening_on(port)).await;
    match listed {
        Ok(Ok(listed)) => listed,
        Ok(Err(error)) => {
            tracing::debug!(%error, port, "the system doesn't tell what listens");
            Vec::new()
        }
        Err(_) => Vec::new(),
    }
}

/// Finds out what the site speaks, after each change.
pub async fn follow_protocol(site: &LocalSite) {
    let mut news = site.news();
    loop {
        let now = *news.borrow_and_update();
        let another =
            news.wait_for(|seen| (seen.is_up, seen.listener) != (now.is_up, now.listener));
        let asked = async {
            if now.is_up == Some(true) {
                ask(site, now.listener).await;
            }
            // What the site says later, it says to visitors.
            pending::<()>().await;
        };
        tokio::select! {
            _ = another => {}
            () = asked => {}
        }
    }
}

/// Asks the site until it gives an answer of some kind.
async fn ask(site: &LocalSite, listener: u64) {
    let mut pause = PAUSES.0;
    loop {
        let mut asked = pin!(timeout(ANSWER_LIMIT, trouble(site)));
        let trouble = match timeout(ASSUME_AFTER, &mut asked).await {
            Ok(trouble) => trouble,
            Err(_) => {
                site.assume_state(listener);
                asked.await
            }
        };
        // No answer in time is no trouble.
        match trouble.ok().flatten() {
            None => return site.assume_state(listener),
            Some(SiteState::Silent) => site.set_state(listener, SiteState::Silent),
            Some(trouble) => return site.set_state(listener, trouble),
        }
        // A container's port listens before the program in it does.
        sleep(pause).await;
        pause = longer(pause);
    }
}

/// Sends one request. Returns why there is no answer, if there is none.
async fn trouble(site: &LocalSite) -> Option<SiteState> {
    let request = format!(
        concat!(
            "HEAD / HTTP/1.1\r\nHost: {}\r\nUser-Agent: spot-serve/",
            env!("CARGO_PKG_VERSION"),
            " (checks the shared site)\r\nConnection: close\r\n\r\n"
        ),
        Target::Site(site.port).host().unwrap_or_default()
    );
    let head = RequestHead::parse(request.as_bytes()).ok()?;
    let mut upload = Upload::new(request.into_bytes(), head.framing(), &site.copies);
    // This end says nothing else, and stays open.
    let (_open, visitor) = duplex(1);
    let mut incoming = Incoming::new(visitor, Activity::default());
    match reach(site, &head, &mut upload, &mut incoming, None).await {
        // The listeners tell whether it is down.
        Err(Unreached::Site(state)) if state != SiteState::Down => Some(state),
        _ => None,
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).min(PAUSES.1)
}

/// Reports what is known, now and whenever that changes.
pub async fn report_changes(site: &LocalSite, report: impl Fn(SiteReport)) {
    let mut news = site.news();
    let mut last = None;
    let mut streamed_events = false;
    loop {
        let now = *news.borrow_and_update();
        if let Some(state) = now.state()
            && last.replace(state) != Some(state)
        {
            report(SiteReport::State(state));
        }
        if std::mem::replace(&mut streamed_events, now.streams_events) != now.streams_events {
            report(SiteReport::StreamsEvents(now.streams_events));
        }
        if news.changed().await.is_err() {
            return;
        }
    }
}
