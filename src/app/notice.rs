//! What the person is told by notifications, in words.

use super::{Effect, Notice, Phase, Private, Problem, Share, ShareId};

/// Private things would be public: whether it may be shared all the same.
pub(super) fn question(share: &Share, private: &Private) -> Effect {
    Effect::Notify(Notice {
        share: Some(share.id),
        title: format!("Share {} anyway?", share.short_name()),
        body: format!(
            "{} The menu of Spot Serve has \"Share Anyway\" for it.",
            private.sentence()
        ),
        asks: true,
        ..Notice::default()
    })
}

/// Said of a link that is registered and was not yet seen to open.
pub const MAY_TAKE_A_MINUTE: &str = "It may take a minute to open.";

/// A share is online.
pub fn online(
    share: ShareId,
    name: &str,
    link: String,
    is_on_clipboard: bool,
    is_checked: bool,
) -> Notice {
    let copied = match is_on_clipboard {
        true => "The link is on your clipboard.",
        false => "It couldn't be put on the clipboard.",
    };
    let soon = match is_checked {
        true => String::new(),
        false => format!(" {MAY_TAKE_A_MINUTE}"),
    };
    of_link(
        share,
        format!("{name} is online"),
        &format!("{copied}{soon}"),
        link,
    )
}

/// A share has another link than the person was told.
pub fn new_link(share: ShareId, name: &str, link: String, has_replaced_old: bool) -> Notice {
    let words = match has_replaced_old {
        true => "It has replaced the old link on your clipboard.",
        false => "The old link no longer works.",
    };
    of_link(share, format!("{name} has a new link"), words, link)
}

/// A share that the person was told of can be reached again.
pub(super) fn online_again(share: &Share, link: &str) -> Effect {
    Effect::Notify(of_link(
        share.id,
        format!("{} is online again", share.short_name()),
        "The link is the same.",
        link.to_owned(),
    ))
}

/// What an earlier run shared can't be shared again.
pub fn not_resumed(name: &str) -> Notice {
    plain(
        None,
        format!("{name} isn't shared again"),
        "It was deleted or moved, or its disk is not there. When it is back, share it again, or start Spot Serve again for the same link.",
    )
}

/// A mistake in the settings that the person was told is gone.
pub fn settings_are_mended() -> Notice {
    plain(
        None,
        "Spot Serve",
        "The settings can be read again, and are in effect.",
    )
}

fn of_link(share: ShareId, title: String, words: &str, link: String) -> Notice {
    Notice {
        share: Some(share),
        title,
        body: format!("{link}\n{words}"),
        link: Some(link),
        asks: false,
    }
}

/// A link is on the clipboard.
pub(super) fn copied(share: &Share, link: &str) -> Notice {
    Notice {
        link: Some(link.to_owned()),
        ..plain(
            Some(share.id),
            format!("Link to {} copied", share.short_name()),
            link,
        )
    }
}

/// The address for this computer is on the clipboard.
pub(super) fn local_copied(share: &Share, address: &str) -> Notice {
    let body = format!("{address}\nIt works on this computer only.");
    plain(
        Some(share.id),
        format!("Local address of {} copied", share.short_name()),
        body,
    )
}

/// A link is asked for that does not work yet.
pub(super) fn no_link_yet(share: &Share) -> Effect {
    let words = match &share.phase {
        Phase::Connecting(words) => words,
        _ => "starting…",
    };
    let body = format!("{words}\nThe link is on your clipboard as soon as it works.");
    Effect::Notify(plain(
        Some(share.id),
        format!("{} has no link yet", share.short_name()),
        body,
    ))
}

/// A share is over that nobody has stopped.
pub(super) fn ended_by_itself(share: &Share) -> Effect {
    problem_notice(
        Some(share.id),
        &format!("{} is no longer shared", share.short_name()),
        "It ended by itself; Help > Open Log in the menu has what happened. Share it again for a new link.".into(),
    )
}

fn plain(share: Option<ShareId>, title: impl Into<String>, body: impl Into<String>) -> Notice {
    Notice {
        share,
        title: title.into(),
        body: body.into(),
        ..Notice::default()
    }
}

pub(super) fn local_only_notice(share: &Share, problem: &Problem) -> Effect {
    let again = match problem.retry_in {
        Some(wait) => format!(" Spot Serve tries again in {} s.", wait.as_secs().max(1)),
        None => String::new(),
    };
    let local = match share.local_link() {
        Some(local) => format!(" Its address here is {local}"),
        None => String::new(),
    };
    problem_notice(
        Some(share.id),
        &format!("{} has no public link", share.short_name()),
        format!("{}{again}{local}", problem.sentence),
    )
}

