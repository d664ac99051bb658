//! Linux: the dialog of the portal, of zenity or of kdialog. All may be missing.

use std::{
    env,
    ffi::{OsStr, OsString},
    io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::time::timeout;
use zbus::{Connection, Proxy};

use super::system_dialog;
use crate::{
    app::{PickResult, Purpose},
    desktop::display,
    process::child_lifetime,
};

/// What to do on a desktop without a dialog.
pub const ADVICE: &str = "Install xdg-desktop-portal with the backend for your desktop (such as xdg-desktop-portal-gtk), zenity or kdialog.";

const PORTAL: &str = "org.freedesktop.portal.Desktop";

/// The first version of the portal's interface that chooses folders.
const WITH_FOLDERS: u32 = 3;

/// The first version that opens the dialog at a folder.
const WITH_START: u32 = 4;

/// A portal that takes longer to start and answer counts as missing.
const PORTAL_LIMIT: Duration = Duration::from_secs(10);

/// A dialog that the desktop has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderDialog {
    Portal {
        /// It can be opened at a folder.
        opens_at_start: bool,
    },
    Zenity,
    Kdialog,
}

impl FolderDialog {
    /// The best dialog of this desktop.
    pub async fn find() -> Option<Self> {
        let portal = timeout(PORTAL_LIMIT, portal_version()).await;
        // The portal itself may be there, but nothing that shows its dialogs.
        let portal = portal.ok().and_then(Result::ok);
        let desktop = env::var_os("XDG_CURRENT_DESKTOP").unwrap_or_default();
        Self::choose(portal, &desktop, is_installed)
    }

    fn choose(
        portal: Option<u32>,
        desktop: &OsStr,
        is_installed: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        if portal.is_some_and(|version| version >= WITH_START) {
            return Some(Self::Portal {
                opens_at_start: true,
            });
        }
        let mut programs = [(Self::Zenity, "zenity"), (Self::Kdialog, "kdialog")];
        let desktop = desktop.to_string_lossy().to_lowercase();
        if desktop
            .split(':')
            .any(|name| ["kde", "lxqt"].contains(&name))
        {
            programs.reverse();
        }
        let program = programs.into_iter().find(|(_, name)| is_installed(name));
        let old_portal = portal.filter(|&version| version >= WITH_FOLDERS);
        program.map(|(dialog, _)| dialog).or_else(|| {
            old_portal.map(|_| Self::Portal {
                opens_at_start: false,
            })
        })
    }
}

/// Shows the available dialog, opened at `start`, and waits for the user; without one, says what
/// to install. Dropping the future closes zenity and kdialog.
pub async fn pick(purpose: Purpose, start: Option<&Path>) -> PickResult {
    if !display::is_there() {
        return PickResult::Failed(display::NO_DIALOG.into());
    }
    let instead = match purpose {
        Purpose::Share => "spot-serve share FOLDER",
        Purpose::ShareFiles => "spot-serve share FILE...",
        Purpose::Receive => "spot-serve receive FOLDER",
    };
    let what = match purpose {
        Purpose::Share | Purpose::Receive => "folder",
        Purpose::ShareFiles => "file",
    };
    let (name, arguments, files): (_, _, fn(&[u8]) -> _) = match FolderDialog::find().await {
        Some(FolderDialog::Portal { .. }) => {
            return system_dialog::pick(purpose, start).await;
        }
        Some(FolderDialog::Zenity) => ("zenity", zenity_arguments(purpose, start), by_zenity),
        Some(FolderDialog::Kdialog) => ("kdialog", kdialog_arguments(purpose, start), by_kdialog),
        None => {
            let why =
                format!("Your desktop has no {what} dialog. {ADVICE} Until then, run `{instead}`.");
            tracing::warn!("{why}");
            return PickResult::Failed(why);
        }
    };
    pick_with(name, &arguments, purpose, files).await.unwrap_or_else(|error| {
        PickResult::Failed(format!(
            "Couldn't start {name}, which shows the {what} dialog: {error}. Reinstall {name}, or run `{instead}`."
        ))
    })
}

/// Between the files that zenity names. No path has an empty name in it.
const SEPARATOR: &str = "//\n//";

fn zenity_arguments(purpose: Purpose, start: Option<&Path>) -> Vec<OsString> {
    let title = system_dialog::title(purpose);
    let what = match purpose {
        Purpose::Share | Purpose::Receive => &["--directory"][..],
        Purpose::ShareFiles => &["--multiple", "--separator", SEPARATOR],
    };
    let arguments = [&["--file-selection", "--title", title], what].concat();
    let mut arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    if let Some(start) = start {
        // The trailing slash opens the folder instead of selecting it.
        arguments.extend(["--filename".into(), start.join("").into()]);
    }
    arguments
}

fn kdialog_arguments(purpose: Purpose, start: Option<&Path>) -> Vec<OsString> {
    let title = system_dialog::title(purpose);
    let what = match purpose {
        Purpose::Share | Purpose::Receive => &["--getexistingdirectory"][..],
        Purpose::ShareFiles => &["--multiple", "--separate-output", "--getopenfilename"],
    };
    let arguments = [&["--title", title], what].concat();
    let mut arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    arguments.extend(start.map(Into::into));
    arguments
}

/// What was chosen can't be told from something else.
const UNCLEAR: &str = "Couldn't tell which files you have chosen, because the name of a folder has a line break. Rename the folder, or run `spot-serve share FILE...`.";

