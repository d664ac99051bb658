//! The clipboard. On X11 and Wayland, the program itself serves what it has copied, so a thread
//! owns the clipboard. The thread starts with the first copy.

mod content;
#[cfg(target_os = "linux")]
mod manager;
#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;

use std::{convert::Infallible, sync::mpsc, thread, time::Duration};

use tokio::{sync::oneshot, time::timeout};

pub use content::Content;

/// How long a clipboard manager may take to fetch what was copied when the program ends.
const HANDOVER_LIMIT: Duration = Duration::from_secs(2);

/// The clipboard doesn't work.
#[derive(Debug, thiserror::Error)]
#[error("Couldn't use the clipboard: {0}. Run `spot-serve list` to see your links.")]
pub struct ClipboardError(String);

impl ClipboardError {
    /// Why, in a few words.
    pub fn reason(&self) -> &str {
        self.0.trim_end_matches('.')
    }
}

/// The clipboard, as this program uses it.
#[derive(Debug, Default)]
pub struct Clipboard {
    owner: Option<Owner>,
}

/// The thread that owns the clipboard. It ends with the requests.
#[derive(Debug)]
struct Owner {
    requests: mpsc::Sender<Request>,
    /// Is closed when the thread has ended.
    ended: oneshot::Receiver<Infallible>,
}

enum Request {
    Copy(CopyRequest),
    Read(oneshot::Sender<Result<Content, ClipboardError>>),
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

    /// Reads the clipboard.
    pub fn read(&mut self) -> PendingContent {
        let (done, result) = oneshot::channel();
        // Fails if the thread couldn't be started; the result then says so.
        let _ = self.owner().send(Request::Read(done));
        Pending(result)
    }

    /// Gives up the clipboard before the program ends. What was copied stays there if the desktop keeps it.
    pub async fn close(self) {
        if let Some(Owner { requests, ended }) = self.owner {
            drop(requests);
            if timeout(HANDOVER_LIMIT, ended).await.is_err() {
                tracing::warn!("the clipboard manager didn't take what was copied");
            }
        }
    }

    fn owner(&mut self) -> &mpsc::Sender<Request> {
        let owner = self
            .owner
            .get_or_insert_with(|| start_owner(|requests| serve(&requests)));
        &owner.requests
    }

    fn request(&mut self, text: String, only_over: Option<String>, is_secret: bool) -> PendingCopy {
        let (done, result) = oneshot::channel();
        let request = CopyRequest {
            text,
            only_over,
            is_secret,
            done,
        };
        // Fails if the thread couldn't be started; the result then says so.
        let _ = self.owner().send(Request::Copy(request));
        Pending(result)
    }
}

/// The result of something that may still be running.
pub struct Pending<T>(oneshot::Receiver<Result<T, ClipboardError>>);

/// Whether the clipboard was changed.
pub type PendingCopy = Pending<bool>;

/// What is on the clipboard.
pub type PendingContent = Pending<Content>;

impl<T> Pending<T> {
    /// Waits for it.
    ///
    /// # Errors
    /// The clipboard doesn't work.
    pub async fn result(self) -> Result<T, ClipboardError> {
        match self.0.await {
            Ok(result) => result,
            Err(_) => Err(ClipboardError("its thread isn't running".into())),
        }
    }
}

fn start_owner(serve: impl FnOnce(mpsc::Receiver<Request>) + Send + 'static) -> Owner {
    let (sender, requests) = mpsc::channel();
    let (at_work, ended) = oneshot::channel();
    let started = thread::Builder::new()
        .name("clipboard".into())
        .spawn(move || {
            serve(requests);
            drop(at_work);
        });
    if let Err(error) = started {
        tracing::warn!(%error, "can't start the clipboard thread");
    }
    Owner {
        requests: sender,
        ended,
    }
}

fn serve(requests: &mpsc::Receiver<Request>) {
    let mut clipboard = None;
    // What was copied last, if it isn't a secret.
    let mut copied = None;
    while let Ok(request) = requests.recv() {
        let has_failed = match request {
            Request::Copy(request) => {
                let result = copy(&mut clipboard, &request);
                let has_failed = result.is_err();
                if matches!(result, Ok(true)) {
                    copied = (!request.is_secret).then_some(request.text);
                }
                // Fails if nobody is waiting for the result.
                let _ = request.done.send(result);
                has_failed
            }
            Request::Read(done) => {
                let result = open(&mut clipboard)
                    .and_then(|clipboard| content::read(clipboard).map_err(failed));
                let has_failed = result.is_err();
                let _ = done.send(result);
                has_failed
            }
        };
        if has_failed {
            // The display may be back with a new connection by the next time.
            clipboard = None;
        }
    }
    if let (Some(mut clipboard), Some(text)) = (clipboard, copied)
        && clipboard.get_text().is_ok_and(|now| now == text)
    {
        platform::leave_behind(&text);
    }
}

/// The connection to the clipboard.
fn open(
    clipboard: &mut Option<arboard::Clipboard>,
) -> Result<&mut arboard::Clipboard, ClipboardError> {
    Ok(match clipboard {
        Some(open) => open,
        None => clipboard.insert(arboard::Clipboard::new().map_err(failed)?),
    })
}

fn failed(error: arboard::Error) -> ClipboardError {
    ClipboardError(error.to_string())
}

fn copy(
    clipboard: &mut Option<arboard::Clipboard>,
    request: &CopyRequest,
) -> Result<bool, ClipboardError> {
    let clipboard = open(clipboard)?;
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

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use super::*;

    #[tokio::test]
    async fn closing_waits_for_the_clipboard_manager() {
        let is_handed_over = Arc::new(AtomicBool::new(false));
        let handed_over = Arc::clone(&is_handed_over);
        let owner = start_owner(move |requests| {
            while requests.recv().is_ok() {}
            thread::sleep(Duration::from_millis(20));
            handed_over.store(true, Ordering::Relaxed);
        });
        Clipboard { owner: Some(owner) }.close().await;
        assert!(is_handed_over.load(Ordering::Relaxed));
    }
}
