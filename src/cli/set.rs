//! `spot-serve set`.

use std::time::Duration;

use super::{args::SetArgs, instance, program, selector, settings};
use crate::{
    app::{
        Changes, OTHERS_COULD_LISTEN, PasswordChange, Secret, Status, duration, size, speed,
        visible,
    },
    console,
    control::{ControlError, ControlReply, ControlRequest},
    paths::Paths,
};

/// Changes the settings of a share, and shows them.
pub fn run(args: &SetArgs) -> anyhow::Result<i32> {
    let changes = Changes {
        downloads: args.downloads.downloads,
        deliveries: args.deliveries.deliveries,
        uploads: args.uploads.wanted(),
        hidden: args.hidden.wanted(),
        cors: args.cors.wanted(),
        places: args.places.wanted(),
        lan: args.lan.wanted(),
        max_size: args.receiving.max_size,
        message: args.receiving.message.clone(),
        ..Changes::default()
    };
    let changes = settings::with_access(changes, &args.access)?;
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
fn lines(share: &Status, password: Option<&Secret>, was_chosen: bool) -> Vec<String> {
    let password = match password {
        _ if was_chosen => "the one you just chose",
        Some(password) => password.reveal(),
        None if share.protected => "required (can't be shown)",
        None => "none",
    };
    let time = match share.ends_in_s.map(Duration::from_secs) {
        Some(left) => format!("in {}", duration::in_words(left)),
        None => "never".into(),
    };
    let count = |left: Option<u32>| match left {
        Some(left) => format!("{left} more"),
        None => "unlimited".into(),
    };
    let mut lines = vec![
        share.name.clone(),
        format!("  password    {password}"),
        format!("  ends        {time}"),
    ];
    let limit = share.limit.map_or("unlimited".into(), speed::in_words);
    lines.push(format!("  speed       {limit}"));
    if share.inbox {
        lines.push(format!("  deliveries  {}", count(share.deliveries_left)));
    } else {
        lines.push(format!("  downloads   {}", count(share.downloads_left)));
        let uploads = if share.uploads { "yes" } else { "no" };
        lines.push(format!("  uploads     {uploads}"));
        let hidden = if share.hidden { "shown" } else { "not shown" };
        lines.push(format!("  hidden      {hidden}"));
        if share.cors {
            lines.push("  cors        scripts of other websites may read it".into());
        }
    }
    if share.show_places || share.has_places == Some(true) {
        let shown = if share.show_places {
            "shown"
        } else {
            "in the photos, not shown"
        };
        lines.push(format!("  places      {shown}"));
    }
    if share.port.is_none() {
        let network = match (share.network_links.first(), &share.network_problem) {
            (Some(link), _) => link,
            (None, Some(problem)) => problem,
            (None, None) if share.lan => "opening…",
            (None, None) => "no",
        };
        lines.push(format!("  network     {network}"));
        if share.protected && !share.network_links.is_empty() {
            lines.push(format!("              {OTHERS_COULD_LISTEN}"));
        }
    }
    if share.uploads {
        let max = share.max_size.map_or("unlimited".into(), size::in_words);
        let received = share.received.in_words();
        let received = received.unwrap_or_else(|| "nothing yet".into());
        lines.push(format!("  max         {max}"));
        lines.push(format!("  received    {received}"));
        if !share.message.is_empty() {
            lines.push(format!("  message     {}", share.message));
        }
    }
    lines
}
