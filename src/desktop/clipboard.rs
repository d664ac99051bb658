//! The clipboard. What is on it is served by this program for as long as it runs (X11, Wayland),
//! so one thread keeps it; the thread starts with the first copy.

use std::{sync::mpsc, thread};

use tokio::sync::oneshot;

/// Text can't be put on the clipboard.
#[derive(Debug, thiserror::Error)]
#[error("The clipboard can't be used: {0}. spot-serve list shows the links.")]
pub struct ClipboardError(String);

/// The program's hold on the clipboard.
#[derive(Debug, Default)]
pub struct Clipboard {
    keeper: Option<mpsc::Sender<Order>>,
}

struct Order {
    text: String,
    /// Only if the clipboard holds exactly this now.
    only_over: Option<String>,
    done: oneshot::Sender<Result<bool, ClipboardError>>,
}

impl Clipboard {
    /// Puts `text` on the clipboard. The answer comes when it is there.
    pub fn copy(&mut self, text: String) -> Answer {
        self.order(text, None)
    }

    /// Puts `text` on the clipboard if that still holds `old`; the answer says whether it did.
    pub fn replace(&mut self, old: String, text: String) -> Answer {
        self.order(text, Some(old))
    }

    fn order(&mut self, text: String, only_over: Option<String>) -> Answer {
        let (done, answer) = oneshot::channel();
        let order = Order {
            text,
            only_over,
            done,
        };
        let keeper = self.keeper.get_or_insert_with(start_keeper);
        // An error means that the thread could not be started: the answer then says so.
        let _ = keeper.send(order);
        Answer(answer)
    }
}

/// What became of a copy.
pub struct Answer(oneshot::Receiver<Result<bool, ClipboardError>>);

impl Answer {
    /// Waits for it: whether the clipboard was changed.
    pub async fn changed(self) -> Result<bool, ClipboardError> {
        match self.0.await {
            Ok(answer) => answer,
            Err(_) => Err(ClipboardError("its thread has ended".into())),
        }
    }
}

fn start_keeper() -> mpsc::Sender<Order> {
    let (keeper, orders) = mpsc::channel();
    let started = thread::Builder::new()
        .name("clipboard".into())
        .spawn(move || keep(&orders));
    if let Err(error) = started {
        tracing::warn!(%error, "the clipboard's thread can't be started");
    }
    keeper
}

fn keep(orders: &mpsc::Receiver<Order>) {
    let mut clipboard = None;
    while let Ok(order) = orders.recv() {
        let result = carry_out(&mut clipboard, &order);
        if result.is_err() {
            // The display may have come back under another connection by the next time.
            clipboard = None;
        }
        // An error means that nobody waits for the answer any more.
        let _ = order.done.send(result);
    }
}

fn carry_out(
    clipboard: &mut Option<arboard::Clipboard>,
    order: &Order,
) -> Result<bool, ClipboardError> {
    let failed = |error: arboard::Error| ClipboardError(error.to_string());
    let clipboard = match clipboard {
        Some(open) => open,
        None => clipboard.insert(arboard::Clipboard::new().map_err(failed)?),
    };
    if let Some(old) = &order.only_over {
        // A clipboard without text holds something else than the old link.
        let holds_old = clipboard.get_text().is_ok_and(|text| text == *old);
        if !holds_old {
            return Ok(false);
        }
    }
    clipboard.set_text(order.text.as_str()).map_err(failed)?;
    Ok(true)
}
