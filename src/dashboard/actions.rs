//! What the page asks for, as events for the core.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    app::{Changes, Event, Limit, PasswordChange, Secret, ShareId, duration, speed},
    inspector::RequestId,
    server::{MAX_PASSWORD_BYTES, TransferId, VisitorId},
};

/// The longest message to visitors, in characters.
const MESSAGE_MAX: usize = 1000;

/// The longest password, in bytes.
const PASSWORD_MAX: usize = MAX_PASSWORD_BYTES;

/// What the page asks for. The form is not a contract: page and program are always the same version.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Request {
    ShareFolder,
    ShareFiles,
    ShareClipboard,
    ReceiveFiles,
    ShareAgain {
        share: u64,
    },
    Confirm {
        share: u64,
    },
    Retry {
        share: u64,
    },
    DownloadSidecar,
    OpenFolder {
        share: u64,
    },
    CopyLink {
        share: u64,
    },
    Stop {
        share: u64,
    },
    StopAll,
    /// A generated password, or none.
    Password {
        share: u64,
        on: bool,
    },
    OwnPassword {
        share: u64,
        text: Secret,
    },
    Uploads {
        share: u64,
        on: bool,
    },
    Hidden {
        share: u64,
        on: bool,
    },
    Places {
        share: u64,
        on: bool,
    },
    Lan {
        share: u64,
        on: bool,
    },
    CopyNetworkLink {
        share: u64,
    },
    StopAfter {
        share: u64,
        seconds: Option<u64>,
    },
    Downloads {
        share: u64,
        count: Option<u32>,
    },
    Deliveries {
        share: u64,
        count: Option<u32>,
    },
    Message {
        share: u64,
        text: String,
    },
    MaxSize {
        share: u64,
        bytes: Option<u64>,
    },
    Limit {
        share: u64,
        speed: Option<u64>,
    },
    // The dashboard does the rest itself.
    ClearHistory,
    /// Ends a transfer.
    End {
        share: u64,
        transfer: TransferId,
    },
    /// Lets a visitor in no more, or again.
    Block {
        share: u64,
        visitor: VisitorId,
        on: bool,
    },
    /// Sends a request of a local site again.
    Replay {
        share: u64,
        request: RequestId,
    },
    ClearRequests {
        share: u64,
    },
}

impl Request {
    /// The event that does it; none if it makes no sense.
    pub fn event(self) -> Option<Event> {
        Some(match self {
            Self::ShareFolder => Event::PickFolder,
            Self::ShareFiles => Event::PickFiles,
            Self::ShareClipboard => Event::ShareClipboard,
            Self::ReceiveFiles => Event::PickInbox,
            Self::ShareAgain { share } => Event::ShareAgain(ShareId(share)),
            Self::Confirm { share } => Event::ConfirmShare(ShareId(share)),
            Self::Retry { share } => Event::RetryNow(ShareId(share)),
            Self::DownloadSidecar => Event::DownloadSidecar,
            Self::OpenFolder { share } => Event::OpenFolder(ShareId(share)),
            Self::CopyLink { share } => Event::CopyLink(ShareId(share)),
            Self::Stop { share } => Event::Stop(ShareId(share)),
            Self::StopAll => Event::StopAll,
            Self::Password { share, on } => Event::RequirePassword(ShareId(share), on),
            Self::OwnPassword { share, text } => {
                let length = text.reveal().len();
                if length == 0 || length > PASSWORD_MAX {
                    return None;
                }
                change(share, |all| all.password = Some(PasswordChange::Set(text)))
            }
            Self::Uploads { share, on } => change(share, |all| all.uploads = Some(on)),
            Self::Hidden { share, on } => change(share, |all| all.hidden = Some(on)),
            Self::Places { share, on } => change(share, |all| all.places = Some(on)),
            Self::Lan { share, on } => change(share, |all| all.lan = Some(on)),
            Self::CopyNetworkLink { share } => Event::CopyNetworkLink(ShareId(share)),
            Self::StopAfter { share, seconds } => {
                let time = seconds.map(Duration::from_secs);
                if time.is_some_and(|time| !duration::is_allowed(time)) {
                    return None;
                }
                change(share, |all| all.stop_after = Some(Limit::of(time)))
            }
            Self::Downloads { share, count } => {
                let count = at_least_one(count)?;
                change(share, |all| all.downloads = Some(count))
            }
            Self::Deliveries { share, count } => {
                let count = at_least_one(count)?;
                change(share, |all| all.deliveries = Some(count))
            }
            Self::Message { share, text } => {
                let text = text.trim().to_owned();
                if text.chars().count() > MESSAGE_MAX {
                    return None;
                }
                change(share, |all| all.message = Some(text))
            }
            Self::MaxSize { share, bytes } => {
                if bytes == Some(0) {
                    return None;
                }
                change(share, |all| all.max_size = Some(Limit::of(bytes)))
            }
            Self::Limit {
                share,
                speed: limit,
            } => {
                if limit.is_some_and(|limit| !speed::is_allowed(limit)) {
                    return None;
                }
                change(share, |all| all.speed_limit = Some(Limit::of(limit)))
            }
            Self::ClearHistory
            | Self::End { .. }
            | Self::Block { .. }
            | Self::Replay { .. }
            | Self::ClearRequests { .. } => return None,
        })
    }
}

