//! Who shares something, and until when, as visitors read it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The end is counted anew now and then, which gives about the same time.
const SAME_S: i64 = 2;

/// What visitors read about a share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The name of who shares it; empty if the owner says none.
    pub sender: String,
    /// When it ends, in seconds since 1970, if it has a limit.
    pub until_s: Option<i64>,
}

/// What visitors of one share read about it at the moment.
#[derive(Debug, Default)]
pub struct Offers(Mutex<Arc<Offer>>);

impl Offers {
    /// Sets it.
    pub fn set(&self, sender: &str, until_s: Option<i64>) {
        let mut offer = self.lock();
        let is_same = match (offer.until_s, until_s) {
            (Some(before), Some(now)) => before.abs_diff(now) <= SAME_S.unsigned_abs(),
            (before, now) => before == now,
        };
        if !is_same || offer.sender != sender {
            let until_s = if is_same { offer.until_s } else { until_s };
            *offer = Arc::new(Offer {
                sender: sender.to_owned(),
                until_s,
            });
        }
    }

    /// What they read now.
    pub fn get(&self) -> Arc<Offer> {
        Arc::clone(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Offer>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_end_counted_anew_changes_nothing() {
        let offers = Offers::default();
        offers.set("Maria", Some(1000));
        let first = offers.get();
        offers.set("Maria", Some(1001));
        assert!(Arc::ptr_eq(&first, &offers.get()));
        offers.set("Jo", Some(1001));
        assert_eq!(
            (&*offers.get().sender, offers.get().until_s),
            ("Jo", Some(1000))
        );
        offers.set("Jo", None);
        assert_eq!(offers.get().until_s, None);
    }
}
