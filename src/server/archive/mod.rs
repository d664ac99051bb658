//! A folder as one zip, made while it is sent.
//!
//! `plan` walks the folder and lays every byte of the archive out beforehand, so that its length
//! is known and a download can go on anywhere; `root` is what it begins with. `format` knows what
//! a zip's records look like, `name` what files are called in it, `stream` writes them with the
//! files in between, of which `current` is one. `crc` remembers checksums, so that going on does not mean reading everything
//! again.

mod crc;
mod current;
mod format;
mod name;
mod plan;
mod root;
mod stream;

use std::{io, ops::Range, sync::Arc};

use tokio::sync::Semaphore;

pub use crc::Checksums;
pub use plan::Plan;
pub use root::Root;
pub use stream::Zip;

use super::{
    blocking::blocking,
    interner::Interner,
    share::{FolderResource, OpenShare, SharedContent},
};

/// Folders that are walked at the same time, for all visitors of a share together.
const WALKS: usize = 2;

/// What the archives of a share have in common.
#[derive(Debug)]
pub struct Archives {
    walks: Arc<Semaphore>,
    checksums: Arc<Checksums>,
    /// Plans that downloads under way go by: many visitors who take the same folder have one.
    plans: Interner<Plan>,
}

impl Default for Archives {
    fn default() -> Self {
        Self {
            walks: Arc::new(Semaphore::new(WALKS)),
            checksums: Arc::default(),
            plans: Interner::default(),
        }
    }
}

impl Archives {
    /// The plan of a folder, or of all that was chosen.
    ///
    /// # Errors
    /// Those of reading the folder.
    pub async fn plan(
        &self,
        title: &[u8],
        share: &OpenShare,
        folder: Option<FolderResource>,
    ) -> io::Result<Arc<Plan>> {
        let roots = match (folder, &share.content) {
            (Some(folder), _) => vec![Root::folder(folder, title)],
            (None, SharedContent::Chosen(chosen)) => chosen.iter().map(Root::chosen).collect(),
            (None, SharedContent::Folder(_)) => Vec::new(),
        };
        // Never closed, so this can't fail.
        let walk = Arc::clone(&self.walks).acquire_owned().await;
        let walk = walk.map_err(io::Error::other)?;
        let plan = blocking(move || {
            // It goes on when the visitor has left, and is one of those that are walked as long.
            let _walk = walk;
            Plan::new(roots)
        });
        Ok(self.plans.intern(plan.await?))
    }

    /// The bytes of `range` of a plan's archive.
    pub fn zip(&self, plan: Arc<Plan>, range: Range<u64>) -> Zip {
        Zip::new(plan, Arc::clone(&self.checksums), range)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{runtime::Builder, task::spawn_blocking};

    use super::*;
    use crate::server::{
        path::RequestPath,
        share::{Content, Resource},
    };

    #[test]
    fn a_folder_is_walked_by_two_at_a_time_also_when_visitors_leave() {
        let dir = tempfile::tempdir().unwrap();
        let share = OpenShare::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(1)
            .build();
        runtime.unwrap().block_on(async {
            let Resource::Folder(folder) = share.find(&RequestPath::default()).await.unwrap()
            else {
                panic!("it is a folder");
            };
            let (go_on, held_up) = std::sync::mpsc::channel::<()>();
            let disk = spawn_blocking(move || held_up.recv());
            let archives = Archives::default();
            tokio::select! {
                biased;
                _ = archives.plan(b"x", &share, Some(folder)) => panic!("the disk is busy"),
                () = std::future::ready(()) => {}
            }
            assert_eq!(archives.walks.available_permits(), WALKS - 1);
            go_on.send(()).unwrap();
            disk.await.unwrap().unwrap();
            let _all = archives.walks.acquire_many(WALKS as u32).await.unwrap();
        });
    }
}
