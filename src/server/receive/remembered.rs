//! Complete files that visitors may still ask about.

use std::{
    collections::{HashMap, VecDeque},
    time::SystemTime,
};

use super::{
    id::{DeliveryId, UploadId},
    parts::REMEMBERED,
    upload::ReceivedFile,
};

/// How many are remembered. An older one is unknown then, as if a day had passed.
const MAX: usize = 20_000;

/// A complete file.
#[derive(Clone, Debug)]
pub struct Complete {
    pub file: ReceivedFile,
    pub delivery: Option<DeliveryId>,
    pub key: Option<String>,
    pub when: SystemTime,
}

/// The complete files of the last day.
#[derive(Debug, Default)]
pub struct Remembered {
    files: HashMap<UploadId, Complete>,
    /// Oldest first.
    order: VecDeque<UploadId>,
}

impl Remembered {
    /// Remembers a file, and returns those that are forgotten for it.
    pub fn insert(&mut self, id: UploadId, complete: Complete) -> Vec<Complete> {
        let now = complete.when;
        if self.files.insert(id, complete).is_none() {
            self.order.push_back(id);
        }
        let mut forgotten = Vec::new();
        while let Some(oldest) = self.order.front() {
            let is_old = self.files.get(oldest).is_none_or(|file| {
                now.duration_since(file.when)
                    .is_ok_and(|age| age > REMEMBERED)
            });
            if !is_old && self.files.len() <= MAX {
                break;
            }
            forgotten.extend(self.files.remove(oldest));
            self.order.pop_front();
        }
        forgotten
    }

    /// The file of an upload.
    pub fn get(&self, id: UploadId) -> Option<&Complete> {
        self.files.get(&id)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn complete(when: SystemTime) -> Complete {
        Complete {
            file: ReceivedFile {
                name: "a".into(),
                bytes: 1,
            },
            delivery: None,
            key: None,
            when,
        }
    }

    #[test]
    fn files_are_remembered_for_a_day_and_not_too_many_of_them() {
        let mut remembered = Remembered::default();
        let start = SystemTime::UNIX_EPOCH;
        let ids: Vec<_> = (0..MAX + 2).map(|_| UploadId::random().unwrap()).collect();
        for id in &ids[..=MAX] {
            remembered.insert(*id, complete(start));
        }
        assert!(remembered.get(ids[0]).is_none() && remembered.get(ids[1]).is_some());
        let next_day = start + REMEMBERED + Duration::from_secs(1);
        let forgotten = remembered.insert(ids[MAX + 1], complete(next_day));
        assert_eq!(forgotten.len(), MAX);
        assert!(remembered.get(ids[MAX]).is_none() && remembered.get(ids[MAX + 1]).is_some());
    }
}
