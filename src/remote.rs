//! Commands that the running program carries out.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use anyhow::bail;
use spot_serve::{
    app::{StateWord, Status, Target, visible},
    cli::{Json, Share, Stop},
    console::{print, say},
    control::{Answer, CallError, Caller, Request, Which, launch},
    desktop::tray_host,
    paths::{self, Paths},
    terminal::{Terminal, Whose},
};

/// Hands a share to the running program, and to a new one where there is none and a tray can be
/// shown; then says how it goes until its link works. `None`: there is nobody to hand it to.
pub fn share(paths: &Paths, target: &Target, wanted: &Share) -> anyhow::Result<Option<i32>> {
    crate::async_runtime()?.block_on(async {
        let named: Vec<OsString> = target.paths().map(OsString::from).collect();
        let request = match target {
            Target::Site(port) => Request::ShareSite(*port),
            Target::Folder(_) | Target::Files { .. } => Request::Share {
                paths: named.clone(),
                is_agreed: wanted.yes,
            },
        };
        // What is asked by the desktop is answered there, and no terminal shows what is said here.
        let asks_here = !wanted.yes && !wanted.desktop;
        let before_start = || match asks_here {
            true => crate::refuse_private(target, paths),
            false => Ok(()),
        };
        let asked = ask_or_start(paths, request, wanted.desktop, before_start).await?;
        let Some(caller) = asked else {
            return Ok(None);
        };
        let take_back = asks_here.then_some((paths, Which::Asking(named)));
        Ok(Some(follow(caller, take_back).await?))
    })
}

/// Opens the folder dialog of the running program.
pub fn pick(paths: &Paths) -> anyhow::Result<i32> {
    crate::async_runtime()?.block_on(async {
        match ask_or_start(paths, Request::Pick, has_display(), || Ok(())).await? {
            Some(mut caller) => {
                caller.answer().await?;
                Ok(0)
            }
            None => bail!(
                "There is no desktop here that could show a folder dialog. Use spot-serve share FOLDER."
            ),
        }
    })
}

pub fn list(paths: &Paths, wanted: &Json) -> anyhow::Result<i32> {
    let asked = crate::async_runtime()?.block_on(async {
        let mut caller = ask(paths, Request::List).await?;
        caller.answer().await
    });
    let shares = match asked {
        Ok(Answer::Shares(shares)) => shares,
        Ok(_) => Vec::new(),
        Err(CallError::NotRunning) if wanted.json => Vec::new(),
        Err(CallError::NotRunning) => {
            say(&CallError::NotRunning.to_string());
            return Ok(0);
        }
        Err(error) => return Err(error.into()),
    };
    if wanted.json {
        print(&serde_json::to_string_pretty(&shares)?);
        return Ok(0);
    }
    if shares.is_empty() {
        say("Nothing is shared.");
    }
    let widest = shares
        .iter()
        .map(|share| visible(&share.name).chars().count());
    let width = widest.max().unwrap_or(0);
    for share in &shares {
        let name = visible(&share.name);
        print(&format!("{name:width$}  {}", place(share)));
    }
    Ok(0)
}

/// The link where there is one, else why there is none.
fn place(share: &Status) -> String {
    match (&share.link, share.state) {
        (Some(link), StateWord::Online) if share.answers => link.clone(),
        (Some(link), _) => format!("{link} ({})", share.words),
        (None, _) => match &share.local {
            Some(local) => format!("{local} ({})", share.words),
            None => share.words.clone(),
        },
    }
}

pub fn stop(paths: &Paths, wanted: &Stop) -> anyhow::Result<i32> {
    crate::async_runtime()?.block_on(async {
        match (&wanted.which, wanted.all) {
            (_, true) => ask_to_stop(paths, Which::All).await?,
            (None, false) => ask_to_stop(paths, Which::Only).await?,
            (Some(named), false) => stop_named(paths, named).await?,
        }
        Ok(0)
    })
}

