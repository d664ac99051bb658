//! `spot-serve set`.

use std::time::Duration;

use super::{args::SetArgs, instance, program, selector, settings};
use crate::{
    app::{Changes, PasswordChange, Secret, Status, duration, visible},
    console,
    control::{ControlError, ControlReply, ControlRequest},
    paths::Paths,
};

/// Changes the settings of a share, and shows them.
pub fn run(args: &SetArgs) -> anyhow::Result<i32> {
    let changes = settings::changes(&args.settings)?;
    let paths = program::user_paths()?;
    let (share, password) = program::async_runtime()?.block_on(set(&paths, args, &changes))?;
    let was_chosen = matches!(changes.password, Some(PasswordChange::Set(_)));
    for line in lines(&share, password.as_ref(), was_chosen) {
        console::print(&visible(&line));
    }
    Ok(0)
}

async fn set(
    paths: &Paths,
    args: &SetArgs,
    changes: &Changes,
) -> Result<(Status, Option<Secret>), ControlError> {
    selector::first_that_fits(args.share.as_deref(), async |which| {
        let request = ControlRequest::Set(which, changes.clone());
        let mut client = instance::ask(paths, request).await?;
        match client.reply().await? {
            ControlReply::Settings(share, password) => Ok((share, password)),
            ControlReply::Gone(_) => Err(ControlError::ShareEnded),
            _ => Err(ControlError::Ended),
        }
    })
    .await
}

/// The settings of a share. A password that the user has just chosen is not shown.
fn lines(share: &Status, password: Option<&Secret>, was_chosen: bool) -> [String; 4] {
    let password = match password {
        _ if was_chosen => "changed",
        Some(password) => password.reveal(),
        None if share.protected => "required (can't be shown)",
        None => "none",
    };
    let time = match share.ends_in_s.map(Duration::from_secs) {
        Some(left) => format!("in {}", duration::in_words(left)),
        None => "never".into(),
    };
    let downloads = match share.downloads_left {
        Some(1) => "1 more".into(),
        Some(left) => format!("{left} more"),
        None => "unlimited".into(),
    };
    [
        share.name.clone(),
        format!("  password   {password}"),
        format!("  ends       {time}"),
        format!("  downloads  {downloads}"),
    ]
}