fn change(share: u64, set: impl FnOnce(&mut Changes)) -> Event {
    let mut changes = Changes::default();
    set(&mut changes);
    Event::Change(ShareId(share), changes)
}

fn at_least_one(count: Option<u32>) -> Option<Limit<u32>> {
    (count != Some(0)).then_some(Limit::of(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(json: &str) -> Option<Event> {
        serde_json::from_str::<Request>(json).ok()?.event()
    }

    fn changes(json: &str) -> Changes {
        match event(json) {
            Some(Event::Change(ShareId(7), changes)) => changes,
            other => panic!("{json}: {other:?}"),
        }
    }

    #[test]
    fn actions_become_events() {
        assert_eq!(event(r#"{"do":"share-folder"}"#), Some(Event::PickFolder));
        assert_eq!(event(r#"{"do":"share-files"}"#), Some(Event::PickFiles));
        let clipboard = event(r#"{"do":"share-clipboard"}"#);
        assert_eq!(clipboard, Some(Event::ShareClipboard));
        assert_eq!(
            event(r#"{"do":"stop","share":7}"#),
            Some(Event::Stop(ShareId(7)))
        );
        let never = changes(r#"{"do":"stop-after","share":7,"seconds":null}"#);
        assert_eq!(never.stop_after, Some(Limit::None));
        let hour = changes(r#"{"do":"stop-after","share":7,"seconds":3600}"#);
        assert_eq!(
            hour.stop_after,
            Some(Limit::After(Duration::from_secs(3600)))
        );
        let own = changes(r#"{"do":"own-password","share":7,"text":"a b"}"#);
        assert_eq!(own.password, Some(PasswordChange::Set("a b".into())));
        let one = changes(r#"{"do":"downloads","share":7,"count":1}"#);
        assert_eq!(one.downloads, Some(Limit::After(1)));
        let slow = changes(r#"{"do":"limit","share":7,"speed":1000000}"#);
        assert_eq!(slow.speed_limit, Some(Limit::After(1_000_000)));
        let fast = changes(r#"{"do":"limit","share":7,"speed":null}"#);
        assert_eq!(fast.speed_limit, Some(Limit::None));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        let long = "a".repeat(PASSWORD_MAX + 1);
        for json in [
            r#"{"do":"quit"}"#.to_owned(),
            r#"{"do":"stop"}"#.to_owned(),
            r#"{"do":"stop","share":-1}"#.to_owned(),
            r#"{"do":"stop","share":7,"more":1}"#.to_owned(),
            r#"{"do":"own-password","share":7,"text":""}"#.to_owned(),
            format!(r#"{{"do":"own-password","share":7,"text":"{long}"}}"#),
            r#"{"do":"stop-after","share":7,"seconds":1}"#.to_owned(),
            r#"{"do":"stop-after","share":7,"seconds":99999999999}"#.to_owned(),
            r#"{"do":"downloads","share":7,"count":0}"#.to_owned(),
            r#"{"do":"limit","share":7,"speed":5}"#.to_owned(),
            format!(
                r#"{{"do":"message","share":7,"text":"{}"}}"#,
                "é".repeat(1001)
            ),
            "[]".to_owned(),
        ] {
            assert_eq!(event(&json), None, "{json}");
        }
    }
}
