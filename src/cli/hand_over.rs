//! Handing a share to the tray app, and following it until its link works.

use std::ffi::OsString;

use anyhow::bail;

use super::{
    args::ShareArgs,
    consent,
    instance::{ask, ask_or_start},
    program::async_runtime,
};
use crate::{
    app::{StateWord, Target},
    control::{ControlClient, ControlReply, ControlRequest, ShareSelector},
    paths::Paths,
    terminal::{Host, Terminal},
};

/// Hands a share to the tray app, starting it if needed, and reports progress until the link
/// works. Returns the exit code, or `None` if there is no tray app and nothing would show one.
///
/// `verbosity` is the number of `-v` options, for a tray app that is started.
pub fn share(
    paths: &Paths,
    target: &Target,
    args: &ShareArgs,
    verbosity: u8,
) -> anyhow::Result<Option<i32>> {
    async_runtime()?.block_on(async {
        let named: Vec<OsString> = target.paths().map(OsString::from).collect();
        let request = match target {
            Target::Site(port) => ControlRequest::ShareSite(*port),
            Target::Folder(_) | Target::Files { .. } => ControlRequest::Share {
                paths: named.clone(),
                is_agreed: args.yes,
            },
        };
        // With --desktop the question appears on the desktop; no terminal would show it.
        let asks_here = !args.yes && !args.desktop;
        let before_start = || {
            if asks_here {
                consent::refuse_private(target, paths)
            } else {
                Ok(())
            }
        };
        let Some(client) =
            ask_or_start(paths, request, args.desktop, before_start, verbosity).await?
        else {
            return Ok(None);
        };
        let withdraw = asks_here.then_some((paths, ShareSelector::Asking(named)));
        Ok(Some(follow(client, withdraw, args.qr).await?))
    })
}

/// Reports the progress of a share until its link works or it has none, and returns the exit code.
///
/// With `withdraw`, a share that waits for consent is withdrawn, because consent has to be given on
/// the command line. With `None`, the desktop asks.
async fn follow(
    mut client: ControlClient,
    withdraw: Option<(&Paths, ShareSelector)>,
    with_qr_code: bool,
) -> anyhow::Result<i32> {
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
                // Don't hand out a link to something that isn't a website.
                if let (StateWord::Online, Some(problem)) = (share.state, &share.problem) {
                    terminal.say(&format!(
                        "{problem}\nIt is still shared. Run `spot-serve stop {}` to stop it.",
                        share.name
                    ));
                    return Ok(1);
                }
                // Don't hand out a link to files that are missing. A site may start later.
                if let (StateWord::Online, Some(link), true) = (
                    share.state,
                    &share.link,
                    share.reachable || share.port.is_some(),
                ) {
                    terminal.print_link(link);
                    return Ok(0);
                }
                if let (StateWord::LocalOnly, Some(problem)) = (share.state, &share.problem) {
                    terminal.say(&format!(
                        "{problem}\nRun `spot-serve list` to see whether it has a link by now."
                    ));
                    return Ok(3);
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
