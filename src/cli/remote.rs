//! Commands that the running program carries out: `pick`, `list`, `stop` and `quit`.

use std::time::Duration;

use anyhow::bail;

use super::{
    args::{JsonArgs, StopArgs},
    instance::{ask, ask_or_start},
    program::{async_runtime, user_paths},
    selector,
};
use crate::{
    app::{StateWord, Status, left_in_words, visible},
    console::{print, say},
    control::{ControlError, ControlReply, ControlRequest, ShareSelector},
    desktop::display,
    paths::Paths,
};

const NOTHING_SHARED: &str = "Nothing is shared.";

/// Opens the folder dialog.
///
/// `verbosity` is the number of `-v` options, for a tray app that is started.
pub fn pick(verbosity: u8) -> anyhow::Result<i32> {
    let paths = user_paths()?;
    async_runtime()?.block_on(async {
        match ask_or_start(
            &paths,
            ControlRequest::Pick,
            display::is_there(),
            || Ok(()),
            verbosity,
        )
        .await?
        {
            Some(mut client) => {
                client.reply().await?;
                Ok(0)
            }
            None => bail!(
                "Can't show a folder dialog: there is no desktop. Use `spot-serve share FOLDER`."
            ),
        }
    })
}

/// Prints what is shared.
pub fn list(args: &JsonArgs) -> anyhow::Result<i32> {
    let paths = user_paths()?;
    let answer = async_runtime()?.block_on(async {
        let mut client = ask(&paths, ControlRequest::List).await?;
        client.reply().await
    });
    let shares = match answer {
        Ok(ControlReply::Shares(shares)) => shares,
        Ok(_) => Vec::new(),
        Err(ControlError::NotRunning) if args.json => Vec::new(),
        Err(ControlError::NotRunning) => {
            say(&ControlError::NotRunning.to_string());
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    };
    if args.json {
        print(&serde_json::to_string_pretty(&shares)?);
        return Ok(0);
    }
    if shares.is_empty() {
        say(NOTHING_SHARED);
    }
    let names: Vec<String> = shares.iter().map(|share| visible(&share.name)).collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or(0);
    for (name, share) in names.iter().zip(&shares) {
        print(&format!("{name:width$}  {}", visible(&place(share))));
    }
    Ok(0)
}

/// The link, or why there is none, and what limits it.
fn place(share: &Status) -> String {
    let password = share.protected.then(|| "password".to_owned());
    let time = share.ends_in_s.map(Duration::from_secs);
    let limits = left_in_words(time, share.downloads_left);
    let words = [password, limits, share.under_way.in_words()];
    let words: Vec<String> = words.into_iter().flatten().collect();
    let place = link_or_state(share);
    if words.is_empty() {
        place
    } else {
        format!("{place} ({})", words.join(", "))
    }
}

fn link_or_state(share: &Status) -> String {
    match (&share.link, share.state) {
        (_, StateWord::Asking) => format!(
            "{} To share, run `spot-serve share --yes PATH`; not to share, `spot-serve stop PATH`.",
            share.status_text
        ),
        (Some(link), StateWord::Online) if share.reachable => match &share.problem {
            Some(problem) => format!("{link} ({problem})"),
            None => link.clone(),
        },
        (Some(link), _) => format!("{link} ({})", share.status_text),
        (None, _) => match &share.local_link {
            Some(local) => format!("{local} ({})", share.status_text),
            None => share.status_text.clone(),
        },
    }
}

/// Stops one share or all, and says which.
pub fn stop(args: &StopArgs) -> anyhow::Result<i32> {
    let paths = user_paths()?;
    async_runtime()?.block_on(async {
        let stop = async |which| ask_to_stop(&paths, which).await;
        let stopped = if args.all {
            stop(ShareSelector::All).await
        } else {
            selector::first_that_fits(args.share.as_deref(), stop).await
        };
        match stopped {
            Ok(names) if names.is_empty() => say(NOTHING_SHARED),
            Ok(names) => {
                for name in names {
                    say(&format!("Stopped sharing {name}."));
                }
            }
            // A program that is not running shares nothing.
            Err(error @ ControlError::NotRunning) if args.all => say(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(0)
    })
}

/// Returns the names of the shares that were stopped.
async fn ask_to_stop(paths: &Paths, which: ShareSelector) -> Result<Vec<String>, ControlError> {
    let mut client = ask(paths, ControlRequest::Stop(which)).await?;
    match client.reply().await? {
        ControlReply::Stopped(names) => Ok(names),
        _ => Ok(Vec::new()),
    }
}

/// Quits the running program and waits until it has ended.
pub fn quit() -> anyhow::Result<i32> {
    let paths = user_paths()?;
    async_runtime()?.block_on(async {
        match ask(&paths, ControlRequest::Quit).await {
            Ok(client) => {
                client.until_end().await;
                say("Spot Serve has quit.");
            }
            Err(error @ ControlError::NotRunning) => say(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(0)
    })
}
