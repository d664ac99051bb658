//! Folders that visitors make before anything is in them.

use std::{net::IpAddr, sync::Arc};

use super::{
    error::ReceiveError,
    made_folders::FolderMade,
    names::is_harmless,
    place::Destination,
    shared::{Shared, off_thread},
};
use crate::{
    hidden_name::Visibility,
    server::{folder::Folder, path::RequestPath, transport::Visitor},
};

/// What the disk needs for a folder, in bytes.
const FOLDER_BYTES: u64 = 4096;

/// Makes a folder in a folder of the share.
///
/// # Errors
/// Why it is not made.
pub async fn make_folder(
    shared: &Arc<Shared>,
    root: Folder,
    into: &RequestPath,
    name: &str,
    visitor: Option<IpAddr>,
) -> Result<FolderMade, ReceiveError> {
    if shared.uploads.have_ended() {
        return Err(ReceiveError::Ended);
    }
    let rules = shared.rules()?;
    if into.names().any(|name| Visibility::Usual.hides(name)) {
        return Err(ReceiveError::Off);
    }
    if !is_harmless(name) {
        return Err(ReceiveError::Name("not every system allows it"));
    }
    let visitor = visitor.map(|address| Visitor::new(address).address());
    shared.table().made.add(&rules, visitor)?;
    let needed = shared.table().promised().saturating_add(FOLDER_BYTES);
    let (owner, into, name) = (Arc::clone(shared), into.clone(), name.to_owned());
    let made = off_thread(move || {
        owner.space.check(&root, needed, rules.min_free)?;
        let made = Destination::find(root.dir(), &into, &[]).and_then(|to| to.make_folder(&name));
        made.map_err(|error| owner.failed(error))
    });
    let made = made.await;
    if !matches!(made, Ok(FolderMade::Made)) {
        shared.table().made.remove(visitor);
    }
    made
}