/// Shows the dialog of a program that prints what was chosen. rfd could start zenity as well, but
/// then the dialog would outlive this program.
async fn pick_with(
    program: &str,
    arguments: &[OsString],
    purpose: Purpose,
    files: fn(&[u8]) -> Option<Vec<PathBuf>>,
) -> io::Result<PickResult> {
    let mut command = child_lifetime::command(Path::new(program))?;
    command.args(arguments);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().await?;
    let chosen = output.stdout.strip_suffix(b"\n").unwrap_or(&output.stdout);
    Ok(match purpose {
        _ if !output.status.success() || chosen.is_empty() => PickResult::Cancelled,
        Purpose::Share | Purpose::Receive => PickResult::Chosen(OsStr::from_bytes(chosen).into()),
        Purpose::ShareFiles => match files(chosen) {
            Some(files) => PickResult::ChosenFiles(files),
            None => PickResult::Failed(UNCLEAR.into()),
        },
    })
}

/// The files that zenity names.
fn by_zenity(chosen: &[u8]) -> Option<Vec<PathBuf>> {
    let separator = SEPARATOR.as_bytes();
    let mut rest = chosen;
    let mut files = Vec::new();
    while let Some(end) = (rest.windows(separator.len())).position(|part| part == separator) {
        files.push(&rest[..end]);
        rest = &rest[end + separator.len()..];
    }
    files.push(rest);
    Some(paths(&files))
}

/// The files that kdialog names, each on a line of its own. A name may have a line break, but all are in
/// one folder. `None` if they can't be told apart: it could be another file than the user has chosen.
fn by_kdialog(chosen: &[u8]) -> Option<Vec<PathBuf>> {
    let mut files: Vec<Vec<u8>> = Vec::new();
    for line in chosen.split(|byte| *byte == b'\n') {
        match files.last_mut() {
            Some(file) if !line.starts_with(b"/") => {
                file.push(b'\n');
                file.extend_from_slice(line);
            }
            _ => files.push(line.to_vec()),
        }
    }
    let files = paths(&files);
    let folder = files.first()?.parent();
    let are_together = files.iter().all(|file| file.parent() == folder);
    // A folder on the way has a name with a line break.
    let is_one = files.len() > 1 && Path::new(OsStr::from_bytes(chosen)).exists();
    (are_together && !is_one).then_some(files)
}

fn paths(files: &[impl AsRef<[u8]>]) -> Vec<PathBuf> {
    let files = files.iter().map(|file| OsStr::from_bytes(file.as_ref()));
    files.map(PathBuf::from).collect()
}

fn is_installed(program: &str) -> bool {
    env::var_os("PATH")
        .iter()
        .flat_map(env::split_paths)
        .any(|dir| dir.join(program).is_file())
}

/// The version of the portal's dialogs. The bus starts the portal if it can.
async fn portal_version() -> zbus::Result<u32> {
    const PATH: &str = "/org/freedesktop/portal/desktop";
    const DIALOGS: &str = "org.freedesktop.portal.FileChooser";
    let bus = Connection::session().await?;
    Proxy::new(&bus, PORTAL, PATH, DIALOGS)
        .await?
        .get_property("version")
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choose(portal: Option<u32>, desktop: &str, installed: &[&str]) -> Option<FolderDialog> {
        FolderDialog::choose(portal, desktop.as_ref(), |name| installed.contains(&name))
    }

    #[test]
    fn a_dialog_that_opens_at_the_right_folder_comes_first() {
        let both = ["zenity", "kdialog"];
        let portal = |opens_at_start| Some(FolderDialog::Portal { opens_at_start });
        assert_eq!(choose(Some(4), "LXQt", &both), portal(true));
        assert_eq!(choose(Some(3), "XFCE", &both), Some(FolderDialog::Zenity));
        assert_eq!(choose(Some(3), "KDE", &both), Some(FolderDialog::Kdialog));
        assert_eq!(choose(Some(3), "KDE", &[]), portal(false));
    }

    #[test]
    fn a_portal_without_folder_dialogs_is_none() {
        assert_eq!(
            choose(None, "LXQt", &["zenity"]),
            Some(FolderDialog::Zenity)
        );
        assert_eq!(choose(None, "sway", &[]), None);
        assert_eq!(choose(Some(2), "sway", &[]), None);
    }

    #[test]
    fn dialogs_of_programs_have_a_title_and_open_at_the_folder() {
        let start = Some(Path::new("/home/eva"));
        assert_eq!(
            zenity_arguments(Purpose::Share, start)[2..],
            [
                "Share a folder with Spot Serve",
                "--directory",
                "--filename",
                "/home/eva/"
            ]
        );
        assert_eq!(
            kdialog_arguments(Purpose::Share, start),
            [
                "--title",
                "Share a folder with Spot Serve",
                "--getexistingdirectory",
                "/home/eva"
            ]
        );
    }

    #[test]
    fn files_with_odd_names_are_told_apart() {
        let files = ["/home/a/one|two.txt", "/home/a/three\nfour", "/home/a/\n"];
        let expected = files.map(PathBuf::from).to_vec();
        let by_lines = by_kdialog(files.join("\n").as_bytes());
        assert_eq!(by_lines.as_ref(), Some(&expected));
        let separated = by_zenity(files.join(SEPARATOR).as_bytes());
        assert_eq!(separated, Some(expected));
        let one = Some(vec![PathBuf::from("/one")]);
        assert_eq!(
            (by_kdialog(b"/one"), by_zenity(b"/one")),
            (one.clone(), one)
        );
        // A file in a folder whose name ends with a line break.
        let odd = b"/home/a/x\n/etc/passwd";
        assert_eq!(by_kdialog(odd), None);
        let whole = PathBuf::from(OsStr::from_bytes(odd));
        assert_eq!(by_zenity(odd), Some(vec![whole]));
    }
}
