//! Handing a share to the tray app, and following it until its link works.

use std::ffi::OsString;

use anyhow::bail;

use super::{
    consent,
    instance::{ask, ask_or_start},
    program::async_runtime,
    settings,
};
use crate::{
    app::{Changes, StateWord, Target},
    console,
    control::{ControlClient, ControlReply, ControlRequest, ShareSelector},
    paths::Paths,
    runtime::asked_to_end,
    terminal::{Host, Terminal},
};

/// How a share is handed over.
#[derive(Debug, Clone, Copy)]
pub struct HandOver {
    /// The user agreed to share private files.
    pub is_agreed: bool,
    /// Questions and reports appear on the desktop.
    pub on_desktop: bool,
    /// Draw the QR code of the link.
    pub with_qr_code: bool,
}

/// Hands a share to the tray app, starting it if needed, and reports progress until the link
/// works. Returns the exit code, or `None` if there is no tray app and nothing would show one.
///
/// `verbosity` is the number of `-v` options, for a tray app that is started.
pub fn share(
    paths: &Paths,
    target: &Target,
    changes: &Changes,
    how: HandOver,
    verbosity: u8,
) -> anyhow::Result<Option<i32>> {
    async_runtime()?.block_on(async {
        let handed_over = hand_over(paths, target, changes, how, verbosity);
        if target.spooled().is_none() {
            return handed_over.await;
        }
        // Signals were listened to while standard input was read, and no longer end the program.
        tokio::select! {
            code = handed_over => code,
            asked = asked_to_end() => {
                asked?;
                console::say("Spot Serve goes on sharing it. Run `spot-serve stop` to stop it.");
                Ok(Some(1))
            }
        }
    })
}

async fn hand_over(
    paths: &Paths,
    target: &Target,
    changes: &Changes,
    how: HandOver,
    verbosity: u8,
) -> anyhow::Result<Option<i32>> {
    let named: Vec<OsString> = target.paths().map(OsString::from).collect();
    let request = match target {
        Target::Site(port) => ControlRequest::ShareSite {
            port: *port,
            changes: changes.clone(),
        },
        Target::Folder(_) | Target::Files { .. } => ControlRequest::Share {
            paths: named.clone(),
            is_agreed: how.is_agreed,
            changes: changes.clone(),
        },
        Target::Spooled(file) | Target::Text(file) => ControlRequest::ShareSpooled {
            file: file.into(),
            is_text: matches!(target, Target::Text(_)),
            is_agreed: how.is_agreed,
            changes: changes.clone(),
        },
        Target::Inbox(folder) => ControlRequest::Receive {
            folder: folder.into(),
            is_agreed: how.is_agreed,
            changes: changes.clone(),
        },
    };
    // With --desktop the question appears on the desktop; no terminal would show it.
    let asks_here = !how.is_agreed && !how.on_desktop;
    let before_start = || {
        if asks_here {
            consent::refuse_private(target, changes, paths)
        } else {
            Ok(())
        }
    };
    let Some(client) =
        ask_or_start(paths, request, how.on_desktop, before_start, verbosity).await?
    else {
        return Ok(None);
    };
    let withdraw = asks_here.then_some((paths, ShareSelector::Asking(named)));
    let followed = follow(client, withdraw, how.with_qr_code).await?;
    Ok(Some(match followed {
        Followed::Online(terminal, link) => {
            tell_password(paths, &link, changes).await;
            terminal.print_link(&link);
            0
        }
        Followed::Ended(code) => code,
    }))
}

/// What became of a share.
enum Followed {
    /// Its link works, and is to be shown on the terminal.
    Online(Terminal, String),
    /// There is no link to hand out; the exit code says why.
    Ended(i32),
}

/// Says which password visitors of the link need.
async fn tell_password(paths: &Paths, link: &str, changes: &Changes) {
    let which = ShareSelector::Named(link.into());
    let request = ControlRequest::Set(which, Changes::default());
    // Ignore failures: the share may have been stopped in the meantime.
    if let Ok(mut client) = ask(paths, request).await
        && let Ok(ControlReply::Settings(_, password)) = client.reply().await
    {
        settings::tell_password(password.as_ref(), changes);
    }
}

/// Reports the progress of a share until its link works or it has none.
///
/// With `withdraw`, a share that waits for consent is withdrawn, because consent has to be given on
/// the command line. With `None`, the desktop asks.
async fn follow(
    mut client: ControlClient,
    withdraw: Option<(&Paths, ShareSelector)>,
    with_qr_code: bool,
) -> anyhow::Result<Followed> {
    let mut terminal = Terminal::new(Host::Tray, with_qr_code);
    let mut is_first = true;
    loop {
        match client.reply().await? {
            ControlReply::Share(share) => {
                if let (StateWord::Asking, Some((paths, which))) = (share.state, &withdraw) {
                    // If it was already waiting, somebody else is to answer that question.
                    if !is_first {
                        stop_asking(paths, which).await;
                    }
                    return Err(consent::needs_yes(&share.problem.unwrap_or_default()));
                }
                is_first = false;
                terminal.tell(&share);
                // What it says of photos belongs to the link, and comes soon.
                if share.has_places.is_none() {
                    continue;
                }
                // Don't hand out a link to something that isn't a website.
                if let (StateWord::Online, Some(problem)) = (share.state, &share.problem) {
                    terminal.say(&format!(
                        "{problem}\nIt is still shared. Run `spot-serve stop {}` to stop it.",
                        share.name
                    ));
                    return Ok(Followed::Ended(1));
                }
                // Don't hand out a link to files that are missing. A site may start later.
                if let (StateWord::Online, Some(link), true) = (
                    share.state,
                    &share.link,
                    share.reachable || share.port.is_some(),
                ) {
                    return Ok(Followed::Online(terminal, link.clone()));
                }
                // It is about to be open there, or to say why not.
                let is_opening =
                    share.lan && share.network_links.is_empty() && share.network_problem.is_none();
                if let (StateWord::LocalOnly, Some(problem), false) =
                    (share.state, &share.problem, is_opening)
                {
                    // Some problems say it themselves.
                    let keeps_trying = "Spot Serve keeps trying.";
                    let said = if problem.contains(keeps_trying) {
                        String::new()
                    } else {
                        format!("{keeps_trying} ")
                    };
                    terminal.say(&format!(
                        "{problem}\n{said}Run `spot-serve list` later to see whether there is a link."
                    ));
                    // It works for people in the same network.
                    if let Some(link) = share.network_links.first() {
                        terminal.print_link(link);
                    }
                    return Ok(Followed::Ended(3));
                }
            }
            ControlReply::Gone(Some(sentence)) => bail!(sentence),
            ControlReply::Gone(None) => bail!("Sharing was stopped before the link worked."),
            _ => {}
        }
    }
}

/// Withdraws a share that waits for consent.
async fn stop_asking(paths: &Paths, which: &ShareSelector) {
    // Ignore failures: it may be gone, or confirmed in the tray in the meantime.
    if let Ok(mut client) = ask(paths, ControlRequest::Stop(which.clone())).await {
        let _ = client.reply().await;
    }
}
