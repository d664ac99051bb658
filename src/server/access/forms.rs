//! Forms that have not arrived yet.
//!
//! Somebody who begins to send a form and never ends it takes a place of the share without knowing the
//! password. So there are few places for them, and a new form takes the place of the oldest one of the
//! visitor who has most. A browser sends a form in one piece, so it needs its place for a moment only.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::timeout};

use crate::server::transport::Visitor;

/// A form with a password has to arrive within this time.
const LIMIT: Duration = Duration::from_secs(10);

/// Forms that are waited for at once.
const PLACES: usize = 32;

/// Those of one visitor.
const PLACES_EACH: usize = 4;

/// The forms of one share that have not arrived yet.
#[derive(Debug)]
pub struct Forms {
    places: Mutex<Vec<Place>>,
    limit: Duration,
}

impl Default for Forms {
    fn default() -> Self {
        Self::within(LIMIT)
    }
}

#[derive(Debug)]
struct Place {
    visitor: Option<Visitor>,
    /// Tells the form that another one has the place.
    lost: Arc<Notify>,
}

impl Forms {
    /// Forms that may take this long.
    pub fn within(limit: Duration) -> Self {
        let places = Mutex::default();
        Self { places, limit }
    }

    /// Waits for a form from this address; `None` if it takes too long, or as long as others need the
    /// place.
    pub async fn wait_for<T>(
        &self,
        address: Option<IpAddr>,
        form: impl Future<Output = T>,
    ) -> Option<T> {
        let place = self.enter(address.map(Visitor::new));
        let _leaves = Leaving(self, &place);
        tokio::select! {
            biased;
            form = timeout(self.limit, form) => form.ok(),
            () = place.notified() => None,
        }
    }

    fn enter(&self, visitor: Option<Visitor>) -> Arc<Notify> {
        let mut places = self.places();
        let count = |places: &[Place], visitor| {
            let of_visitor = places.iter().filter(|place| place.visitor == visitor);
            of_visitor.count()
        };
        let loser = if count(&places, visitor) >= PLACES_EACH {
            Some(visitor)
        } else if places.len() >= PLACES {
            let visitors = places.iter().map(|place| place.visitor);
            visitors
                .rev()
                .max_by_key(|visitor| count(&places, *visitor))
        } else {
            None
        };
        let oldest = loser.and_then(|loser| places.iter().position(|place| place.visitor == loser));
        if let Some(oldest) = oldest {
            places.remove(oldest).lost.notify_one();
        }
        let lost = Arc::new(Notify::new());
        places.push(Place {
            visitor,
            lost: Arc::clone(&lost),
        });
        lost
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Frees a place when this is dropped.
struct Leaving<'a>(&'a Forms, &'a Arc<Notify>);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let mut places = self.0.places();
        places.retain(|place| !Arc::ptr_eq(&place.lost, self.1));
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, net::Ipv4Addr, pin::pin, task::Poll};

    use super::*;

    fn address(number: u8) -> Option<IpAddr> {
        Some(Ipv4Addr::new(192, 0, 2, number).into())
    }

    /// Lets a form wait that never arrives, and returns how to find out whether it still does.
    fn endless(forms: &Arc<Forms>, number: u8) -> tokio::task::JoinHandle<Option<()>> {
        let forms = Arc::clone(forms);
        tokio::spawn(async move { forms.wait_for(address(number), pending()).await })
    }

    #[tokio::test]
    async fn a_visitor_has_few_places_and_the_oldest_form_loses() {
        let forms = Arc::new(Forms::default());
        let mut waiting = Vec::new();
        for _ in 0..PLACES_EACH {
            waiting.push(endless(&forms, 1));
            tokio::task::yield_now().await;
        }
        assert_eq!(forms.places().len(), PLACES_EACH);
        waiting.push(endless(&forms, 1));
        assert_eq!(waiting.remove(0).await.unwrap(), None);
        assert!(waiting.iter().all(|form| !form.is_finished()));
        let other = forms.wait_for(address(2), async { 7 }).await;
        assert_eq!(other, Some(7));
        assert_eq!(forms.places().len(), PLACES_EACH, "it has left");
    }

    #[tokio::test]
    async fn a_crowd_of_endless_forms_keeps_nobody_out() {
        let forms = Arc::new(Forms::default());
        let crowd: Vec<_> = (0..255).map(|number| endless(&forms, number)).collect();
        tokio::task::yield_now().await;
        assert_eq!(forms.places().len(), PLACES);
        // One that needs a moment, while others come.
        let mut good = pin!(forms.wait_for(address(255), async {
            tokio::task::yield_now().await;
            "password"
        }));
        let first = std::future::poll_fn(|context| Poll::Ready(good.as_mut().poll(context))).await;
        assert!(first.is_pending());
        let late = endless(&forms, 1);
        tokio::task::yield_now().await;
        assert_eq!(good.await, Some("password"));
        for form in crowd.into_iter().chain([late]) {
            form.abort();
        }
    }
}
