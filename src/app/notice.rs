//! The notices that the user sees as desktop notifications or lines on the terminal.

use super::{
    arrivals,
    download::{Download, megabytes},
    incoming::Received,
    limits::EndReason,
    network::{NetworkReport, OTHERS_COULD_LISTEN},
    network_announcement::NetworkAnnouncement,
    notification::NotificationKind,
    offer::Offer,
    private_content::PrivateContent,
    share::{Phase, Problem, Share, ShareId},
    target::Target,
    updates::NewVersion,
    visitors::News,
};

/// A message for the user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notice {
    /// The share it is about. A later notice about the same share replaces it.
    pub share: Option<ShareId>,
    /// It neither replaces the other notices about the share nor is replaced by them.
    pub stands_alone: bool,
    pub title: String,
    pub body: String,
    /// What a click on it opens.
    pub link: Option<String>,
    /// It asks whether to share private content anyway.
    pub asks: bool,
    /// It offers to share something again.
    pub offers_again: bool,
    /// A click on it opens the folder of the share.
    pub opens_folder: bool,
    /// What one of its buttons does.
    pub offer: Option<Offer>,
    /// What it is about; `None` if it answers what the user has just done, and is always shown.
    pub kind: Option<NotificationKind>,
    /// It can be overlooked.
    pub is_quiet: bool,
}

impl Notice {
    fn new(share: Option<ShareId>, title: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            share,
            title: title.into(),
            body: body.into(),
            ..Self::default()
        }
    }

    /// The same notice, of this kind.
    fn of_kind(self, kind: NotificationKind) -> Self {
        Self {
            kind: Some(kind),
            ..self
        }
    }

    /// A notice about the program as a whole.
    pub(super) fn general(title: &str, body: impl Into<String>) -> Self {
        Self::new(None, title, body)
    }

    /// A notice about a link: it shows the link, and a click opens it.
    fn with_link(share: ShareId, title: String, words: &str, link: String) -> Self {
        Self {
            link: Some(link.clone()),
            ..Self::new(Some(share), title, format!("{link}\n{words}"))
        }
    }
}

/// Added to the announcement of a link that was not yet seen to work.
pub const MAY_TAKE_A_MINUTE: &str = "It may take a minute to start working.";

/// What to do on a desktop without tray icons.
pub const NO_TRAY_HOST: &str = "Your desktop doesn't show tray icons. You can still share and quit: right-click Spot Serve in your applications menu, or run `spot-serve share FOLDER` and `spot-serve quit`. To see the icon on GNOME, install the AppIndicator extension; on Cinnamon, install xapp-sn-watcher; on other desktops, add a system tray to the panel.";

/// How much of what is new a notification shows, in characters.
const NEWS_CHARS: usize = 240;

/// A share is online.
pub fn online(
    share: ShareId,
    name: &str,
    link: String,
    is_on_clipboard: bool,
    note: Option<&str>,
    is_checked: bool,
) -> Notice {
    let copied = if is_on_clipboard {
        "The link is on your clipboard."
    } else {
        "The link couldn't be copied to your clipboard."
    };
    let mut words = copied.to_owned();
    if let Some(note) = note {
        words = format!("{words} {note}");
    }
    if !is_checked {
        words = format!("{words} {MAY_TAKE_A_MINUTE}");
    }
    Notice::with_link(share, format!("{name} is online"), &words, link)
        .of_kind(NotificationKind::Online)
}

/// A share is in the local network only.
pub fn on_network_only(announcement: NetworkAnnouncement, is_on_clipboard: bool) -> Notice {
    let NetworkAnnouncement {
        share,
        name,
        link,
        why,
        is_protected,
        note,
        ..
    } = announcement;
    let copied = if is_on_clipboard {
        "Its link is on your clipboard, and works for people in the same network."
    } else {
        "Its link works for people in the same network. It is not on your clipboard."
    };
    let mut words = format!("{copied} There is no public link: {why}.");
    if is_protected {
        words = format!("{words} {OTHERS_COULD_LISTEN}");
    }
    if let Some(note) = note {
        words = format!("{words} {note}");
    }
    Notice::with_link(
        share,
        format!("{name} is on your network only"),
        &words,
        link,
    )
    .of_kind(NotificationKind::Online)
}

