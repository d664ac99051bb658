//! `spot-serve qr`.

use std::{
    fs,
    io::{self, IsTerminal, Write},
    path::Path,
};

use anyhow::{Context, bail};

use super::{args::QrArgs, instance, program, selector};
use crate::{
    app::{StateWord, Status, visible},
    console,
    control::{ControlError, ControlReply, ControlRequest},
    paths::Paths,
    qr::{self, Code},
};

/// Stands for standard output in place of a file.
const STANDARD_OUTPUT: &str = "-";

/// Draws the QR code of a share's link, or writes pictures of it.
pub fn run(args: &QrArgs) -> anyhow::Result<i32> {
    let paths = program::user_paths()?;
    let share = program::async_runtime()?.block_on(find(&paths, args))?;
    // Without a public link, the one that works in the same network.
    let link = share.link.as_ref().or(share.network_links.first());
    let link = link.with_context(|| no_link(&share))?;
    let code = Code::of(link)?;
    if args.svg.is_none() && args.png.is_none() {
        console::draw_qr_code(&code, console::Stream::Out);
    }
    if let Some(file) = &args.svg {
        write(file, qr::svg(&code).as_bytes())?;
    }
    if let Some(file) = &args.png {
        if file == Path::new(STANDARD_OUTPUT) && io::stdout().is_terminal() {
            bail!("A PNG picture can't be shown in a terminal. Use `--png FILE`.");
        }
        write(file, &qr::png(&code)?)?;
    }
    Ok(0)
}

async fn find(paths: &Paths, args: &QrArgs) -> Result<Status, ControlError> {
    selector::first_that_fits(args.share.as_deref(), async |which| {
        let mut client = instance::ask(paths, ControlRequest::Show(which)).await?;
        match client.reply().await? {
            ControlReply::Share(share) => Ok(share),
            _ => Err(ControlError::Ended),
        }
    })
    .await
}

fn no_link(share: &Status) -> String {
    let name = visible(&share.name);
    match (&share.problem, share.state) {
        (_, StateWord::Asking) => {
            let why = share.why_it_asks();
            let command = share.command();
            format!(
                "{name} isn't shared yet, because it {why} Run `spot-serve {command} --yes PATH` first."
            )
        }
        (Some(problem), _) => format!("{name}: {problem}"),
        (None, _) => format!("{name} has no public link yet: {}", share.status_text),
    }
}

fn write(file: &Path, picture: &[u8]) -> anyhow::Result<()> {
    if file == Path::new(STANDARD_OUTPUT) {
        let mut out = io::stdout().lock();
        return out
            .write_all(picture)
            .and_then(|()| out.flush())
            .context("Can't write to standard output");
    }
    fs::write(file, picture).with_context(|| format!("Can't write {}", file.display()))
}
