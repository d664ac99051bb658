//! The search for photos that say where they were taken.

use std::time::Duration;

use tokio::{task::spawn_blocking, time::timeout};

use super::events::Events;
use crate::{
    app::{Event, ShareId, Target},
    sensitive,
};

/// A search that takes longer, on a disk that doesn't answer, keeps no link back.
const WAITED_FOR: Duration = Duration::from_secs(2);

/// Finds out whether photos of the target say where they were taken.
pub fn begin(share: ShareId, target: &Target, serves_hidden: bool, events: &Events) {
    if target.may_have_photos() {
        let target = target.clone();
        let look = move || sensitive::say_where(&target, serves_hidden);
        tokio::spawn(answer(share, look, WAITED_FOR, events.clone()));
    }
}

/// Reports what a look shows. If it takes too long, nothing was found for now.
async fn answer(
    share: ShareId,
    look: impl FnOnce() -> bool + Send + 'static,
    limit: Duration,
    events: Events,
) {
    let mut looking = spawn_blocking(look);
    let looked = match timeout(limit, &mut looking).await {
        Ok(looked) => looked,
        Err(_) => {
            events.send(Event::PlacesSearched(share, false));
            looking.await
        }
    };
    // Fails if the program is ending.
    let found = looked.unwrap_or_default();
    events.send(Event::PlacesSearched(share, found));
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;
    use crate::runtime::events::Message;

    #[tokio::test]
    async fn a_disk_that_does_not_answer_keeps_no_link_back() {
        let (events, mut inbox) = Events::channel();
        let (disk, answers) = mpsc::channel();
        let look = move || answers.recv().unwrap();
        tokio::spawn(answer(ShareId(1), look, Duration::from_millis(1), events));
        let mut reported = async || match inbox.recv().await {
            Some(Message::Event(Event::PlacesSearched(ShareId(1), found))) => found,
            _ => panic!("no answer"),
        };
        assert!(!reported().await);
        disk.send(true).unwrap();
        assert!(reported().await);
    }
}