/// A path is asked for as the file system has it; what is none of those that are shared may be
/// meant as a name, a port or a link.
async fn stop_named(paths: &Paths, named: &OsStr) -> Result<(), CallError> {
    if let Ok(path) = paths::real_or_gone(Path::new(named)) {
        match ask_to_stop(paths, Which::Named(path.into())).await {
            Err(CallError::NotShared(_)) => {}
            done => return done,
        }
    }
    ask_to_stop(paths, Which::Named(named.to_owned())).await
}

/// Takes back a share that waits for a yes.
async fn stop_asking(paths: &Paths, which: &Which) {
    // It may be gone by now, or have had its yes in the tray: either is as good.
    if let Ok(mut caller) = ask(paths, Request::Stop(which.clone())).await {
        let _ = caller.answer().await;
    }
}

async fn ask_to_stop(paths: &Paths, which: Which) -> Result<(), CallError> {
    let is_all = which == Which::All;
    match ask(paths, Request::Stop(which)).await {
        Ok(mut caller) => caller.answer().await.map(drop),
        // What does not run shares nothing.
        Err(error @ CallError::NotRunning) if is_all => {
            say(&error.to_string());
            Ok(())
        }
        Err(error) => Err(error),
    }
}

pub fn quit(paths: &Paths) -> anyhow::Result<i32> {
    crate::async_runtime()?.block_on(async {
        match ask(paths, Request::Quit).await {
            Ok(caller) => caller.until_end().await,
            Err(error @ CallError::NotRunning) => say(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(0)
    })
}

async fn ask(paths: &Paths, request: Request) -> Result<Caller, CallError> {
    Caller::ask_the_one(&paths.socket_file(), &paths.lock_file(), request).await
}

/// Asks the running program; starts it first where it does not run and a tray can be shown, or
/// all the same, unless `before_start` says no.
async fn ask_or_start(
    paths: &Paths,
    request: Request,
    without_tray_too: bool,
    before_start: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Option<Caller>> {
    match ask(paths, request.clone()).await {
        Ok(caller) => return Ok(Some(caller)),
        Err(CallError::NotRunning) => {}
        Err(error) => return Err(error.into()),
    }
    if !without_tray_too && !tray_host::is_there().await {
        return Ok(None);
    }
    before_start()?;
    launch::tray_program()?;
    Ok(Some(Caller::ask_soon(&paths.socket_file(), request).await?))
}

/// Whether a dialog could be shown. Windows and macOS always have a display.
fn has_display() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some())
}

/// Says how the share goes, until its link works or there is none.
///
/// `take_back`: where a share that waits for a yes is taken back, since the yes belongs on the
/// command line. `None` leaves the question to the desktop.
async fn follow(mut caller: Caller, take_back: Option<(&Paths, Which)>) -> anyhow::Result<i32> {
    let mut terminal = Terminal::of(Whose::Tray);
    let mut is_news = false;
    loop {
        match caller.answer().await? {
            Answer::Share(share) => {
                if let (StateWord::Asking, Some((paths, which))) = (share.state, &take_back) {
                    // What waited before this command came is for whoever asked for it.
                    if is_news {
                        stop_asking(paths, which).await;
                    }
                    return Err(crate::say_yes(&share.problem.unwrap_or_default()));
                }
                is_news = true;
                terminal.tell(&share);
                // A link that leads to nothing is not given away.
                if let (StateWord::Online, Some(link), true) = (
                    share.state,
                    &share.link,
                    share.answers || share.port.is_some(),
                ) {
                    terminal.print_link(link);
                    return Ok(0);
                }
                if let (StateWord::LocalOnly, Some(problem)) = (share.state, &share.problem) {
                    terminal.say(&format!(
                        "{problem}\nSpot Serve goes on trying; its tray icon and spot-serve list show how it stands."
                    ));
                    return Ok(3);
                }
            }
            Answer::Gone(Some(sentence)) => bail!(sentence),
            Answer::Gone(None) => bail!("It was stopped before its link worked."),
            _ => {}
        }
    }
}
