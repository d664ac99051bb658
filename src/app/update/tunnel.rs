//! What the tunnel of a share reports.

use super::{announce::announce, network, site};
use crate::app::{
    effect::Effect,
    event::TunnelReport,
    notice,
    share::{Phase, Problem, Share, ShareId},
    state::State,
};

pub fn reported(state: &mut State, id: ShareId, report: TunnelReport) -> Vec<Effect> {
    let download = state.offered_download();
    let Some(share) = state.share_mut(id) else {
        return Vec::new();
    };
    // Reports from a tunnel that is about to stop change nothing.
    if share.phase.is_final() {
        return Vec::new();
    }
    match report {
        TunnelReport::Connecting(progress) => {
            share.phase = Phase::Connecting(progress);
            Vec::new()
        }
        TunnelReport::Named { link } => {
            let name = host(&link);
            share.link = Some(link);
            vec![Effect::SetPublicName(id, name)]
        }
        TunnelReport::Online { link, is_checked } => online(share, link, is_checked),
        TunnelReport::Reconnecting => {
            share.phase = match share.link {
                Some(_) => Phase::Reconnecting,
                None => Phase::Connecting("connecting…".into()),
            };
            Vec::new()
        }
        TunnelReport::StillReconnecting(problem) => {
            if is_news(share, &problem) {
                vec![Effect::Notify(notice::unreachable(share, &problem))]
            } else {
                Vec::new()
            }
        }
        TunnelReport::Down(problem) => {
            let is_news = is_news(share, &problem);
            share.link = None;
            share.phase = Phase::LocalOnly(problem.clone());
            let mut effects = vec![Effect::SetPublicName(id, None)];
            let on_network = network::announce(share);
            if on_network.is_some() {
                effects.extend(on_network);
            } else if is_news {
                effects.push(Effect::Notify(notice::lost_link(share, &problem, download)));
            }
            effects
        }
        TunnelReport::Ended => Vec::new(),
    }
}

fn online(share: &mut Share, link: String, is_checked: bool) -> Vec<Effect> {
    let mut effects = vec![Effect::SetPublicName(share.id, host(&link))];
    share.phase = Phase::Online;
    share.link = Some(link.clone());
    share.is_link_checked = is_checked;
    let problem = share.reported_problem.take();
    match announce(share, is_checked) {
        Some(announcement) => effects.push(announcement),
        // The notification still shows the problem.
        None if problem.is_some() && tells_by_itself(share) => {
            effects.push(Effect::Notify(notice::online_again(share, &link)));
        }
        None => {}
    }
    effects.extend(site::report_trouble(share));
    effects
}

/// Whether no announcement is still to come.
fn tells_by_itself(share: &Share) -> bool {
    !share.is_missing && share.site_trouble().is_none() && share.has_places.is_some()
}

/// Remembers the problem as reported; false if it already was.
fn is_news(share: &mut Share, problem: &Problem) -> bool {
    let before = share.reported_problem.replace(problem.short.clone());
    before.as_ref() != Some(&problem.short)
}

fn host(link: &str) -> Option<String> {
    link.strip_prefix("https://").map(str::to_owned)
}
