//! How long a site may take nothing of what a visitor sends.

use std::time::Duration;

use tokio::time::sleep;

use super::incoming::{Incoming, VisitorReads};

/// When a site that takes nothing is given up.
#[derive(Debug, Clone, Copy)]
pub struct Standstill {
    pub after: Duration,
    /// The same for a visitor who has closed the connection, or has sent everything and only reads.
    pub after_end: Duration,
}

/// Cloudflare waits 30 seconds.
impl Default for Standstill {
    fn default() -> Self {
        Self {
            after: Duration::from_secs(120),
            after_end: Duration::from_secs(10),
        }
    }
}

impl Standstill {
    /// Completes when the site has taken nothing for long. The end of the visitor would show only
    /// behind what it doesn't take.
    pub async fn comes(self, incoming: &Incoming<impl VisitorReads>) {
        let left = async {
            incoming.hangs_up().await;
            sleep(self.after_end).await;
        };
        tokio::select! {
            () = left => {}
            () = sleep(self.after) => {}
        }
    }
}
