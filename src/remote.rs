//! Commands that the running program carries out.

use std::{ffi::OsString, path::Path};

use anyhow::bail;
use spot_serve::{
    app::{StateWord, Status, Target, visible},
    cli::{Json, Stop},
    console::{print, say},
    control::{Answer, CallError, Caller, Request, Which, launch},
    desktop::tray_host,
    paths::{self, Paths},
    terminal::{Terminal, Whose},
};

/// Hands a share to the running program, and to a new one where there is none and a tray can be
/// shown; then says how it goes until its link works. `None`: there is nobody to hand it to.
///
/// `from_desktop`: no terminal shows what is said here, so the desktop has to.
pub fn share(paths: &Paths, target: &Target, from_desktop: bool) -> anyhow::Result<Option<i32>> {
    crate::async_runtime()?.block_on(async {
        let socket = paths.socket_file();
        let request = match target {
            Target::Folder(path) => Request::Share {
                paths: vec![path.into()],
                is_agreed: !from_desktop,
            },
            Target::Files { first, others } => Request::Share {
                paths: std::iter::once(first)
                    .chain(others)
                    .map(OsString::from)
                    .collect(),
                is_agreed: !from_desktop,
            },
            Target::Site(port) => Request::ShareSite(*port),
        };
        match ask_or_start(&socket, request, from_desktop).await? {
            Some(caller) => Ok(Some(follow(caller).await?)),
            None => Ok(None),
        }
    })
}

/// Opens the folder dialog of the running program.
pub fn pick(paths: &Paths) -> anyhow::Result<i32> {
    crate::async_runtime()?.block_on(async {
        match ask_or_start(&paths.socket_file(), Request::Pick, has_display()).await? {
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
        let mut caller = Caller::ask(&paths.socket_file(), Request::List).await?;
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
    let which = match (&wanted.which, wanted.all) {
        (_, true) => Which::All,
        (None, false) => Which::Only,
        // A path as the file system has it; anything else is a name.
        (Some(named), false) => match paths::real(Path::new(named)) {
            Ok(path) => Which::Named(path.into()),
            Err(_) => Which::Named(named.clone()),
        },
    };
    crate::async_runtime()?.block_on(async {
        let socket = paths.socket_file();
        let asked = ask_to_stop(&socket, which).await;
        // What is a path here may be meant as a name.
        match (asked, &wanted.which) {
            (Err(CallError::Refused(_)), Some(named)) if Path::new(named).exists() => {
                ask_to_stop(&socket, Which::Named(named.clone())).await?;
            }
            (asked, _) => asked?,
        }
        Ok(0)
    })
}

async fn ask_to_stop(socket: &Path, which: Which) -> Result<(), CallError> {
    let is_all = which == Which::All;
    match Caller::ask(socket, Request::Stop(which)).await {
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
        match Caller::ask(&paths.socket_file(), Request::Quit).await {
            Ok(caller) => caller.until_end().await,
            Err(error @ CallError::NotRunning) => say(&error.to_string()),
            Err(error) => return Err(error.into()),
        }
        Ok(0)
    })
}

/// Asks the running program; starts it first where it does not run and a tray can be shown, or
/// all the same.
async fn ask_or_start(
    socket: &Path,
    request: Request,
    without_tray_too: bool,
) -> anyhow::Result<Option<Caller>> {
    match Caller::ask(socket, request.clone()).await {
        Ok(caller) => return Ok(Some(caller)),
        Err(CallError::NotRunning) => {}
        Err(error) => return Err(error.into()),
    }
    if !without_tray_too && !tray_host::is_there().await {
        return Ok(None);
    }
    launch::tray_program()?;
    Ok(Some(Caller::ask_soon(socket, request).await?))
}

/// Whether a dialog could be shown. Windows and macOS always have a display.
fn has_display() -> bool {
    cfg!(not(target_os = "linux"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some())
}

/// Says how the share goes, until its link works or there is none.
async fn follow(mut caller: Caller) -> anyhow::Result<i32> {
    let mut terminal = Terminal::of(Whose::Tray);
    loop {
        match caller.answer().await? {
            Answer::Share(share) => {
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
