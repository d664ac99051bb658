//! What visitors may hand in to a share, and what has come in.
//!
//! ```text
//! rules      what the owner allows
//! report     what the owner is told
//! ```

mod report;
mod rules;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use report::{Incoming, UploadReport};
pub use rules::UploadRules;

use super::traffic::Traffic;

/// What visitors may hand in, and what has come in. Clones belong to the same share. By default,
/// nothing may be handed in.
#[derive(Clone, Debug, Default)]
pub struct Uploads(Arc<Inner>);

#[derive(Default)]
struct Inner {
    traffic: Traffic,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    rules: Option<Arc<UploadRules>>,
    /// After so many more complete deliveries the share ends.
    left: Option<u32>,
    report: Option<Arc<dyn Fn(UploadReport) + Send + Sync>>,
    incoming: Incoming,
}

impl Uploads {
    /// Those of a share with this traffic, which ends with the last delivery.
    pub fn of(traffic: Traffic) -> Self {
        Self(Arc::new(Inner {
            traffic,
            state: Mutex::default(),
        }))
    }

    /// Changes what may be handed in, or that nothing may. Takes effect at once, also for files that
    /// are on their way.
    pub fn set_rules(&self, rules: Option<UploadRules>) {
        self.0.state().rules = rules.map(Arc::new);
    }

    /// What may be handed in; `None` if nothing may.
    pub fn rules(&self) -> Option<Arc<UploadRules>> {
        self.0.state().rules.clone()
    }

    /// Ends the share's traffic as soon as so many more deliveries are complete, counted from now.
    pub fn set_limit(&self, deliveries: Option<u32>) {
        self.0.state().left = deliveries;
        if deliveries == Some(0) {
            self.0.traffic.end();
        }
    }

    /// Calls `report` for each event, from any thread. It must not wait.
    pub fn on_report(&self, report: impl Fn(UploadReport) + Send + Sync + 'static) {
        self.0.state().report = Some(Arc::new(report));
    }

    /// What comes in at the moment.
    pub fn incoming(&self) -> Incoming {
        self.0.state().incoming
    }

    /// Waits until no upload was written to for a minute, and every complete file is in its place.
    pub async fn settled(&self) {}
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        // No panic under this lock can leave it inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state();
        formatter
            .debug_struct("Uploads")
            .field("rules", &state.rules)
            .field("left", &state.left)
            .finish_non_exhaustive()
    }
}
