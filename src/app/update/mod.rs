//! The one place where the program decides: an event changes the state and asks for effects.

mod announce;
mod content;
mod download;
mod ending;
mod link;
mod network;
mod over;
mod picker;
mod qr_code;
mod receive;
mod request;
mod settings;
mod site;
mod start;
mod stop;
#[cfg(test)]
mod tests;
mod tunnel;
mod updates;
mod visitors;

use super::{
    effect::{Effect, Purpose},
    event::{Event, TunnelReport},
    incoming::Received,
    notice::{self, Notice},
    settings::Changes,
    share::{Share, ShareId},
    state::State,
};

/// Applies an event to the state, and returns what to do about it.
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    let mut effects = apply(state, event);
    if !state.ends_with_share {
        let is_wanted = |kind| state.notifications.have(kind);
        effects.retain(|effect| match effect {
            Effect::Notify(notice) => notice.kind.is_none_or(is_wanted),
            _ => true,
        });
    }
    let outdated = qr_code::remove_outdated(state);
    // Before `Effect::Exit`, which is the last one.
    effects.splice(0..0, outdated);
    effects
}

fn apply(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Share(target) => request::share(state, target, false, Changes::default()),
        Event::ShareConfirmed(target) => request::share(state, target, true, Changes::default()),
        Event::ShareWith {
            target,
            is_confirmed,
            changes,
        } => request::share(state, target, is_confirmed, changes),
        Event::Resume { target, changes } => request::resume(state, target, changes),
        Event::ShareAgain(id) => request::share_again(state, id),
        Event::Change(id, changes) => settings::change(state, id, changes),
        Event::RequirePassword(id, is_on) => settings::require_password(state, id, is_on),
        Event::PasswordIs {
            share,
            password,
            is_settled,
        } => settings::password_is(state, share, password, is_settled),
        Event::PasswordFailed(id, sentence) => settings::password_failed(state, id, sentence),
        Event::CopyPassword(id) => on_share(state, id, link::copy_password),
        Event::CopyLinkWithPassword(id) => on_share(state, id, link::copy_with_password),
        Event::Now(now) => {
            let mut effects = ending::time_is(state, now);
            effects.extend(receive::tell_due(state));
            effects.extend(visitors::tell_due(state));
            effects.extend(updates::time_is(state));
            effects
        }
        Event::Downloaded { share, is_last } => ending::downloaded(state, share, is_last),
        Event::Incoming(id, incoming) => receive::incoming(state, id, incoming),
        Event::Received(id, files) => receive::received(state, id, files),
        Event::Delivered {
            share,
            files,
            bytes,
            sender,
            is_last,
        } => {
            let delivery = Received {
                files: files.into(),
                bytes,
            };
            receive::delivered(state, share, delivery, sender.as_deref(), is_last)
        }
        Event::Visited(id, visits) => visitors::visited(state, id, &visits),
        Event::Network(id, report) => network::reported(state, id, report),
        Event::CopyNetworkLink(id) => on_share(state, id, network::copy),
        Event::ShowNetworkQrCode(id) => qr_code::show_network(state, id),
        Event::NoUploads(id, private) => receive::no_uploads(state, id, private),
        Event::PrivateHidden(id, private) => settings::private_hidden(state, id, private),
        Event::PlacesSearched(id, found) => announce::places_searched(state, id, found),
        Event::Drained(id) => ending::drained(state, id),
        Event::ConfirmShare(id) => request::confirm(state, id),
        Event::FoundPrivate(id, private) => request::found_private(state, id, private),
        Event::ShareRecent(folder) => vec![Effect::ResolveAndShare(folder)],
        Event::PickFolder => picker::open(state, Purpose::Share),
        Event::PickFiles => picker::open(state, Purpose::ShareFiles),
        Event::ShareClipboard if state.quitting => Vec::new(),
        Event::ShareClipboard => vec![Effect::ShareClipboard],
        Event::PickInbox => picker::open(state, Purpose::Receive),
        Event::Picked(result) => picker::closed(state, result),
        Event::CopyLink(id) => link::copy(state, id),
        Event::CopyLocalAddress(id) => on_share(state, id, link::copy_local),
        Event::ShowQrCode(id) => qr_code::show(state, id),
        Event::OpenInBrowser(id) => on_share(state, id, link::open),
        Event::OpenFolder(id) => receive::open_folder(state, id),
        Event::Stop(id) => stop::stop(state, id),
        Event::StopAll => stop::stop_all(state),
        Event::RetryNow(id) => on_share(state, id, |share| {
            share.can_retry().then_some(Effect::RetryTunnel(id))
        }),
        Event::DownloadSidecar => download::begin(state),
        Event::Download(report) => download::reported(state, report),
        Event::ClearRecent => {
            state.recent.clear();
            vec![Effect::SaveRecent(Vec::new())]
        }
        Event::RecentChecked(seen) => {
            state.recent.set_existing(&seen);
            Vec::new()
        }
        Event::ToggleAutostart => {
            // The result arrives soon. Until then, a second click toggles it back.
            state.autostart = !state.autostart;
            vec![Effect::SetAutostart(state.autostart)]
        }
        Event::AutostartIs(on) => {
            state.autostart = on;
            Vec::new()
        }
        Event::OpenDashboard => vec![Effect::OpenDashboard],
        Event::OpenLog => vec![Effect::OpenLog],
        Event::Diagnose => vec![Effect::Diagnose],
        Event::CheckForUpdates => updates::check(state),
        Event::CheckWeekly(weekly) => updates::set_weekly(state, weekly),
        Event::UpdateAnswer(answer) => updates::answered(state, answer),
        Event::OpenRelease => updates::open_release(state),
        Event::About => vec![Effect::Notify(notice::about())],
        Event::MenuOpens => vec![
            Effect::CheckAutostart,
            Effect::CheckRecent(state.recent.paths()),
            Effect::FindSites,
        ],
        Event::FoundSites(sites) => {
            state.sites = sites;
            Vec::new()
        }
        Event::SiteState(id, site) => site::reported(state, id, site),
        Event::SiteStreamsEvents(id, does) => {
            if let Some(share) = state.share_mut(id) {
                share.streams_events = does;
            }
            Vec::new()
        }
        Event::ContentAvailability(id, availability) => content::reported(state, id, availability),
        Event::UnderWay(all) => content::under_way(state, all),
        Event::NoTrayHost => {
            state.lacks_tray = true;
            vec![Effect::Notify(notice::no_tray_host())]
        }
        Event::Welcome { place } => vec![
            Effect::Notify(notice::welcome(place)),
            Effect::RememberWelcome,
        ],
        Event::IconClicked => link::icon_clicked(state),
        Event::ServerStarted(id, address) => start::server_started(state, id, address),
        Event::ServerFailed(id, sentence) => stop::server_failed(state, id, sentence),
        Event::ServerStopped(id) => stop::part_ended(state, id, |share| share.has_server = false),
        Event::Tunnel(id, TunnelReport::Ended) => {
            stop::part_ended(state, id, |share| share.has_tunnel = false)
        }
        Event::Tunnel(id, report) => tunnel::reported(state, id, report),
        Event::ShowNotice(notice) => link::show_notice(state, notice),
        Event::ActionFailed(sentence) => {
            vec![Effect::Notify(Notice::general("Spot Serve", sentence))]
        }
        Event::Quit => stop::quit(state),
    }
}

fn on_share(
    state: &State,
    id: ShareId,
    effect: impl FnOnce(&Share) -> Option<Effect>,
) -> Vec<Effect> {
    state.share(id).and_then(effect).into_iter().collect()
}
