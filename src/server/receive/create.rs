//! Begins uploads.

use std::{collections::HashMap, io::Error, net::IpAddr, sync::Arc, time::SystemTime};

use tokio::time::Instant;

use super::{
    entry::Upload,
    error::ReceiveError,
    folders::{Asker, Chosen},
    id::{DeliveryId, UploadId},
    names::{harmless_path, is_shown_as_page, leading_down, numbered},
    place::Destination,
    record::Record,
    shared::{Shared, off_thread},
    upload::NewUpload,
};
use crate::{
    app::visible,
    hidden_name::Visibility,
    server::{folder::Folder, path::RequestPath, transport::Visitor},
};

/// The longest name of a sender, in characters.
const MAX_SENDER: usize = 100;

/// The longest name that a visitor gives an upload, in bytes.
const MAX_KEY: usize = 64;

/// The longest address of a link, in bytes.
const MAX_ORIGIN: usize = 300;

/// The longest text that is repeated to a visitor's program, in bytes.
const MAX_METADATA: usize = 4096;

/// What has become of a request for an upload.
#[derive(Debug)]
pub enum Created {
    New(Arc<Upload>),
    /// The visitor began it before.
    Known(UploadId),
}

/// Begins an upload, in memory, unless the visitor began it before. Nothing of it is on the disk.
///
/// # Errors
/// Why it is refused.
pub async fn create(
    shared: &Arc<Shared>,
    root: &Folder,
    into: &RequestPath,
    new: NewUpload,
) -> Result<Created, ReceiveError> {
    if shared.uploads.have_ended() {
        return Err(ReceiveError::Ended);
    }
    let rules = shared.rules()?;
    if let Some(known) = (shared.table()).find_key(new.delivery, new.key.as_deref()) {
        return Ok(Created::Known(known));
    }
    // Nothing is added where its owner doesn't look, even if it is shown to visitors.
    if into.names().any(|name| Visibility::Usual.hides(name)) {
        return Err(ReceiveError::Off);
    }
    let bytes = new.length.unwrap_or(0);
    let visitor = new.visitor.map(|address| Visitor::new(address).address());
    if new.path.len() > 1 {
        // Whoever is refused reserves no folder.
        let table = shared.table();
        table.check_room(&rules, visitor, bytes, None)?;
        table.check_open(visitor)?;
    }
    let is_exact = new.is_exact;
    let record = plan(shared, root, into, new, visitor).await?;
    let (upload, in_the_way, promised) = {
        let mut table = shared.table();
        // The same request may have come twice.
        if let Some(known) = table.find_key(record.delivery, record.key.as_deref()) {
            return Ok(Created::Known(known));
        }
        if is_exact && table.is_on_its_way(&record) {
            return Err(ReceiveError::Busy);
        }
        table.check_room(&rules, record.visitor, bytes, None)?;
        let in_the_way = table.check_open(record.visitor)?;
        let promised = table.promised();
        let progress = shared.uploads.begin();
        let upload = Arc::new(Upload::new(record, 0, SystemTime::now(), progress));
        if let Some(delivery) = upload.record.delivery {
            table.deliveries.begin(delivery, Instant::now());
        }
        table.insert(Arc::clone(&upload));
        (upload, in_the_way, promised)
    };
    let begun = Begun {
        shared,
        upload: Some(&upload),
    };
    if let Some(idle) = in_the_way {
        let (shared, root) = (Arc::clone(shared), root.clone());
        let removed = off_thread(move || match shared.remove_idle(&idle, &root) {
            // Somebody else has made it go.
            Err(ReceiveError::Removed) => Ok(()),
            removed => removed,
        });
        if let Err(error) = removed.await {
            tracing::debug!(%error, "the part of an upload that made room stays");
        }
    }
    let needed = bytes.saturating_add(promised);
    if !shared.space.is_known_to_have(needed, rules.min_free) {
        let (shared, root) = (Arc::clone(shared), root.clone());
        off_thread(move || shared.space.check(&root, needed, rules.min_free)).await?;
    }
    begun.keep();
    Ok(Created::New(upload))
}

/// Forgets an upload again unless it is kept.
struct Begun<'a> {
    shared: &'a Shared,
    upload: Option<&'a Upload>,
}

