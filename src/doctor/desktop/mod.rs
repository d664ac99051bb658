//! What the tray app needs. The command line works without, so nothing here is a problem.

mod limit;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "other.rs")]
mod platform;

use tokio::{task::spawn_blocking, time::timeout};

use self::limit::LIMIT;
use super::finding::Finding;
use crate::desktop::{autostart, display};

pub async fn examine() -> Vec<Finding> {
    let mut findings = platform::examine().await;
    findings.push(clipboard().await);
    let starts = if autostart::is_enabled() { "on" } else { "off" };
    findings.push(Finding::ok("launch at login", starts));
    findings
}

async fn clipboard() -> Finding {
    const CHECK: &str = "clipboard";
    const ADVICE: &str =
        "Copy links from the terminal instead: they are printed by `spot-serve share`.";
    if !display::is_there() {
        return Finding::warning(CHECK, "No display, so there is no clipboard.", ADVICE);
    }
    // On a thread of its own: the display may not answer.
    let opened = spawn_blocking(|| {
        arboard::Clipboard::new()
            .map(drop)
            .map_err(|error| error.to_string())
    });
    match timeout(LIMIT, opened).await {
        Ok(Ok(Ok(()))) => Finding::ok(CHECK, "available"),
        Ok(Ok(Err(error))) => {
            Finding::warning(CHECK, format!("Can't use the clipboard: {error}."), ADVICE)
        }
        Ok(Err(_)) | Err(_) => Finding::warning(CHECK, "The clipboard doesn't answer.", ADVICE),
    }
}
