//! Finds out what was there before: uploads that go on, and complete files that are not in their places.

use std::{
    collections::{HashMap, HashSet},
    fs::File,
    io, mem,
    sync::Arc,
    time::SystemTime,
};

use tokio::time::Instant;

use super::{
    entry::{KEPT, Upload},
    error::ReceiveError,
    folders::{Asker, Folders},
    id::UploadId,
    inventory::{Contents, Part},
    landing::put_in_place,
    parts::{Parts, REMEMBERED, is_old},
    place::Whole,
    record::Record,
    shared::Shared,
    table::{alone, from},
};
use crate::server::folder::Folder;

/// Takes over what is in the folder of parts. May wait for the disk.
///
/// # Errors
/// If the folder can't be read.
pub fn recover(shared: &Arc<Shared>, root: &Folder) -> Result<(), ReceiveError> {
    let Some(parts) = Parts::open(root).map_err(|error| shared.failed(error))? else {
        return Ok(());
    };
    let parts = Arc::new(parts);
    let mut contents = Contents::of(&parts).map_err(|error| shared.failed(error))?;
    let recovery = Recovery {
        shared,
        parts: &parts,
        told: mem::take(&mut contents.told),
        now: SystemTime::now(),
    };
    recovery.run(contents);
    if let Err(error) = parts.tidy(false) {
        tracing::debug!(%error, "the folder of incomplete uploads can't be tidied");
    }
    Ok(())
}

struct Recovery<'a> {
    shared: &'a Arc<Shared>,
    parts: &'a Arc<Parts>,
    /// Complete files that the owner knows of.
    told: HashSet<UploadId>,
    now: SystemTime,
}

