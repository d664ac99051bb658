//! The one place where the program decides: an event changes the state and asks for effects.

use std::path::Path;

use super::{
    Effect, Event, Notice, Phase, Pick, Private, Share, ShareId, State, Target, TunnelReport,
    download,
    notice::{
        about, copied, ended_by_itself, local_copied, local_only_notice, no_link_yet, no_tray_host,
        online_again, problem_notice, question,
    },
    presence,
    share::Again,
};

/// Takes what happened, and says what is to be done about it.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Share(target) => share(state, target, false),
        Event::ShareAnyway(target) => share(state, target, true),
        Event::Agree(id) => agree(state, id),
        Event::FoundPrivate(id, private) => found_private(state, id, private),
        Event::ShareRecent(folder) => vec![Effect::ShareReal(folder)],
        Event::PickFolder => pick_folder(state),
        Event::Picked(pick) => picked(state, pick),
        Event::CopyLink(id) => copy_link(state, id),
        Event::CopyLocalAddress(id) => on_share(state, id, copy_local),
        Event::OpenInBrowser(id) => on_share(state, id, |share| {
            let link = share.offered_link().map(str::to_owned);
            link.or_else(|| share.local_link()).map(Effect::OpenUrl)
        }),
        Event::OpenFolder(id) => on_share(state, id, |share| {
            Some(Effect::OpenPath(share.target.folder()?.to_owned()))
        }),
        Event::Stop(id) => stop(state, id),
        Event::StopAll => {
            let ids: Vec<ShareId> = state.shares.iter().map(|share| share.id).collect();
            ids.into_iter().flat_map(|id| stop(state, id)).collect()
        }
        Event::RetryNow(id) => on_share(state, id, |share| {
            share.can_retry().then_some(Effect::RetryTunnel(id))
        }),
        Event::DownloadSidecar => download::begin(state),
        Event::Download(report) => download::report(state, report),
        Event::ClearRecent => {
            state.recent.clear();
            vec![Effect::SaveRecent(Vec::new())]
        }
        Event::RecentChecked(seen) => {
            state.recent.set_existing(&seen);
            Vec::new()
        }
        Event::ToggleAutostart => {
            // What comes of it is told soon; a second click until then means the opposite.
            state.autostart = !state.autostart;
            vec![Effect::SetAutostart(state.autostart)]
        }
        Event::AutostartIs(on) => {
            state.autostart = on;
            Vec::new()
        }
        Event::OpenLog => vec![Effect::OpenLog],
        Event::Diagnose => vec![Effect::Diagnose],
        Event::About => vec![about()],
        Event::MenuOpens => vec![
            Effect::CheckAutostart,
            Effect::CheckRecent(state.recent.paths()),
            Effect::FindSites,
        ],
        Event::FoundSites(sites) => {
            state.sites = sites;
            Vec::new()
        }
        Event::SiteAnswers(id, answers) => {
            if let Some(share) = state.share_mut(id) {
                share.is_site_down = !answers;
            }
            Vec::new()
        }
        Event::ContentIs(id, whereabouts) => presence::content_is(state, id, whereabouts),
        Event::NoTrayHost => vec![no_tray_host()],
        Event::IconClicked => icon_clicked(state),
        Event::ServerStarted(id, address) => server_started(state, id, address),
        Event::ServerFailed(id, sentence) => server_failed(state, id, sentence),
        Event::ServerStopped(id) => part_stopped(state, id, |share| share.has_server = false),
        Event::Tunnel(id, TunnelReport::Ended) => {
            part_stopped(state, id, |share| share.has_tunnel = false)
        }
        Event::Tunnel(id, report) => tunnel_reported(state, id, report),
        Event::Tell(notice) => tell(state, notice),
        Event::DidNotWork(sentence) => vec![problem_notice(None, "Spot Serve", sentence)],
        Event::Quit => quit(state),
    }
}

fn share(state: &mut State, target: Target, is_agreed: bool) -> Vec<Effect> {
    if state.quitting {
        return Vec::new();
    }
    if let Some(share) = state.share_of(&target) {
        let id = share.id;
        if share.phase == Phase::Stopping {
            share.again = Some(Again { is_agreed });
            return Vec::new();
        }
        return match (&share.phase, is_agreed) {
            (Phase::Asking(_), true) => agree(state, id),
            _ => copy_link(state, id),
        };
    }
    start_share(state, target, is_agreed)
}

fn found_private(state: &mut State, id: ShareId, private: Private) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase == Phase::Stopping {
        return part_ended(state, id, |share| share.has_server = false);
    }
    let question = question(share, &private);
    share.has_server = false;
    share.phase = Phase::Asking(private);
    vec![question]
}

