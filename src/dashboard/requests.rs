//! The requests of a local site, as the dashboard shows them. They are recorded while somebody looks.

use std::time::Duration;

use actix_web::{
    HttpResponse,
    http::header::CONTENT_TYPE,
    rt,
    web::{self, Bytes},
};
use percent_encoding::percent_decode_str;
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

use super::{
    events::{Parts, Pulse, Stream},
    follow::PACE,
    looks::Look,
    shared::{Handle, Shared},
};
use crate::inspector::{Inspector, Outcome, RequestId, RequestSummary, Secrets};

/// How often to look if nothing happens. Nobody waits for it.
const QUIET: Duration = Duration::from_secs(15);

/// Asks for secrets.
const SECRETS: &str = "secrets";

/// Answers `/requests/SHARE…`, of which this is the rest.
pub async fn answer(rest: &str, query: &str, shared: &web::Data<Shared>) -> HttpResponse {
    let mut parts = rest.splitn(3, '/');
    let share = parts.next().and_then(|share| share.parse().ok());
    let Some(Handle { inspector, .. }) = share.and_then(|share| shared.handle(share)) else {
        return HttpResponse::NotFound().finish();
    };
    match (parts.next(), parts.next()) {
        (None, None) => stream(inspector, shared),
        (Some("found"), None) => found(inspector, query).await,
        (Some(id), what) => one(&inspector, id, what, query),
        (None, Some(_)) => HttpResponse::NotFound().finish(),
    }
}

fn stream(inspector: Inspector, shared: &web::Data<Shared>) -> HttpResponse {
    let (sender, receiver) = mpsc::channel(4);
    let stream = rt::spawn(follow(inspector, sender, shared.looks.begin()));
    shared.streams.add(stream.abort_handle());
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .body(Stream(receiver))
}

/// Sends the requests that are new or different, until the page is closed.
async fn follow(inspector: Inspector, sender: mpsc::Sender<Bytes>, _look: Look) {
    let _recorded = inspector.open();
    // The page is to know at once that there is nothing.
    let mut sent = None;
    let mut pulse = Pulse::default();
    loop {
        let changed = inspector.changed();
        let all = inspector.requests();
        let parts = parts(&all);
        let event = parts.since(sent.as_ref().unwrap_or(&Parts::default()), 0);
        let event = event.or_else(|| sent.is_none().then(Parts::nothing));
        let event = event.or_else(|| pulse.due());
        if let Some(event) = event
            && sender.send(event).await.is_err()
        {
            return;
        }
        sent = Some(parts);
        let is_running = all.iter().any(|one| one.outcome == Outcome::Running);
        let next = Instant::now() + PACE;
        tokio::select! {
            () = changed => {}
            () = sleep(if is_running { PACE } else { QUIET }) => {}
            () = sender.closed() => return,
        }
        sleep_until(next).await;
    }
}

/// By names whose order is that of the requests.
fn parts(all: &[RequestSummary]) -> Parts {
    let mut parts = Parts::default();
    for summary in all {
        parts.set(format!("{:0>20}", number(summary.id)), summary);
    }
    parts
}

fn number(id: RequestId) -> String {
    serde_json::to_string(&id).unwrap_or_default()
}

/// The numbers of the requests that contain the text of the query.
async fn found(inspector: Inspector, query: &str) -> HttpResponse {
    let text = percent_decode_str(query).decode_utf8_lossy().into_owned();
    let found = web::block(move || inspector.search(&text)).await;
    let found = found.unwrap_or_default();
    let ids: Vec<RequestId> = found.iter().map(|summary| summary.id).collect();
    HttpResponse::Ok().json(ids)
}

/// All of a request, or a command that sends it again.
fn one(inspector: &Inspector, id: &str, what: Option<&str>, query: &str) -> HttpResponse {
    let Ok(id) = serde_json::from_str::<RequestId>(id) else {
        return HttpResponse::NotFound().finish();
    };
    let secrets = if query == SECRETS {
        Secrets::Shown
    } else {
        Secrets::Masked
    };
    match what {
        None => match inspector.request(id, secrets) {
            Some(detail) => HttpResponse::Ok().json(detail),
            None => HttpResponse::NotFound().finish(),
        },
        Some("curl") => match inspector.curl(id, secrets) {
            Some(command) => HttpResponse::Ok()
                .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
                .body(command),
            None => HttpResponse::NotFound().finish(),
        },
        Some(_) => HttpResponse::NotFound().finish(),
    }
}