/// The link of a share has changed since it was announced.
pub fn new_link(share: ShareId, name: &str, link: String, has_replaced_old: bool) -> Notice {
    let words = if has_replaced_old {
        "It has replaced the old link on your clipboard."
    } else {
        "The old link no longer works."
    };
    Notice::with_link(share, format!("{name} has a new link"), words, link)
        .of_kind(NotificationKind::Online)
}

/// Something that an earlier run shared can't be shared again.
pub fn not_resumed(name: &str) -> Notice {
    Notice::general(
        &format!("Couldn't resume sharing {name}"),
        "It was deleted or moved, or its disk isn't connected. Once it's back, restart Spot Serve to share it at the same link, or share it again.",
    )
    .of_kind(NotificationKind::Problem)
}

/// A reported mistake in the settings was fixed.
pub fn settings_are_valid_again() -> Notice {
    Notice::general(
        "Spot Serve",
        "Your settings are valid again and have been applied.",
    )
}

/// Asks whether to share private content anyway.
pub(super) fn question(share: &Share, private: &PrivateContent, has_menu: bool) -> Notice {
    let how = if has_menu {
        "choose Share Anyway in the Spot Serve menu".to_owned()
    } else {
        let command = share.command();
        format!("choose Share Anyway, or run `spot-serve {command} --yes` with its path")
    };
    let body = format!("{} To share it, {how}.", private.sentence());
    Notice {
        asks: true,
        ..Notice::new(
            Some(share.id),
            format!("Share {} anyway?", share.short_name()),
            body,
        )
    }
}

/// A share whose failure was reported works again.
pub(super) fn online_again(share: &Share, link: &str) -> Notice {
    Notice::with_link(
        share.id,
        format!("{} is online again", share.short_name()),
        "The link hasn't changed.",
        link.to_owned(),
    )
    .of_kind(NotificationKind::Online)
}

/// A link is on the clipboard.
pub(super) fn link_copied(share: &Share, link: &str) -> Notice {
    Notice {
        link: Some(link.to_owned()),
        ..Notice::new(
            Some(share.id),
            format!("Link to {} copied", share.short_name()),
            link,
        )
    }
}

/// Asks whether to open a share to a public network.
pub(super) fn public_network(share: &Share) -> Option<Notice> {
    let Some(NetworkReport::Closed(why)) = &share.network else {
        return None;
    };
    let title = format!("{} isn't on your network", share.short_name());
    Some(Notice::new(Some(share.id), title, why.sentence()))
}

/// The link in the local network is on the clipboard.
pub(super) fn network_link_copied(share: &Share, link: &str) -> Notice {
    let mut body = format!("{link}\nIt works for people in the same network.");
    if share.wants_password {
        body = format!("{body} {OTHERS_COULD_LISTEN}");
    }
    Notice {
        link: Some(link.to_owned()),
        ..Notice::new(
            Some(share.id),
            format!("Network link to {} copied", share.short_name()),
            body,
        )
    }
}

/// The password is on the clipboard.
pub(super) fn password_copied(share: &Share) -> Notice {
    Notice::new(
        Some(share.id),
        format!("Password for {} copied", share.short_name()),
        "Visitors enter it when they open the link.",
    )
}

/// A link that includes the password is on the clipboard.
pub(super) fn link_with_password_copied(share: &Share) -> Notice {
    Notice::new(
        Some(share.id),
        format!("Link to {} copied", share.short_name()),
        "It includes the password: whoever has this link can open it.",
    )
}