impl Recovery<'_> {
    fn run(&self, contents: Contents) {
        let mut parts: HashMap<_, _> = contents.parts.iter().map(|part| (part.id, *part)).collect();
        let mut records: HashMap<_, _> = contents
            .records
            .into_iter()
            .map(|record| (record.id, record))
            .collect();
        for (id, checked) in contents.unchecked {
            if let Some(part) = parts.get_mut(&id) {
                self.forget(|| self.cut(part, checked));
            }
        }
        // The last record of a file says where it is.
        let done: HashMap<_, _> = contents
            .done
            .iter()
            .map(|record| (record.id, record))
            .collect();
        let mut is_seen = HashSet::new();
        for record in &contents.done {
            let last = done[&record.id];
            if !is_seen.insert(last.id) {
                continue;
            }
            match parts.get(&last.id) {
                None => self.complete(last, records.remove(&last.id)),
                Some(part) if Some(part.length) == last.length => {
                    let asked = records.remove(&last.id);
                    parts.remove(&last.id);
                    self.forget(|| self.put_in_place(last.clone(), asked));
                }
                // It was not synced when the power failed.
                Some(_) => {}
            }
        }
        for (id, record) in records {
            let part = parts.remove(&id);
            self.forget(|| self.resume(record, part));
        }
        for part in parts.into_values() {
            self.forget(|| self.remove_left_over(part));
        }
        for name in contents.broken {
            self.forget(|| self.parts.remove_old(&name));
        }
    }

    /// One that fails says nothing about the others.
    fn forget(&self, work: impl FnOnce() -> io::Result<()>) {
        if let Err(error) = work() {
            tracing::debug!(%error, "something of an earlier upload stays");
        }
    }

    /// Removes bytes that may not be what was sent.
    fn cut(&self, part: &mut Part, checked: u64) -> io::Result<()> {
        if part.length > checked {
            let (file, _) = self.parts.open_part(part.id)?;
            file.set_len(checked)?;
            part.length = checked;
        }
        self.parts.checked(part.id)
    }

    /// A file that is in its place. With a record of the upload, the owner may not know it yet.
    fn complete(&self, placed: &Record, record: Option<Record>) {
        let file = placed.file();
        let is_recent = self
            .now
            .duration_since(placed.written())
            .is_ok_and(|age| age < REMEMBERED);
        if is_recent {
            let mut table = self.shared.table();
            self.restore_folders(&mut table.folders, placed);
            table.remember(placed, &file, placed.written());
            if let Some(delivery) = placed.delivery {
                let (from, now) = (from(placed), Instant::now());
                let is_told = self.told.contains(&placed.id);
                let deliveries = &mut table.deliveries;
                deliveries.restore(delivery, file.clone(), &from, is_told, now);
            }
        }
        if record.is_some() {
            let uploads = &self.shared.uploads;
            let from = from(placed);
            uploads.received(file.name.clone(), file.bytes, from.sender, from.visitor);
            if placed.delivery.is_none() {
                uploads.delivered(alone(placed, &file));
            }
            self.forget(|| self.parts.remove_record(placed.id));
        }
    }

    /// A file that is complete, but not in its place, as far as is known.
    fn put_in_place(&self, placed: Record, asked: Option<Record>) -> io::Result<()> {
        let (file, _) = self.parts.open_part(placed.id)?;
        let wanted = asked
            .as_ref()
            .map_or(placed.name(), Record::name)
            .to_owned();
        let upload = self.add(
            asked.as_ref().unwrap_or(&placed),
            placed.length.unwrap_or(0),
        );
        upload.state().is_recorded = asked.is_some();
        self.place(&upload, file, placed, wanted);
        Ok(())
    }

    fn place(&self, upload: &Arc<Upload>, file: File, placed: Record, wanted: String) {
        if let Some(delivery) = placed.delivery {
            let deliveries = &mut self.shared.table().deliveries;
            deliveries.whole(delivery, Instant::now());
        }
        let whole = Whole {
            record: placed,
            wanted,
            is_recovered: true,
        };
        let parts = Arc::clone(self.parts);
        put_in_place(self.shared, upload, parts, file, whole);
    }

    /// An upload that may go on.
    fn resume(&self, record: Record, part: Option<Part>) -> io::Result<()> {
        let touched = part.map_or(record.written(), |part| part.modified.max(record.written()));
        let has_expired = self.now.duration_since(touched).is_ok_and(|age| age > KEPT);
        if has_expired || record.length == Some(0) {
            return self.parts.remove(record.id);
        }
        let offset = part.map_or(0, |part| part.length);
        let upload = self.add(&record, offset);
        {
            let mut state = upload.state();
            state.touched = touched;
            state.is_recorded = true;
        }
        if Some(offset) != record.length {
            return Ok(());
        }
        // Its last byte is here.
        let (file, _) = self.parts.open_part(record.id)?;
        self.parts.add_done(&record)?;
        let wanted = record.name().to_owned();
        self.place(&upload, file, record, wanted);
        Ok(())
    }

    fn add(&self, record: &Record, offset: u64) -> Arc<Upload> {
        let progress = self.shared.uploads.begin();
        let upload = Arc::new(Upload::new(record.clone(), offset, self.now, progress));
        upload.state().is_ours = false;
        let mut table = self.shared.table();
        self.restore_folders(&mut table.folders, record);
        if let Some(delivery) = record.delivery {
            table.deliveries.begin(delivery, Instant::now());
        }
        table.insert(Arc::clone(&upload));
        upload
    }

    fn restore_folders(&self, folders: &mut Folders, record: &Record) {
        if let Some(delivery) = record.delivery {
            let asker = Asker {
                delivery,
                visitor: record.visitor,
                into: &record.handed_to().to_url(),
            };
            folders.restore(asker, &record.asked(), record.folders());
        }
    }

    /// Removes a part that nobody writes to and nobody can continue.
    fn remove_left_over(&self, part: Part) -> io::Result<()> {
        if !is_old(part.modified) {
            return Ok(());
        }
        let id: UploadId = part.id;
        match self.parts.open_part(id) {
            // Another share of the same folder writes to it.
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
            Ok(_) => self.parts.remove(id),
            Err(error) => Err(error),
        }
    }
}