pub(super) fn problem_notice(share: Option<ShareId>, title: &str, body: String) -> Effect {
    Effect::Notify(plain(share, title, body))
}

/// What to do where no tray icons are shown.
pub const NO_TRAY_HOST: &str = "Your desktop shows no tray icons. Share a folder by the actions of Spot Serve's entry among your applications, or by spot-serve share FOLDER. For an icon on GNOME, install the extension AppIndicator; elsewhere add a tray to the panel.";

pub(super) fn no_tray_host() -> Effect {
    problem_notice(None, "Spot Serve runs without an icon", NO_TRAY_HOST.into())
}

pub(super) fn about() -> Effect {
    Effect::Notify(plain(
        None,
        concat!("Spot Serve ", env!("CARGO_PKG_VERSION")),
        "Shares a folder with one click. Links are made by Cloudflare's quick tunnels.",
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Event, State, Target, TunnelReport, update};
    use super::*;

    const LINK: &str = "https://quiet-river-lake-sand.trycloudflare.com";

    /// A share that is connecting.
    fn share(state: &mut State, folder: &str) -> ShareId {
        update(state, Event::Share(Target::Folder(folder.into())));
        let id = state.shares[state.shares.len() - 1].id;
        update(state, Event::ServerStarted(id, ([127, 0, 0, 1], 1).into()));
        id
    }

    fn online(state: &mut State, id: ShareId) {
        let report = TunnelReport::Online {
            link: LINK.into(),
            is_checked: true,
        };
        update(state, Event::Tunnel(id, report));
    }

    fn titles(effects: &[Effect]) -> Vec<&str> {
        effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Notify(notice) => Some(notice.title.as_str()),
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_left_click_copies_the_newest_link_there_is() {
        let mut state = State::default();
        let older = share(&mut state, "/older");
        let clicked = update(&mut state, Event::IconClicked);
        assert_eq!(titles(&clicked), ["older has no link yet"]);
        online(&mut state, older);
        share(&mut state, "/newer");
        let clicked = update(&mut state, Event::IconClicked);
        assert!(
            matches!(&clicked[..], [Effect::Copy { text, .. }] if text == LINK),
            "{clicked:?}"
        );
    }

    #[test]
    fn a_long_name_leaves_room_for_what_is_said_of_it() {
        let mut state = State::default();
        share(&mut state, &format!("/{}", "long ".repeat(50)));
        let clicked = update(&mut state, Event::IconClicked);
        assert!(titles(&clicked)[0].chars().count() < 60, "{clicked:?}");
        assert!(titles(&clicked)[0].ends_with(" has no link yet"));
    }

    #[test]
    fn what_was_told_to_have_failed_is_told_to_be_back() {
        for report in [TunnelReport::Down, TunnelReport::StillReconnecting] {
            let mut state = State::default();
            let id = share(&mut state, "/Photos");
            online(&mut state, id);
            let problem = Problem {
                short: "no network".into(),
                sentence: "There is no network.".into(),
                retry_in: None,
                needs_download: false,
            };
            update(&mut state, Event::Tunnel(id, TunnelReport::Reconnecting));
            update(&mut state, Event::Tunnel(id, report(problem)));
            let back = TunnelReport::Online {
                link: LINK.into(),
                is_checked: true,
            };
            let effects = update(&mut state, Event::Tunnel(id, back.clone()));
            assert_eq!(titles(&effects), ["Photos is online again"]);
            // A loss that nobody was told of is nothing to tell.
            update(&mut state, Event::Tunnel(id, TunnelReport::Reconnecting));
            let effects = update(&mut state, Event::Tunnel(id, back));
            assert_eq!(titles(&effects), Vec::<&str>::new());
        }
    }

    #[test]
    fn a_share_that_ends_by_itself_is_told_and_one_that_was_stopped_is_not() {
        for by_itself in [true, false] {
            let mut state = State::default();
            let id = share(&mut state, "/Photos");
            online(&mut state, id);
            if !by_itself {
                update(&mut state, Event::Stop(id));
            }
            let mut effects = update(&mut state, Event::Tunnel(id, TunnelReport::Ended));
            effects.extend(update(&mut state, Event::ServerStopped(id)));
            let want: &[&str] = match by_itself {
                true => &["Photos is no longer shared"],
                false => &[],
            };
            assert_eq!(titles(&effects), want);
            assert!(state.shares.is_empty());
        }
    }
}