impl Begun<'_> {
    fn keep(mut self) {
        self.upload = None;
    }
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        if let Some(upload) = self.upload {
            self.shared.table().remove(upload);
        }
    }
}

/// Where a file goes, under harmless names, and what else is known of it.
async fn plan(
    shared: &Arc<Shared>,
    root: &Folder,
    into: &RequestPath,
    new: NewUpload,
    visitor: Option<IpAddr>,
) -> Result<Record, ReceiveError> {
    let id = UploadId::random().map_err(|error| ReceiveError::Failed(Error::other(error)))?;
    let raw = leading_down(&new.path);
    let mut path = harmless_path(&raw)?;
    let asked = &raw[..raw.len() - 1];
    let is_in_own_folder = new.delivery.is_some() && !asked.is_empty();
    if let Some(name) = path.last_mut()
        && is_shown_as_page(name)
        && !is_in_own_folder
        && !shared.is_inbox()
    {
        // A visitor makes no page of a list of the owner's.
        *name = numbered(name, 2);
    }
    if let (Some(delivery), false) = (new.delivery, asked.is_empty()) {
        let name = path.pop();
        path = choose_folders(shared, root, (delivery, visitor), into, asked, path).await?;
        path.extend(name);
    }
    let mut into = into.clone();
    into.is_folder = true;
    let mut record = Record::new(id, &into, path, asked);
    record.length = new.length;
    record.sender = new.sender.as_deref().and_then(harmless_sender);
    record.delivery = new.delivery;
    record.key = new.key.filter(|key| is_key(key));
    record.visitor = visitor;
    record.origin = new.origin.filter(|origin| is_origin(origin));
    record.metadata = new.metadata.filter(|metadata| is_metadata(metadata));
    Ok(record)
}

/// The names that stand for the folders of a delivery.
async fn choose_folders(
    shared: &Arc<Shared>,
    root: &Folder,
    (delivery, visitor): (DeliveryId, Option<IpAddr>),
    into: &RequestPath,
    asked: &[Vec<u8>],
    harmless: Vec<String>,
) -> Result<Vec<String>, ReceiveError> {
    let at = into.to_url();
    let asker = Asker {
        delivery,
        visitor,
        into: &at,
    };
    let mut is_there = HashMap::new();
    loop {
        let look = |name: &str| is_there.get(name).copied();
        let chosen = shared.table().folders.place(asker, asked, &harmless, look);
        let name = match chosen {
            Chosen::Folders(folders) => return Ok(folders),
            Chosen::TooMany => return Err(ReceiveError::TooMany),
            Chosen::Look(name) => name,
        };
        let (root, into, owner) = (root.clone(), into.clone(), Arc::clone(shared));
        let looked = name.clone();
        let found = off_thread(move || {
            let top = Destination::find(root.dir(), &into, &[]);
            Ok(top.map_err(|error| owner.failed(error))?.has(&looked))
        });
        is_there.insert(name, found.await?);
    }
}

/// The name of a sender as it may be shown; `None` if there is nothing to show.
fn harmless_sender(sender: &str) -> Option<String> {
    let words: Vec<_> = sender.split_whitespace().collect();
    let shown: String = visible(&words.join(" ")).chars().take(MAX_SENDER).collect();
    (!shown.is_empty()).then_some(shown)
}

fn is_key(key: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'-');
    (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(is_plain)
}

fn is_origin(origin: &str) -> bool {
    (1..=MAX_ORIGIN).contains(&origin.len()) && origin.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_metadata(metadata: &str) -> bool {
    let is_shown = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    metadata.len() <= MAX_METADATA && metadata.bytes().all(is_shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_shown_in_one_line() {
        assert_eq!(harmless_sender(" Ann \n\t Lee "), Some("Ann Lee".into()));
        assert_eq!(harmless_sender("a\u{202e}b"), Some("a\u{fffd}b".into()));
        assert_eq!(harmless_sender(" \n"), None);
        let long = "ü".repeat(300);
        assert_eq!(harmless_sender(&long).unwrap().chars().count(), MAX_SENDER);
    }

    #[test]
    fn keys_and_origins_have_only_plain_characters() {
        assert!(is_key("0-abc9") && !is_key("") && !is_key("A") && !is_key(&"a".repeat(65)));
        assert!(is_origin("https://a.example/") && !is_origin("https://a\r\nb") && !is_origin(""));
    }
}
