//! The clipboard. On X11 and Wayland, the program itself serves what it has copied, so a thread
//! owns the clipboard. The thread starts with the first copy.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

use std::{sync::mpsc, thread};

use tokio::sync::oneshot;

/// The clipboard doesn't work.
#[derive(Debug, thiserror::Error)]
#[error("Couldn't use the clipboard: {0}. Run `spot-serve list` to see your links.")]
pub struct ClipboardError(String);

/// The clipboard, as this program uses it.
#[derive(Debug, Default)]
pub struct Clipboard {
    owner: Option<mpsc::Sender<CopyRequest>>,
}

struct CopyRequest {
    text: String,
    /// Only copy if the clipboard holds exactly this text now.
    only_over: Option<String>,
    /// Keep it out of clipboard histories and other computers.
    is_secret: bool,
    done: oneshot::Sender<Result<bool, ClipboardError>>,
}

impl Clipboard {
    /// Copies `text` to the clipboard. Programs that keep what was copied are asked not to keep a
    /// secret.
    pub fn copy(&mut self, text: String, is_secret: bool) -> PendingCopy {
        self.request(text, None, is_secret)
    }

    /// Copies `text` to the clipboard if the clipboard still holds `old`.
    pub fn replace(&mut self, old: String, text: String) -> PendingCopy {
        self.request(text, Some(old), false)
    }

    fn request(&mut self, text: String, only_over: Option<String>, is_secret: bool) -> PendingCopy {
        let (done, result) = oneshot::channel();
        let request = CopyRequest {
            text,
            only_over,
            is_secret,
            done,
        };
        let owner = self.owner.get_or_insert_with(start_owner);
        // Fails if the thread couldn't be started; the result then says so.
        let _ = owner.send(request);
        PendingCopy(result)
    }
}

/// The result of a copy that may still be running.
pub struct PendingCopy(oneshot::Receiver<Result<bool, ClipboardError>>);

impl PendingCopy {
    /// Waits for the result: whether the clipboard was changed.
    ///
    /// # Errors
    /// The clipboard doesn't work.
    pub async fn changed(self) -> Result<bool, ClipboardError> {
        match self.0.await {
            Ok(result) => result,
            Err(_) => Err(ClipboardError("its thread isn't running".into())),
        }
    }
}

fn start_owner() -> mpsc::Sender<CopyRequest> {
    let (owner, requests) = mpsc::channel();
    let started = thread::Builder::new()
        .name("clipboard".into())
        .spawn(move || serve(&requests));
    if let Err(error) = started {
        tracing::warn!(%error, "can't start the clipboard thread");
    }
    owner
}

fn serve(requests: &mpsc::Receiver<CopyRequest>) {
    let mut clipboard = None;
    while let Ok(request) = requests.recv() {
        let result = copy(&mut clipboard, &request);
        if result.is_err() {
            // The display may be back with a new connection by the next time.
            clipboard = None;
        }
        // Fails if nobody is waiting for the result.
        let _ = request.done.send(result);
    }
}

fn copy(
    clipboard: &mut Option<arboard::Clipboard>,
    request: &CopyRequest,
) -> Result<bool, ClipboardError> {
    let failed = |error: arboard::Error| ClipboardError(error.to_string());
    let clipboard = match clipboard {
        Some(open) => open,
        None => clipboard.insert(arboard::Clipboard::new().map_err(failed)?),
    };
    if let Some(old) = &request.only_over {
        // A clipboard without text doesn't hold the old link.
        let holds_old = clipboard.get_text().is_ok_and(|text| text == *old);
        if !holds_old {
            return Ok(false);
        }
    }
    let mut set = clipboard.set();
    if request.is_secret {
        set = platform::kept_nowhere(set);
    }
    set.text(request.text.as_str()).map_err(failed)?;
    Ok(true)
}
