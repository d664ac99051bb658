//! What the tray icon and its helpers need. Nothing here keeps a share from working: the command
//! line does without.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use std::time::Duration;

use tokio::time::timeout;

use super::Finding;
use crate::desktop::autostart;

const LIMIT: Duration = Duration::from_secs(5);

pub async fn examine() -> Vec<Finding> {
    let mut findings = platform::examine().await;
    findings.push(clipboard().await);
    let starts = if autostart::is_enabled() { "on" } else { "off" };
    findings.push(Finding::ok("launch at login", starts));
    findings
}

async fn clipboard() -> Finding {
    const CHECK: &str = "clipboard";
    const ADVICE: &str = "Links are shown, and have to be copied by hand.";
    // On a thread that may wait: it talks to a display that may not answer.
    let opened = tokio::task::spawn_blocking(|| {
        arboard::Clipboard::new()
            .map(drop)
            .map_err(|error| error.to_string())
    });
    match timeout(LIMIT, opened).await {
        Ok(Ok(Ok(()))) => Finding::ok(CHECK, "can be used"),
        Ok(Ok(Err(error))) => Finding::warning(CHECK, format!("can't be used ({error})."), ADVICE),
        Ok(Err(_)) | Err(_) => Finding::warning(CHECK, "does not answer.", ADVICE),
    }
}
