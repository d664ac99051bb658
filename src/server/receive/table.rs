//! What is known about the uploads of one share, in memory.

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::SystemTime};

use super::{
    crowd::{MAX_OPEN_OF_VISITOR, OpenUpload, Room, room_for},
    deliveries::{Deliveries, SentBy, Told},
    entry::{Stage, Upload},
    error::ReceiveError,
    folders::Folders,
    id::{DeliveryId, UploadId},
    made_folders::MadeFolders,
    names::folded,
    record::Record,
    remembered::{Complete, Remembered},
    upload::ReceivedFile,
};
use crate::server::uploads::{Delivered, UploadRules};

/// Complete files that are not in their places yet. More come only when the disk keeps up.
const MAX_UNPLACED: usize = 2000;

/// How many visitors' bytes are counted.
const MAX_VISITORS: usize = 50_000;

/// The uploads of one share.
#[derive(Debug, Default)]
pub struct Table {
    /// Those that are not in their places.
    pub uploads: HashMap<UploadId, Arc<Upload>>,
    pub remembered: Remembered,
    pub deliveries: Deliveries,
    pub folders: Folders,
    pub made: MadeFolders,
    keys: HashMap<(DeliveryId, String), UploadId>,
    /// Files that are in their places.
    files: u64,
    bytes: u64,
    /// How many of the bytes are each visitor's.
    visitors: HashMap<Option<IpAddr>, u64>,
}

/// What is known under an ID.
#[derive(Clone, Debug)]
pub enum Known {
    Upload(Arc<Upload>),
    Complete(Complete),
}

impl Table {
    /// What is known under an ID.
    ///
    /// # Errors
    /// Nothing is.
    pub fn find(&self, id: UploadId) -> Result<Known, ReceiveError> {
        if let Some(upload) = self.uploads.get(&id) {
            return Ok(Known::Upload(Arc::clone(upload)));
        }
        let complete = self.remembered.get(id).ok_or(ReceiveError::Unknown)?;
        Ok(Known::Complete(complete.clone()))
    }

    /// The upload that a visitor calls so.
    pub fn find_key(&self, delivery: Option<DeliveryId>, key: Option<&str>) -> Option<UploadId> {
        let id = *self.keys.get(&(delivery?, key?.to_owned()))?;
        self.find(id).is_ok().then_some(id)
    }

    /// Whether something is on its way to the place of this upload.
    pub fn is_on_its_way(&self, record: &Record) -> bool {
        let now = SystemTime::now();
        let (into, path) = record.place();
        self.uploads.values().any(|upload| {
            let (other_into, other) = upload.record.place();
            into == other_into
                && path.len() == other.len()
                && (path.iter().zip(other)).all(|(name, other)| folded(name) == folded(other))
                && upload.state().is_coming(now)
        })
    }

    /// Adds an upload that begins, or was there before a restart.
    pub fn insert(&mut self, upload: Arc<Upload>) {
        let record = &upload.record;
        if let (Some(delivery), Some(key)) = (record.delivery, &record.key) {
            self.keys.insert((delivery, key.clone()), record.id);
        }
        self.uploads.insert(record.id, upload);
    }

    /// Forgets an upload that was given up.
    pub fn remove(&mut self, upload: &Upload) {
        let record = &upload.record;
        if self.uploads.remove(&record.id).is_none() {
            return;
        }
        if let Some(delivery) = record.delivery {
            self.deliveries.end(delivery);
            if let Some(key) = &record.key {
                self.keys.remove(&(delivery, key.clone()));
            }
        }
    }

    /// A file of a delivery is in its place. Returns what the owner is told if that completes it.
    pub fn placed(&mut self, placed: &Record, file: &ReceivedFile) -> Option<Told> {
        self.uploads.remove(&placed.id);
        self.files += 1;
        self.bytes += file.bytes;
        if self.visitors.len() < MAX_VISITORS || self.visitors.contains_key(&placed.visitor) {
            *self.visitors.entry(placed.visitor).or_default() += file.bytes;
        }
        self.remember(placed, file, SystemTime::now());
        let delivery = placed.delivery?;
        self.deliveries
            .placed(delivery, file.clone(), &from(placed))
    }

    /// Remembers a complete file.
    pub fn remember(&mut self, record: &Record, file: &ReceivedFile, when: SystemTime) {
        if let (Some(delivery), Some(key)) = (record.delivery, &record.key) {
            self.keys.insert((delivery, key.clone()), record.id);
        }
        let complete = Complete {
            file: file.clone(),
            delivery: record.delivery,
            key: record.key.clone(),
            when,
        };
        for forgotten in self.remembered.insert(record.id, complete) {
            if let Some(key) = forgotten.delivery.zip(forgotten.key) {
                self.keys.remove(&key);
            }
        }
    }

