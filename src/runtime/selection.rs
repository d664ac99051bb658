//! Which shares a command means.

use std::{ffi::OsStr, path::Path};

use crate::{
    app::{Phase, Share, State, Target},
    control::{ControlReply, ShareSelector},
    target,
};

/// The selected shares: all of them, or at most one. `alternative` says what else to do than to name
/// one of several.
///
/// # Errors
/// The reply that says why the selection names no share, or more than one.
pub fn select<'a>(
    which: &ShareSelector,
    alternative: &str,
    state: &'a State,
) -> Result<Vec<&'a Share>, Box<ControlReply>> {
    let shares: Vec<&Share> = match which {
        ShareSelector::All => return Ok(state.shares.iter().collect()),
        ShareSelector::Only if state.shares.len() > 1 => {
            return Err(Box::new(ControlReply::Refused(format!(
                "There are several shares. Name one of them{alternative}. Run `spot-serve list` to see them."
            ))));
        }
        ShareSelector::Only => state.shares.iter().collect(),
        ShareSelector::Named(name) => named(state, name),
        ShareSelector::Asking(paths) => state
            .shares
            .iter()
            .filter(|share| matches!(share.phase, Phase::Asking(_)))
            .filter(|share| share.target.paths().eq(paths.iter().map(Path::new)))
            .collect(),
    };
    match (&shares[..], which) {
        ([], ShareSelector::Named(name)) => Err(Box::new(ControlReply::NotShared(format!(
            "{} is not shared. Run `spot-serve list` to see your shares.",
            name.display()
        )))),
        ([] | [_], _) => Ok(shares),
        (several, _) => {
            let names: Vec<String> = several
                .iter()
                .map(|share| unambiguous_name(share, state))
                .collect();
            Err(Box::new(ControlReply::Refused(format!(
                "Several shares have that name. Name one of them by its path or link: {}",
                names.join(", ")
            ))))
        }
    }
}

/// The selected share.
///
/// # Errors
/// The reply that says why the selection doesn't name exactly one.
pub fn select_one<'a>(
    which: &ShareSelector,
    state: &'a State,
) -> Result<&'a Share, Box<ControlReply>> {
    match select(which, "", state)?[..] {
        [only] => Ok(only),
        _ => Err(Box::new(ControlReply::Refused("Nothing is shared.".into()))),
    }
}

/// The shares with this name, path or link. Shares of exactly this path come before shares of
/// several files that start with it, and the distinct name of a share before the name that it has
/// in common with others.
fn named<'a>(state: &'a State, name: &OsStr) -> Vec<&'a Share> {
    let is_only_this = |share: &&Share| {
        share.target.paths().eq([Path::new(name)]) || name == OsStr::new(&share.name())
    };
    // A folder may be shared, and receive files as another share.
    let only_this: Vec<&Share> = state.shares.iter().filter(is_only_this).collect();
    if !only_this.is_empty() {
        return only_this;
    }
    let all = state.shares.iter();
    all.filter(|share| is_named(share, name)).collect()
}

fn is_named(share: &Share, name: &OsStr) -> bool {
    let is_text = |text: &str| name == OsStr::new(text);
    // Browsers copy links with a trailing slash, and commands print them without.
    let is_link = |link: &str| {
        let name = name.to_str().unwrap_or_default();
        name.trim_end_matches('/') == link.trim_end_matches('/')
    };
    is_text(&share.target.name())
        || share.target.path().is_some_and(|path| path == name)
        || share.offered_link().is_some_and(is_link)
        || share.local_link().as_deref().is_some_and(is_link)
        || (share.network_place()).is_some_and(|it| it.links().iter().any(|link| is_link(link)))
        || matches!(share.target, Target::Site(port) if name.to_str().and_then(target::site) == Some(Ok(port)))
}

/// An unambiguous name for the share: its path if it has only one that is no other share's, else its
/// link.
fn unambiguous_name(share: &Share, state: &State) -> String {
    let is_same = |other: &&Share| other.target.paths().eq(share.target.paths());
    let is_alone = state.shares.iter().filter(is_same).count() == 1;
    let mut paths = share.target.paths();
    match (paths.next(), paths.next()) {
        (Some(only), None) if is_alone => only.display().to_string(),
        _ => share
            .offered_link()
            .map(str::to_owned)
            .or_else(|| share.local_link())
            .unwrap_or_else(|| share.name()),
    }
}