/// The person has said yes to what a share would make public.
fn agree(state: &mut State, id: ShareId) -> Vec<Effect> {
    match state.share_mut(id) {
        Some(share) if matches!(share.phase, Phase::Asking(_)) => {
            share.phase = Phase::Starting;
            share.has_server = true;
            let target = share.target.clone();
            vec![
                Effect::Withdraw(id),
                Effect::StartServer {
                    share: id,
                    target,
                    unless_private: false,
                },
            ]
        }
        _ => Vec::new(),
    }
}

fn start_share(state: &mut State, target: Target, is_agreed: bool) -> Vec<Effect> {
    state.last_id += 1;
    let id = ShareId(state.last_id);
    state.shares.push(Share::new(id, target.clone()));
    vec![Effect::StartServer {
        share: id,
        target,
        unless_private: !is_agreed,
    }]
}

fn pick_folder(state: &mut State) -> Vec<Effect> {
    if state.picking || state.quitting {
        return Vec::new();
    }
    state.picking = true;
    // What is shared next is often beside what was shared last.
    let newest = state.recent.iter().find(|recent| recent.exists);
    let beside = newest.and_then(|recent| recent.path.parent().map(Path::to_owned));
    vec![Effect::PickFolder {
        beside: beside.or_else(|| state.home.clone()),
    }]
}

fn picked(state: &mut State, pick: Pick) -> Vec<Effect> {
    state.picking = false;
    match pick {
        Pick::Chosen(folder) => vec![Effect::ShareReal(folder)],
        Pick::Cancelled => Vec::new(),
        Pick::Failed(sentence) => vec![problem_notice(None, "No folder picker", sentence)],
    }
}

/// Copies the link and says so; a share without a link says why there is none.
fn copy_link(state: &State, id: ShareId) -> Vec<Effect> {
    let Some(share) = state.share(id) else {
        return Vec::new();
    };
    if let Some(link) = share.offered_link() {
        return vec![Effect::Copy {
            text: link.to_owned(),
            then: Some(copied(share, link)),
        }];
    }
    match &share.phase {
        Phase::LocalOnly(problem) => vec![local_only_notice(share, problem)],
        Phase::Asking(private) => vec![question(share, private)],
        Phase::Starting | Phase::Connecting(_) => vec![no_link_yet(share)],
        Phase::Online | Phase::Reconnecting | Phase::Stopping => Vec::new(),
    }
}

fn copy_local(share: &Share) -> Option<Effect> {
    let text = share.local_link()?;
    let then = Some(local_copied(share, &text));
    Some(Effect::Copy { text, then })
}

/// Shows a notice, unless its link stopped being offered while it was made ready.
fn tell(state: &State, notice: Notice) -> Vec<Effect> {
    let offered = notice
        .share
        .and_then(|id| state.share(id))
        .and_then(Share::offered_link);
    if notice.link.is_some() && notice.link.as_deref() != offered {
        return Vec::new();
    }
    vec![Effect::Notify(notice)]
}

/// The newest link is copied; without any, the newest share says how it stands.
fn icon_clicked(state: &mut State) -> Vec<Effect> {
    let newest = |is: fn(&Share) -> bool| state.shares.iter().rev().find(|share| is(share));
    let meant = newest(|share| share.offered_link().is_some())
        .or_else(|| newest(|share| share.phase != Phase::Stopping));
    match meant.map(|share| share.id) {
        Some(id) => copy_link(state, id),
        None => pick_folder(state),
    }
}

fn on_share(
    state: &State,
    id: ShareId,
    effect: impl FnOnce(&Share) -> Option<Effect>,
) -> Vec<Effect> {
    state.share(id).and_then(effect).into_iter().collect()
}

fn stop(state: &mut State, id: ShareId) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    if share.phase == Phase::Stopping {
        share.again = None;
        return Vec::new();
    }
    if matches!(share.phase, Phase::Asking(_)) {
        state.shares.retain(|share| share.id != id);
        return vec![Effect::Withdraw(id)];
    }
    share.phase = Phase::Stopping;
    share.link = None;
    let mut effects = vec![Effect::Withdraw(id)];
    if share.has_tunnel {
        effects.push(Effect::StopTunnel(id));
    }
    if share.has_server {
        effects.push(Effect::StopServer(id));
    }
    effects
}

fn server_started(state: &mut State, id: ShareId, address: std::net::SocketAddr) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    // A stop that came while it started has asked for its end already.
    if share.phase != Phase::Starting {
        return Vec::new();
    }
    share.local = Some(address);
    share.phase = Phase::Connecting("connecting…".into());
    share.has_tunnel = true;
    let mut effects = vec![Effect::StartTunnel(id, address)];
    // The list belongs to the program in the tray, which may run beside this one.
    if let Target::Folder(folder) = share.target.clone()
        && !state.ends_with_share
    {
        state.recent.put_first(&folder);
        let recent = state.recent.paths();
        effects.push(Effect::SaveRecent(recent.clone()));
        effects.push(Effect::CheckRecent(recent));
    }
    effects
}