    /// Whether a visitor may hand in a file that is `bytes` long, as far as is known. `except` is that
    /// upload, if it began already.
    ///
    /// # Errors
    /// Why not.
    pub fn check_room(
        &self,
        rules: &UploadRules,
        visitor: Option<IpAddr>,
        bytes: u64,
        except: Option<UploadId>,
    ) -> Result<(), ReceiveError> {
        for max in [rules.max_bytes, rules.max_visitor_bytes]
            .into_iter()
            .flatten()
        {
            if bytes > max {
                return Err(ReceiveError::TooLarge(max));
            }
        }
        let has_limit = rules
            .max_bytes
            .or(rules.max_visitor_bytes)
            .or(rules.max_files);
        if has_limit.is_none() {
            return Ok(());
        }
        let used = self.used(visitor, except);
        let is_within =
            |max: Option<u64>, used: u64| max.is_none_or(|max| used.saturating_add(bytes) <= max);
        let is_allowed = is_within(rules.max_bytes, used.bytes)
            && is_within(rules.max_visitor_bytes, used.visitor_bytes)
            && rules.max_files.is_none_or(|max| used.files < max);
        is_allowed.then_some(()).ok_or(ReceiveError::Quota)
    }

    /// How many more bytes a visitor may hand in.
    pub fn left(&self, rules: &UploadRules, visitor: Option<IpAddr>) -> Option<u64> {
        let used = self.used(visitor, None);
        if rules.max_files.is_some_and(|max| used.files >= max) {
            return Some(0);
        }
        let left = [
            rules.max_bytes.map(|max| max.saturating_sub(used.bytes)),
            rules
                .max_visitor_bytes
                .map(|max| max.saturating_sub(used.visitor_bytes)),
        ];
        left.into_iter().flatten().min()
    }

    /// How much of the disk open uploads will still take.
    pub fn promised(&self) -> u64 {
        let now = SystemTime::now();
        let uploads = self.uploads.values();
        let still = uploads.map(|upload| {
            let state = upload.state();
            state.claims(now) - state.offset
        });
        still.fold(0, u64::saturating_add)
    }

    /// Whether another upload of a visitor may be open. Returns one that has to make room for it.
    ///
    /// # Errors
    /// Too many are.
    pub fn check_open(&self, visitor: Option<IpAddr>) -> Result<Option<Arc<Upload>>, ReceiveError> {
        // Most shares have few, and none has so many at once.
        if self.uploads.len() < MAX_OPEN_OF_VISITOR {
            return Ok(None);
        }
        let now = SystemTime::now();
        let mut unplaced = 0;
        let open: Vec<_> = self
            .uploads
            .values()
            .filter_map(|upload| {
                let state = upload.state();
                if state.stage != Stage::Open {
                    unplaced += 1;
                    return None;
                }
                let idle = now.duration_since(state.touched).unwrap_or_default();
                state.is_ours.then_some(OpenUpload {
                    id: upload.record.id,
                    visitor: upload.record.visitor,
                    bytes: state.offset,
                    idle: state.writer.is_none().then_some(idle),
                })
            })
            .collect();
        if unplaced >= MAX_UNPLACED {
            return Err(ReceiveError::TooMany);
        }
        match room_for(visitor, &open) {
            Room::Free => Ok(None),
            Room::After(id) => Ok(self.uploads.get(&id).cloned()),
            Room::None => Err(ReceiveError::TooMany),
        }
    }

    fn used(&self, visitor: Option<IpAddr>, except: Option<UploadId>) -> Used {
        let mut used = Used {
            files: self.files,
            bytes: self.bytes,
            visitor_bytes: self.visitors.get(&visitor).copied().unwrap_or(0),
        };
        let now = SystemTime::now();
        for (id, upload) in &self.uploads {
            let state = upload.state();
            if Some(*id) == except || !state.is_ours {
                continue;
            }
            let claims = state.claims(now);
            used.files += 1;
            used.bytes = used.bytes.saturating_add(claims);
            if upload.record.visitor == visitor {
                used.visitor_bytes = used.visitor_bytes.saturating_add(claims);
            }
        }
        used
    }
}

/// What was handed in, or is announced.
struct Used {
    files: u64,
    bytes: u64,
    visitor_bytes: u64,
}

/// Whom an upload comes from.
pub fn from(record: &Record) -> SentBy {
    SentBy {
        sender: record.sender.clone(),
        visitor: record.visitor,
    }
}

/// What the owner is told of a file that is a delivery of its own.
pub fn alone(record: &Record, file: &ReceivedFile) -> Delivered {
    Delivered {
        files: 1,
        bytes: file.bytes,
        sender: record.sender.clone(),
        visitor: record.visitor,
        is_complete: true,
    }
}
