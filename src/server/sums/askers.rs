//! Who waits for sums, so that nobody keeps all others waiting.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
};

/// How many sums each visitor waits for at the same time.
const MAX: u32 = 2;

/// Of all shares of this process: they take turns.
static ASKERS: LazyLock<Mutex<HashMap<Option<IpAddr>, u32>>> = LazyLock::new(Mutex::default);

/// A visitor waits for a sum until this is dropped.
#[derive(Debug)]
pub struct Asker(Option<IpAddr>);

impl Asker {
    /// `None` if this visitor waits for enough of them. Those whose network isn't known are one.
    pub fn new(network: Option<IpAddr>) -> Option<Self> {
        let mut askers = lock();
        let sums = askers.entry(network).or_default();
        (*sums < MAX).then(|| {
            *sums += 1;
            Self(network)
        })
    }
}

impl Drop for Asker {
    fn drop(&mut self) {
        let mut askers = lock();
        if let Some(sums) = askers.get_mut(&self.0) {
            *sums -= 1;
            if *sums == 0 {
                askers.remove(&self.0);
            }
        }
    }
}

fn lock() -> MutexGuard<'static, HashMap<Option<IpAddr>, u32>> {
    ASKERS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_waits_for_two_sums_and_others_for_theirs() {
        let [one, other] = [[192, 0, 2, 1], [192, 0, 2, 2]].map(|it| Some(IpAddr::from(it)));
        let first = Asker::new(one).unwrap();
        let _second = Asker::new(one).unwrap();
        assert!(Asker::new(one).is_none());
        assert!(Asker::new(other).is_some());
        drop(first);
        assert!(Asker::new(one).is_some());
    }
}