fn server_failed(state: &mut State, id: ShareId, sentence: String) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    let title = format!("{} isn't shared", share.short_name());
    share.again = None;
    let mut effects = vec![problem_notice(Some(id), &title, sentence)];
    effects.push(Effect::CheckRecent(state.recent.paths()));
    effects.extend(part_ended(state, id, |share| share.has_server = false));
    effects
}

/// A part of a share is gone, as it was asked to; one that ends by itself is told.
fn part_stopped(state: &mut State, id: ShareId, mark: impl FnOnce(&mut Share)) -> Vec<Effect> {
    let by_itself = state
        .share(id)
        .filter(|share| share.phase != Phase::Stopping)
        .map(ended_by_itself);
    let mut effects = part_ended(state, id, mark);
    effects.extend(by_itself);
    effects
}

/// One of a share's two parts is gone; the share is gone with the second.
fn part_ended(state: &mut State, id: ShareId, mark: impl FnOnce(&mut Share)) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    mark(share);
    let mut effects = Vec::new();
    if share.has_server || share.has_tunnel {
        // A part that ends without having been asked takes the other one with it.
        if share.phase != Phase::Stopping {
            effects.extend(stop(state, id));
        }
        return effects;
    }
    let again = share.again.map(|again| (share.target.clone(), again));
    state.shares.retain(|share| share.id != id);
    if state.quitting || state.ends_with_share {
        if state.shares.is_empty() {
            effects.push(Effect::Exit);
        }
    } else if let Some((target, again)) = again {
        effects.extend(start_share(state, target, again.is_agreed));
    }
    effects
}

fn tunnel_reported(state: &mut State, id: ShareId, report: TunnelReport) -> Vec<Effect> {
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    // What a tunnel says of itself while it is being stopped changes nothing.
    if share.phase == Phase::Stopping {
        return Vec::new();
    }
    match report {
        TunnelReport::Connecting(words) => {
            share.phase = Phase::Connecting(words);
            Vec::new()
        }
        TunnelReport::Named { link } => {
            let host = link.strip_prefix("https://").map(str::to_owned);
            share.link = Some(link);
            vec![Effect::SetPublicName(id, host)]
        }
        TunnelReport::Online { link, is_checked } => {
            let host = link.strip_prefix("https://").map(str::to_owned);
            share.phase = Phase::Online;
            let was_told = share.told_problem.take().is_some();
            share.link = Some(link.clone());
            let news = announce(share, is_checked);
            // What was told is true no more.
            let is_told_again = was_told && news.is_none() && !share.is_missing;
            let again = is_told_again.then(|| online_again(share, &link));
            let mut effects = vec![Effect::SetPublicName(id, host)];
            effects.extend(news.or(again));
            effects
        }
        TunnelReport::Reconnecting => {
            share.phase = match share.link {
                Some(_) => Phase::Reconnecting,
                None => Phase::Connecting("connecting…".into()),
            };
            Vec::new()
        }
        TunnelReport::StillReconnecting(problem) => {
            let told_before = share.told_problem.replace(problem.short.clone());
            if told_before.as_ref() == Some(&problem.short) {
                return Vec::new();
            }
            let title = format!("{} can't be reached", share.short_name());
            vec![problem_notice(Some(id), &title, problem.sentence)]
        }
        TunnelReport::Down(problem) => {
            let told_before = share.told_problem.replace(problem.short.clone());
            share.link = None;
            share.phase = Phase::LocalOnly(problem.clone());
            let mut effects = vec![Effect::SetPublicName(id, None)];
            if told_before.as_ref() != Some(&problem.short) {
                effects.push(local_only_notice(share, &problem));
            }
            effects
        }
        TunnelReport::Ended => Vec::new(),
    }
}

/// Tells the link of a share that is online, once. One that leads to nothing waits.
pub(super) fn announce(share: &mut Share, is_checked: bool) -> Option<Effect> {
    let link = share.link.clone()?;
    if share.phase != Phase::Online || share.is_missing || share.announced.as_ref() == Some(&link) {
        return None;
    }
    let (id, name) = (share.id, share.short_name());
    Some(match share.announced.replace(link.clone()) {
        Some(old) => Effect::AnnounceNew {
            share: id,
            name,
            link,
            old,
        },
        None => Effect::Announce {
            share: id,
            name,
            link,
            is_checked,
        },
    })
}

fn quit(state: &mut State) -> Vec<Effect> {
    if state.quitting {
        return Vec::new();
    }
    state.quitting = true;
    let ids: Vec<ShareId> = state.shares.iter().map(|share| share.id).collect();
    let mut effects: Vec<Effect> = ids.into_iter().flat_map(|id| stop(state, id)).collect();
    effects.insert(0, Effect::GiveUpAfterGrace);
    if state.shares.is_empty() {
        effects.push(Effect::Exit);
    }
    effects
}
