//! Requests that find out whether a connection is ready and whether a link works.

use std::time::Duration;

use super::state::Supervisor;
use crate::tunnel::{
    cloudflared::ProcessEvent,
    machine::{Input, RunnerId},
    probe::Metrics,
};

/// At most one of our requests goes through a working link in this time: a minute, minus what
/// timers may be late.
const PROBE_PAUSE: Duration = Duration::from_secs(55);

impl Supervisor {
    pub(super) fn ask_ready(&self, id: RunnerId) {
        let Some(metrics) = self.metrics(id) else {
            return;
        };
        let answer = self.answers.clone();
        tokio::spawn(async move {
            // An error means that the tunnel has ended.
            let _ = answer.send(Input::Ready(id, metrics.is_ready().await));
        });
    }

    pub(super) fn await_route(&mut self, id: RunnerId) {
        if let Some(before) = self.routing.take() {
            before.abort();
        }
        let (Some(probe), Some(link)) = (self.probe.clone(), self.link.clone()) else {
            // There is no way to find out, so a registered connection counts as routed.
            return self.later(Input::Routed(true));
        };
        let metrics = self.metrics(id);
        let (answer, event) = (self.answers.clone(), self.process_events.clone());
        let task = tokio::spawn(async move {
            let _ = answer.send(Input::Routed(probe.is_routed(&link).await));
            // Our own requests are not visits.
            if let Some(metrics) = metrics {
                let visited = ProcessEvent::Visited {
                    count: metrics.visits().await,
                    was_probed: true,
                };
                let _ = event.send((id, visited)).await;
            }
        });
        self.routing = Some(task.abort_handle());
    }

    fn metrics(&self, id: RunnerId) -> Option<Metrics> {
        self.running.get(&id)?.metrics.clone()
    }

    pub(super) fn probe_link(&mut self, id: RunnerId) {
        if let Some(before) = self.probing.take() {
            before.abort();
        }
        let (Some(probe), Some(link)) = (self.probe.clone(), self.link.clone()) else {
            return;
        };
        let Some(running) = self.running.get(&id) else {
            return;
        };
        let (metrics, before) = (running.metrics.clone(), running.visits);
        let is_due = running.probed_at.elapsed() >= PROBE_PAUSE;
        let (answer, event) = (self.answers.clone(), self.process_events.clone());
        let task = tokio::spawn(async move {
            let visits = async || match &metrics {
                Some(metrics) => metrics.visits().await,
                None => None,
            };
            let now = visits().await;
            // Visitors since the last check have shown that the link works.
            let is_shown = matches!((now, before), (Some(now), Some(before)) if now > before);
            let was_probed = is_due && !is_shown;
            let works = is_shown || !was_probed || probe.works(&link).await;
            let count = if was_probed { visits().await } else { now };
            let visited = ProcessEvent::Visited { count, was_probed };
            // An error means that the tunnel has ended.
            let _ = event.send((id, visited)).await;
            if is_shown || was_probed {
                let _ = answer.send(Input::Probed(id, works));
            }
        });
        self.probing = Some(task.abort_handle());
    }
}
