//! A folder as one zip, made while it is sent.
//!
//! `plan` walks the folder and lays every byte of the archive out beforehand, so that its length
//! is known and a download can go on anywhere. `format` knows what a zip's records look like,
//! `name` what files are called in it, `stream` writes them with the files in between, of which
//! `current` is one. `crc` remembers checksums, so that going on does not mean reading everything
//! again.

mod crc;
mod current;
mod format;
mod name;
mod plan;
mod stream;

use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_TYPE, ETAG,
};
use tokio::sync::Semaphore;

pub use crc::Checksums;
pub use plan::{Plan, Root};
pub use stream::Zip;

use super::answer::Asked;
use super::conditional::{Outcome, Validators, allows_range, evaluate};
use super::disposition::attachment;
use super::page;
use super::range::{Wanted, wanted};
use super::share::{FolderPlace, Share, Shared, blocking};
use super::shelf::Shelf;
use super::transport::Produced;

/// Folders that are walked at the same time, for all visitors of a share together.
const WALKS: usize = 2;

/// What the archives of a share have in common.
#[derive(Debug)]
pub struct Archives {
    walks: Arc<Semaphore>,
    checksums: Arc<Checksums>,
    /// Plans that downloads under way go by: many visitors who take the same folder have one.
    plans: Shelf<Plan>,
}

impl Default for Archives {
    fn default() -> Archives {
        Archives {
            walks: Arc::new(Semaphore::new(WALKS)),
            checksums: Arc::default(),
            plans: Shelf::default(),
        }
    }
}

impl Archives {
    /// The plan of a folder, or of all that was chosen.
    async fn plan(
        &self,
        title: &[u8],
        share: &Share,
        folder: Option<FolderPlace>,
    ) -> io::Result<Arc<Plan>> {
        let roots = match (folder, &share.content) {
            (Some(folder), _) => vec![Root::folder(folder, title)],
            (None, Shared::Chosen(chosen)) => chosen.iter().map(Root::chosen).collect(),
            (None, Shared::Folder(_)) => Vec::new(),
        };
        // Never closed, so this can't fail.
        let walk = Arc::clone(&self.walks).acquire_owned().await;
        let walk = walk.map_err(io::Error::other)?;
        let plan = blocking(move || {
            // It goes on when the visitor has left, and is one of those that are walked as long.
            let _walk = walk;
            Plan::new(roots)
        });
        Ok(self.plans.keep(plan.await?))
    }

    /// Answers with what a folder, or all that was chosen, comes to.
    ///
    /// # Errors
    /// Those of reading the folder.
    pub async fn total(
        &self,
        asked: &Asked<'_>,
        share: &Share,
        folder: Option<FolderPlace>,
    ) -> io::Result<HttpResponse> {
        let plan = self.plan(&title(asked, share), share, folder).await?;
        let (files, size) = plan.files();
        let total = serde_json::json!({ "files": files, "size": size, "zip": plan.length() });
        let mut response = HttpResponse::Ok();
        response
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header((CONTENT_TYPE, "application/json"));
        Ok(response.body(total.to_string()))
    }

    /// Answers with a folder, or with all that was chosen, as a zip.
    ///
    /// # Errors
    /// Those of reading the folder.
    pub async fn respond(
        &self,
        asked: &Asked<'_>,
        share: &Share,
        folder: Option<FolderPlace>,
    ) -> io::Result<HttpResponse> {
        let title = title(asked, share);
        let plan = self.plan(&title, share, folder).await?;
        let validators = Validators {
            etag: format!("\"zip-{:x}-{:016x}\"", plan.length(), plan.fingerprint()),
            // A file that was deleted leaves no time behind, so the tag alone tells a change.
            modified: None,
        };
        let outcome = evaluate(asked.headers, &validators);
        if outcome == Outcome::Failed {
            return Ok(page::error(StatusCode::PRECONDITION_FAILED));
        }
        let mut response = HttpResponse::Ok();
        response
            .insert_header((CACHE_CONTROL, "no-cache"))
            .insert_header((ETAG, validators.etag.as_str()));
        if outcome == Outcome::NotModified {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
        let range = match asked.range() {
            Some(range) if allows_range(asked.headers, &validators, SystemTime::now()) => {
                wanted(range.as_bytes(), plan.length())
            }
            _ => Wanted::Whole,
        };
        let whole = 0..plan.length();
        let range = match range {
            Wanted::Parts(parts) => match <[_; 1]>::try_from(parts) {
                Ok([part]) => {
                    let (last, length) = (part.end - 1, plan.length());
                    let range = format!("bytes {}-{last}/{length}", part.start);
                    response.insert_header((CONTENT_RANGE, range));
                    response.status(StatusCode::PARTIAL_CONTENT);
                    part
                }
                // Going on needs one part; for several it is sent whole, as is allowed.
                Err(_) => whole,
            },
            Wanted::Whole => whole,
            Wanted::Nothing => return Ok(page::no_such_range(plan.length())),
        };
        let name = [&title, &b".zip"[..]].concat();
        response
            .insert_header((ACCEPT_RANGES, "bytes"))
            .insert_header((CONTENT_TYPE, "application/zip"))
            .insert_header((CONTENT_DISPOSITION, attachment(&name)));
        let length = range.end - range.start;
        let zip = Zip::new(plan, Arc::clone(&self.checksums), range);
        Ok(Produced::sized(zip, length).respond(response, asked))
    }
}

/// What a folder, or all that was chosen, is called as a zip.
fn title(asked: &Asked<'_>, share: &Share) -> Vec<u8> {
    match asked.path.last() {
        Some(name) => name.to_vec(),
        None if share.title.is_empty() => b"Shared files".to_vec(),
        None => share.title.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::runtime::Builder;
    use tokio::task::spawn_blocking;

    use super::*;
    use crate::server::Content;
    use crate::server::path::RequestPath;
    use crate::server::share::Place;

    #[test]
    fn a_folder_is_walked_by_two_at_a_time_also_when_visitors_leave() {
        let dir = tempfile::tempdir().unwrap();
        let share = Share::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(1)
            .build();
        runtime.unwrap().block_on(async {
            let Place::Folder(folder) = share.find(&RequestPath::default()).await.unwrap() else {
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
