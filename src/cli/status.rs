//! `spot-serve status`.

use super::{
    instance::ask,
    program::{async_runtime, user_paths},
    remote::NOTHING_SHARED,
};
use crate::{
    app::visible,
    console::{print, say},
    control::{ControlError, ControlReply, ControlRequest, in_terminals},
};

/// Says of each share whether its link works. The exit code is 1 if one doesn't, or if there is none.
pub fn run() -> anyhow::Result<i32> {
    let paths = user_paths()?;
    let answer = async_runtime()?.block_on(async {
        let mut client = ask(&paths, ControlRequest::List).await?;
        client.reply().await
    });
    let mut found = in_terminals::conditions(&paths.runtime);
    match answer {
        Ok(ControlReply::Shares(shares)) => {
            found.extend(shares.iter().map(in_terminals::Condition::of));
        }
        Ok(_) | Err(ControlError::NotRunning) => {}
        Err(error) => return Err(error.into()),
    }
    if found.is_empty() {
        say(NOTHING_SHARED);
        return Ok(1);
    }
    for share in &found {
        print(&visible(&format!("{}: {}", share.name, share.words)));
    }
    Ok(i32::from(!found.iter().all(|share| share.works)))
}
