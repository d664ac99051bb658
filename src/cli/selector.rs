//! What a command names a share by: a path, a name, a port or a link.

use std::{
    ffi::{OsStr, OsString},
    path::Path,
};

use crate::{
    control::{ControlError, ShareSelector},
    paths,
};

/// Asks about the share with this name; without a name, about the only share.
///
/// The name is tried as a path first, as it would be chosen and as the file system has it, then as a
/// name, port or link.
pub async fn first_that_fits<T>(
    name: Option<&OsStr>,
    ask: impl AsyncFn(ShareSelector) -> Result<T, ControlError>,
) -> Result<T, ControlError> {
    let Some(name) = name else {
        return ask(ShareSelector::Only).await;
    };
    let path = Path::new(name);
    let forms = [paths::as_chosen(path), paths::real_or_gone(path)];
    for path in forms.into_iter().flatten() {
        match ask(ShareSelector::Named(path.into())).await {
            Err(ControlError::NotShared(_)) => {}
            answer => return answer,
        }
    }
    ask(ShareSelector::Named(OsString::from(name))).await
}
