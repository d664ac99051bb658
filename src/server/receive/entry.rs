//! An upload that is not in its place yet.

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use tokio::sync::Notify;

use super::{error::ReceiveError, lease::Lease, record::Record, upload::ReceivedFile};
use crate::server::uploads::UploadProgress;

/// How long an upload is kept without another byte.
pub const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long what a visitor has announced counts without another byte.
const PROMISED: Duration = Duration::from_secs(10 * 60);

/// Who sends nothing for longer than this keeps no other file from its place.
const COMING: Duration = Duration::from_secs(10);

/// An upload that is not in its place yet.
#[derive(Debug)]
pub struct Upload {
    pub record: Record,
    state: Mutex<UploadState>,
    /// The right to write is free, or the stage is another.
    pub changed: Notify,
}

#[derive(Debug)]
pub struct UploadState {
    /// How much is here, in bytes.
    pub offset: u64,
    pub length: Option<u64>,
    /// When its last byte came.
    pub touched: SystemTime,
    /// Who writes to it.
    pub writer: Option<Arc<Lease>>,
    /// Whether its record is on the disk.
    pub is_recorded: bool,
    /// Whether it counts for this share. Not if it was there before, until somebody continues it.
    pub is_ours: bool,
    /// Its record with its place, once it is complete.
    pub whole: Option<Record>,
    pub stage: Stage,
    pub progress: UploadProgress,
}

/// What has become of an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Bytes are missing.
    Open,
    /// It is complete, and will be in its place soon, most likely under this name.
    Whole(ReceivedFile),
    /// It is in its place.
    Placed(ReceivedFile),
    /// It can't be put in its place at the moment.
    Stuck(ReceivedFile),
    /// The visitor has given it up, or it has expired.
    Removed,
}

impl Upload {
    pub fn new(record: Record, offset: u64, touched: SystemTime, progress: UploadProgress) -> Self {
        let state = UploadState {
            offset,
            length: record.length,
            touched,
            writer: None,
            is_recorded: false,
            is_ours: true,
            whole: None,
            stage: Stage::Open,
            progress,
        };
        Self {
            record,
            state: Mutex::new(state),
            changed: Notify::new(),
        }
    }

    pub fn state(&self) -> MutexGuard<'_, UploadState> {
        // No panic under this lock can leave it inconsistent.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has become of it.
    pub fn stage(&self) -> Stage {
        self.state().stage.clone()
    }

    /// All of it is here, so it is not removed any more.
    ///
    /// # Errors
    /// It was removed before.
    pub fn claim(&self, file: ReceivedFile) -> Result<(), ReceiveError> {
        let mut state = self.state();
        if state.stage != Stage::Open {
            return Err(ReceiveError::Removed);
        }
        state.stage = Stage::Whole(file);
        Ok(())
    }

    /// Tries again to put it in its place; whether nobody else does.
    pub fn claim_stuck(&self) -> bool {
        let mut state = self.state();
        let Stage::Stuck(file) = &state.stage else {
            return false;
        };
        state.stage = Stage::Whole(file.clone());
        true
    }

    /// It can't be put in its place at the moment.
    pub fn set_stuck(&self) {
        if let Stage::Whole(file) = self.stage() {
            self.set_stage(Stage::Stuck(file));
        }
    }

    /// Another stage is reached.
    pub fn set_stage(&self, stage: Stage) {
        self.state().stage = stage;
        self.changed.notify_waiters();
    }

    /// Gives the right to write back.
    pub fn release(&self, lease: &Arc<Lease>) {
        let mut state = self.state();
        if state
            .writer
            .as_ref()
            .is_some_and(|writer| Arc::ptr_eq(writer, lease))
        {
            state.writer = None;
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Waits until it is in its place, or will not be for a while.
    pub async fn settled(&self) -> Stage {
        loop {
            let mut changed = pin!(self.changed.notified());
            // What happens from here on is not missed.
            changed.as_mut().enable();
            match self.stage() {
                Stage::Whole(_) => changed.await,
                stage => return stage,
            }
        }
    }
}

impl UploadState {
    /// When it is removed if nothing more comes.
    pub fn expires(&self) -> SystemTime {
        self.touched + KEPT
    }

    /// Whether bytes are coming, or all of them have.
    pub fn is_coming(&self, now: SystemTime) -> bool {
        match self.stage {
            Stage::Open => self.silent(now) < COMING,
            Stage::Whole(_) | Stage::Stuck(_) => true,
            Stage::Placed(_) | Stage::Removed => false,
        }
    }

    /// How much of the disk it takes, with what is announced if it still comes.
    pub fn claims(&self, now: SystemTime) -> u64 {
        let is_coming = self.writer.is_some() || self.silent(now) < PROMISED;
        match self.length {
            Some(length) if is_coming => length.max(self.offset),
            _ => self.offset,
        }
    }

    /// How long ago its last byte came; nothing if that was after `now`.
    fn silent(&self, now: SystemTime) -> Duration {
        now.duration_since(self.touched).unwrap_or_default()
    }

    /// More of it is here.
    pub fn progressed(&mut self, offset: u64) {
        self.offset = offset;
        self.touched = SystemTime::now();
        self.progress.progress(offset, self.length);
    }
}