/// A generated password is in effect.
pub(super) fn new_password(share: &Share, password: &str) -> Notice {
    Notice::new(
        Some(share.id),
        format!("New password for {}", share.short_name()),
        format!("{password}\nThe menu can copy it, alone or with the link."),
    )
}

/// The password stays as it was.
pub(super) fn password_not_changed(share: &Share, sentence: String) -> Notice {
    let stays = if share.password.is_some() {
        "The password hasn't changed."
    } else {
        "Visitors still need no password."
    };
    Notice::new(
        Some(share.id),
        format!("Couldn't change the password for {}", share.short_name()),
        format!("{sentence} {stays}"),
    )
}

/// A share has ended by itself.
pub(super) fn ended(share: &Share, reason: EndReason, has_menu: bool) -> Notice {
    let how = if !share.can_come_back() {
        "What was shared is no longer kept."
    } else if has_menu {
        "Share Again shares it again with the same settings."
    } else {
        "Share it again to continue."
    };
    let mut body = format!("{} {how}", reason.sentence());
    let received = share.received.in_words();
    if let Some(received) = &received {
        body = format!("{received} received. {body}");
    }
    Notice {
        offers_again: share.can_come_back(),
        opens_folder: received.is_some(),
        kind: Some(NotificationKind::Online),
        ..Notice::new(
            Some(share.id),
            format!("{} has ended: {}", share.short_name(), reason.short()),
            body,
        )
    }
}

/// Files have come in.
pub(super) fn received(share: &Share) -> Notice {
    let received = share.arrivals.received();
    let them = if received.files == 1 { "it" } else { "them" };
    let body = format!(
        "{} Open the folder to see {them}.",
        share.arrivals.sentence()
    );
    Notice {
        opens_folder: true,
        kind: Some(NotificationKind::Received),
        ..Notice::new(
            Some(share.id),
            format!(
                "{} received for {}",
                received.in_words().unwrap_or_default(),
                share.short_name()
            ),
            body.trim_start(),
        )
    }
}

/// A delivery has come in, as a line of its own.
pub(super) fn delivered(delivery: Received, sender: Option<&str>) -> Notice {
    let mut line = format!("{} received", delivery.in_words().unwrap_or_default());
    if let Some(sender) = sender.and_then(arrivals::shown_sender) {
        line = format!("{line} from {sender}");
    }
    Notice::general("Files received", line).of_kind(NotificationKind::Received)
}

/// Visitors still can't add files.
pub(super) fn uploads_refused(share: &Share, sentence: String) -> Notice {
    Notice::new(
        Some(share.id),
        format!("Visitors can't add files to {}", share.short_name()),
        sentence,
    )
}

/// Photos say where they were taken, which was found out when the link was known already.
pub(super) fn has_places(share: &Share, warning: &str) -> Notice {
    Notice {
        stands_alone: true,
        ..Notice::new(
            Some(share.id),
            format!("Photos in {} say where they were taken", share.short_name()),
            warning,
        )
    }
}

/// Visitors still don't see hidden files.
pub(super) fn hidden_refused(share: &Share, sentence: String) -> Notice {
    Notice::new(
        Some(share.id),
        format!("Hidden files in {} stay hidden", share.short_name()),
        sentence,
    )
}

/// "Share Again" came too late.
pub(super) fn too_late_to_share_again() -> Notice {
    Notice::general(
        "Spot Serve",
        "It ended too long ago to share it again from here. Choose Share a Folder… in the menu, or run `spot-serve share`.",
    )
}

/// The user wants the link of something that is still ending.
pub(super) fn still_ending(share: &Share) -> Notice {
    let running = share.transfers();
    Notice::new(
        Some(share.id),
        format!("{} is ending", share.short_name()),
        if share.restart.is_some() {
            format!("It will be shared again once running {running} have finished.")
        } else {
            format!("Running {running} may finish. Share it again to continue.")
        },
    )
}

