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
    app::{StateWord, Status, left_in_words, speed, visible},
    console::{print, say},
    control::{ControlError, ControlReply, ControlRequest, ShareSelector},
    desktop::display,
    paths::Paths,
};

pub const NOTHING_SHARED: &str = "Nothing is shared.";

/// Opens the folder dialog, and waits until it is closed.
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
            None => bail!(display::NO_DIALOG),
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

/// The link or the local address, and in parentheses what is wrong with it and what limits it:
/// `http://127.0.0.1:8080/ (on this computer only: cloudflared is missing; password, 2 h left)`.
fn place(share: &Status) -> String {
    if share.state == StateWord::Asking {
        let why = share.why_it_asks();
        let command = share.command();
        return format!(
            "{why} Run `spot-serve {command} --yes PATH` to share it anyway, or `spot-serve stop PATH` not to."
        );
    }
    let password = share.protected.then(|| "password".to_owned());
    let time = share.ends_in_s.map(Duration::from_secs);
    let limits = left_in_words(time, share.downloads_left, share.deliveries_left);
    let uploads = (share.uploads && !share.inbox).then(|| "visitors may add files".to_owned());
    let received = share.received.in_words();
    let received = received.map(|received| format!("{received} received"));
    let incoming = share.receiving.in_words();
    let speed = share
        .limit
        .map(|limit| format!("at most {}", speed::in_words(limit)));
    let words = [
        password,
        limits,
        speed,
        uploads,
        received,
        incoming,
        share.under_way.in_words(),
    ];
    let words: Vec<String> = words.into_iter().flatten().collect();
    let state = match share.state {
        StateWord::Online if share.link.is_some() && share.reachable => share.problem.clone(),
        _ => Some(share.status_text.clone()),
    };
    let words = (!words.is_empty()).then(|| words.join(", "));
    let all = share.link.iter().chain(&share.network_links);
    let mut places = all.chain(&share.local_link);
    let first = places.next();
    // Whoever has a public link needs no address that works on this computer only.
    let others = share.network_links.iter().chain(&share.local_link);
    let others: Vec<&str> = others
        .filter(|place| Some(*place) != first)
        .filter(|place| share.link.is_none() || share.network_links.contains(place))
        .map(String::as_str)
        .collect();
    let also = (!others.is_empty()).then(|| format!("also at {}", others.join(" and ")));
    let words: Vec<String> = [state, words, also].into_iter().flatten().collect();
    let words = words.join("; ");
    match first {
        Some(link) if words.is_empty() => link.clone(),
        Some(link) => format!("{link} ({words})"),
        None => words,
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
            Err(error @ ControlError::NotRunning) if args.share.is_none() => {
                say(&error.to_string());
            }
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
