//! A share that ends after a number of complete downloads or deliveries.

use super::traffic::Traffic;

/// After how many more the share ends; by default never.
#[derive(Debug, Default)]
pub struct Countdown(Option<u32>);

impl Countdown {
    /// Ends the traffic as soon as so many more are complete, counted from now.
    pub fn set(&mut self, more: Option<u32>, traffic: &Traffic) {
        self.0 = more;
        if more == Some(0) {
            traffic.end();
        }
    }

    /// One more is complete. Returns whether it was the last one, which ends the traffic: whoever holds
    /// the lock of this lets nobody begin meanwhile.
    pub fn count(&mut self, traffic: &Traffic) -> bool {
        if let Some(left) = &mut self.0 {
            *left = left.saturating_sub(1);
        }
        let is_last = self.0 == Some(0);
        if is_last {
            traffic.end();
        }
        is_last
    }
}