/// The local address is on the clipboard.
pub(super) fn local_address_copied(share: &Share, address: &str) -> Notice {
    Notice::new(
        Some(share.id),
        format!("Local address of {} copied", share.short_name()),
        format!("{address}\nIt works on this computer only."),
    )
}

/// The user asked for a link that doesn't work yet.
pub(super) fn no_link_yet(share: &Share) -> Notice {
    let progress = match &share.phase {
        Phase::Connecting(progress) => progress,
        _ => "starting…",
    };
    Notice::new(
        Some(share.id),
        format!("{} has no link yet", share.short_name()),
        format!("{progress}\nThe link will be copied to your clipboard as soon as it works."),
    )
}

/// The server of a share couldn't be started.
pub(super) fn not_shared(share: &Share, sentence: String) -> Notice {
    Notice::new(
        Some(share.id),
        format!("Couldn't share {}", share.short_name()),
        sentence,
    )
}

/// A share ended although nobody stopped it.
pub(super) fn ended_unexpectedly(share: &Share, has_menu: bool) -> Notice {
    let log = if has_menu {
        "Help > Open Log"
    } else {
        "The log (`spot-serve doctor` shows where it is)"
    };
    Notice::new(
        Some(share.id),
        format!("{} stopped being shared unexpectedly", share.short_name()),
        format!("{log} has the details. Share it again to continue."),
    )
    .of_kind(NotificationKind::Problem)
}

/// A share has lost its link, or gets none, for this reason.
pub(super) fn lost_link(share: &Share, problem: &Problem, download: Option<Download>) -> Notice {
    local_only(share, problem, download).of_kind(NotificationKind::Problem)
}

/// A share has no public link, for this reason. If this download would help, asks whether to begin it.
pub(super) fn local_only(share: &Share, problem: &Problem, download: Option<Download>) -> Notice {
    let mut body = share.problem_alone(problem).to_owned();
    let download = download.filter(|_| problem.needs_download);
    let mut offer = None;
    if let Some(download) = download {
        let megabytes = megabytes(download.size);
        if download.received.is_none() {
            body += &format!(
                " Spot Serve can do that for you now ({megabytes} MB), and the link then comes by itself."
            );
            offer = Some(Offer::Download { megabytes });
        } else {
            body += " It is being downloaded, and the link then comes by itself.";
        }
    }
    if let Some(wait) = problem.retry_in {
        body += &format!(" Spot Serve will try again in {} s.", wait.as_secs().max(1));
    }
    if let Some(also) = share.problem_of_site() {
        body += &format!(" {also}");
    } else if let Some(address) = share.local_link() {
        let what = match &share.target {
            Target::Folder(_) => "Your folder is",
            Target::Spooled(_) | Target::Text(_) => "It is",
            Target::Files { others, .. } if others.is_empty() => "Your file is",
            Target::Files { .. } => "Your files are",
            Target::Site(_) => "Your site is",
            Target::Inbox(_) => "Your folder for received files is",
        };
        body += &match share.network_link() {
            Some(link) => format!(" {what} on your network only, at {link}."),
            None => format!(" {what} on this computer only, at {address}."),
        };
    }
    Notice {
        offer,
        ..Notice::new(
            Some(share.id),
            format!("{} has no public link", share.short_name()),
            body,
        )
    }
}

/// A share has been reconnecting for a while.
pub(super) fn unreachable(share: &Share, problem: &Problem) -> Notice {
    Notice::new(
        Some(share.id),
        format!("{} can't be reached", share.short_name()),
        problem.sentence.clone(),
    )
    .of_kind(NotificationKind::Problem)
}

/// Visitors can't see the shared site, for a reason that will not pass.
pub(super) fn site_trouble(share: &Share, advice: String) -> Notice {
    Notice::new(
        Some(share.id),
        format!("Visitors can't see {}", share.short_name()),
        advice,
    )
    .of_kind(NotificationKind::Problem)
}

/// The files of a share, or some of them, have been missing for a while.
pub(super) fn missing(share: &Share) -> Notice {
    if let Some(items) = share.missing_items() {
        return partly_missing(share, items);
    }
    let (what, them) = match &share.target {
        Target::Folder(_) | Target::Inbox(_) => ("The folder was", "it"),
        Target::Spooled(_) | Target::Text(_) => ("The file was", "it"),
        Target::Files { others, .. } if others.is_empty() => ("The file was", "it"),
        Target::Files { .. } | Target::Site(_) => ("The files were", "them"),
    };
    Notice::new(
        Some(share.id),
        format!("{} is missing", share.short_name()),
        format!(
            "{what} deleted or moved, or the disk or network drive was disconnected. Put {them} back to continue sharing at the same link, or stop sharing. Until then, visitors are asked to try again later."
        ),
    )
    .of_kind(NotificationKind::Problem)
}

fn partly_missing(share: &Share, items: String) -> Notice {
    let (were, them) = match &share.missing_items[..] {
        [_] => ("It was", "it"),
        _ => ("They were", "them"),
    };
    let body = format!(
        "{items}. {were} deleted or moved, or the disk or network drive was disconnected. Visitors still see the rest of {}. Put {them} back to continue sharing {them}.",
        share.short_name()
    );
    Notice::new(Some(share.id), items, body).of_kind(NotificationKind::Problem)
}

/// What visitors have done.
pub(super) fn visited(share: &Share, news: News) -> Notice {
    Notice {
        is_quiet: news.is_quiet,
        ..Notice::new(Some(share.id), news.title, news.body).of_kind(news.kind)
    }
}

pub(super) fn no_tray_host() -> Notice {
    Notice {
        offer: Some(Offer::ShareFolder),
        ..Notice::general("Spot Serve is running without an icon", NO_TRAY_HOST)
    }
}

/// The program runs for the first time.
pub(super) fn welcome(place: &str) -> Notice {
    Notice::general(
        "Spot Serve is running",
        format!(
            "Its icon is {place}. Click it and choose a folder: the link is on your clipboard as soon as it works. Stop sharing and quit in its menu."
        ),
    )
}

/// There is a newer version. Nobody asked for the notice if it `is_quiet`.
pub(super) fn new_version(new: &NewVersion, is_quiet: bool) -> Notice {
    let body = match beginning_of(&new.notes) {
        Some(news) => format!("New: {news}\n{}", new.how),
        None => new.how.clone(),
    };
    Notice {
        offer: Some(Offer::OpenRelease),
        is_quiet,
        ..Notice::general(&format!("Spot Serve {} is available", new.version), body)
    }
}

/// As much of what is new as a notification can show.
fn beginning_of(notes: &[String]) -> Option<String> {
    let all = notes.join(" ");
    let all = all.trim();
    if all.is_empty() {
        return None;
    }
    let mut end = all.char_indices().skip(NEWS_CHARS).map(|(at, _)| at);
    Some(match end.next() {
        // Cut at a word if there is one.
        Some(end) => {
            let cut = &all[..end];
            let words = cut.rsplit_once(' ').map_or(cut, |(words, _)| words);
            format!("{words}…")
        }
        None => all.to_owned(),
    })
}

pub(super) fn up_to_date() -> Notice {
    Notice::general(
        "Spot Serve is up to date",
        concat!(env!("CARGO_PKG_VERSION"), " is the newest version."),
    )
}

pub(super) fn not_checked(sentence: String) -> Notice {
    Notice::general("No news about updates", sentence)
}

pub(super) fn about() -> Notice {
    Notice::general(
        concat!("Spot Serve ", env!("CARGO_PKG_VERSION")),
        "Share a folder, files or a local site with one click, and receive files. The links come from Cloudflare.",
    )
}
