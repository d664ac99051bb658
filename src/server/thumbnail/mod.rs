//! Small versions of pictures, for the gallery and for messengers.
//!
//! If a JPEG has a thumbnail of its own, that is used. Otherwise the picture is decoded once and
//! the result is kept on disk. Strangers may have made the pictures, so bytes, pixels and work are
//! limited before each is decoded, and all decoders together have a limited memory.
//!
//! ```text
//! make      from a file to a small picture
//! embedded  the thumbnail in the EXIF data of a JPEG
//! decode    from bytes to pixels
//! coarse    a JPEG at an eighth of its size, if more would take too much
//! cost      the memory that this takes, from the headers
//! budget    the memory for all pictures of this process
//! in_time   the bytes of a picture, until its time is up
//! tiff      pictures in TIFF files
//! format    the formats that can be decoded
//! source    which bytes of a file are the picture
//! scale     from many pixels to few
//! cache     small pictures made earlier, on disk
//! purpose   what a small picture is for
//! fit       from a large picture to one that fits on a screen
//! profile   what the numbers of its colours stand for
//! webp      small pictures as WebP
//! made      what was made, or why nothing
//! ```

mod budget;
mod cache;
mod coarse;
mod cost;
mod decode;
mod embedded;
mod fit;
mod format;
mod in_time;
mod made;
mod make;
#[cfg(all(test, target_os = "linux"))]
mod memory_tests;
mod profile;
mod purpose;
mod scale;
mod source;
mod tiff;
mod webp;

use std::{future::pending, io, path::Path, sync::Arc, time::Duration};

use tokio::sync::Semaphore;

use super::{
    blocking::blocking,
    share::FileResource,
    work::{Budget, Keep, Limits, SharedWork, on_own_thread},
};
use cache::Cache;
pub use made::Made;
use make::Attempt;
pub use make::shrunk;
pub use purpose::{Purpose, Wish};

/// How many pictures a share makes at the same time.
const AT_A_TIME: usize = 2;

/// How often more memory is reserved for a picture: once, unless the file changes.
const MAX_ATTEMPTS: u32 = 4;

/// The size that a picture of this size has on a card, if its file has this many bytes.
pub fn card_size(size: (u32, u32), bytes: u64) -> (u32, u32) {
    if bytes <= Purpose::Card.small_bytes() {
        return size;
    }
    let part = scale::most(size);
    scale::shrunk_size((part.width, part.height), Purpose::Card.short_side())
}

/// What making one may cost. It takes about a second, after waiting for memory, which the pictures
/// of other shares may have.
const LIMITS: Limits = Limits {
    time: Duration::from_secs(600),
    entries: 0,
    bytes: 0,
};

/// Makes the small pictures of one share.
#[derive(Debug)]
pub struct Thumbnails {
    cache: Option<Arc<Cache>>,
    making: SharedWork<String, Made>,
}

/// A small picture to make.
struct Making {
    place: FileResource,
    wish: Wish,
    key: String,
    /// Where it is stored: nowhere for a file that may still change without a trace.
    cache: Option<Arc<Cache>>,
}

impl Thumbnails {
    /// Stores what it makes in a directory of its own, or nowhere.
    pub fn new(dir: Option<&Path>) -> Self {
        let turns = Arc::new(Semaphore::new(AT_A_TIME));
        Self {
            cache: dir.map(|dir| Arc::new(Cache::new(dir))),
            making: SharedWork::new(turns, LIMITS),
        }
    }

    /// Returns what is made of a file, newly or from the cache. The work ends when nobody waits for it any
    /// more.
    ///
    /// # Errors
    /// Those of opening and reading the file.
    pub async fn picture(&self, place: &FileResource, name: &[u8], wish: Wish) -> io::Result<Made> {
        let making = Making {
            place: place.clone(),
            wish,
            key: cache::key(&place.stamp, name, wish),
            cache: self.cache.clone().filter(|_| place.stamp.is_rested),
        };
        if let Some(cache) = making.cache.clone() {
            let key = making.key.clone();
            if let Some(kept) = blocking(move || Ok(cache.get(&key))).await? {
                return Ok(Made::from_kept(kept));
            }
        }
        self.make(making).await
    }

    /// Makes it once for everyone who wants it at the same time.
    async fn make(&self, making: Making) -> io::Result<Made> {
        let key = making.key.clone();
        let work = async move |budget: Budget| Ok((making.run(budget).await?, Keep::No));
        let made = self.making.get_async(key, pending(), work).await?;
        Ok(Made::clone(&made))
    }
}

impl Making {
    /// Makes it when memory is free.
    async fn run(self, allowance: Budget) -> io::Result<Made> {
        // A small part of the memory is enough to look at the file. It is released before more is
        // reserved, so that no two requests wait for each other.
        let mut needed = None;
        for _ in 0..MAX_ATTEMPTS {
            let reserved = needed.unwrap_or(make::GLANCE_BYTES);
            let memory = tokio::select! {
                biased;
                () = allowance.abandoned() => return Err(io::ErrorKind::ConnectionAborted.into()),
                memory = budget::reserve(reserved) => memory?,
            };
            let (file, stamp) = self.place.open().await?;
            // It may have waited for memory for a long time.
            allowance.check()?;
            let (cache, key, wish) = (self.cache.clone(), self.key.clone(), self.wish);
            let work = move || {
                let _memory = memory;
                // Another request may have made it in the meantime.
                if let Some(kept) = cache.as_ref().and_then(|cache| cache.get(&key)) {
                    return Ok(Attempt::Made(Made::from_kept(kept)));
                }
                let attempt = match needed {
                    None => make::glance(&file, stamp.size, wish)?,
                    Some(reserved) => make::picture(&file, stamp.size, wish, reserved)?,
                };
                if let (Attempt::Made(made), Some(cache)) = (&attempt, cache) {
                    // Also remembers that a file is not a picture.
                    cache.put(&key, made.kept());
                }
                Ok(attempt)
            };
            let attempt = match needed {
                None => blocking(work).await?,
                Some(_) => on_own_thread("picture", work).await?,
            };
            match attempt {
                Attempt::Made(made) => return Ok(made),
                Attempt::Needs(bytes) => {
                    needed = Some(bytes.clamp(budget::MIN_BYTES, budget::MAX_BYTES));
                }
            }
        }
        // Somebody keeps changing the file. The next request sees another version.
        Ok(Made::Nothing)
    }
}

#[cfg(test)]
impl Thumbnails {
    /// Keeps everyone else from making a picture until the permit is dropped.
    pub async fn occupy(&self) -> tokio::sync::SemaphorePermit<'_> {
        self.making
            .turns()
            .acquire_many(AT_A_TIME as u32)
            .await
            .unwrap()
    }
}

#[cfg(test)]
pub mod tests {
    use std::rc::Rc;

    use tempfile::TempDir;
    use tokio::{
        runtime::{Builder, Runtime},
        task::{LocalSet, spawn_blocking, yield_now},
    };

    use super::*;
    use crate::server::{
        path::RequestPath,
        share::{Content, OpenShare, Resource},
    };

    const NAME: &[u8] = b"picture.png";

    const TILE: Wish = Wish {
        purpose: Purpose::Tile,
        accepts_webp: false,
    };

    /// A runtime with one thread for the disk, and a picture that is not its own thumbnail.
    pub fn with_picture() -> (Runtime, TempDir, FileResource) {
        let dir = tempfile::tempdir().unwrap();
        let noise =
            |x: u32, y: u32| (x.wrapping_mul(y + 7).wrapping_mul(2_654_435_761) >> 13) as u8;
        let picture = image::RgbImage::from_fn(400, 400, |x, y| {
            image::Rgb([noise(x, y), noise(y, x), noise(x, x)])
        });
        picture.save(dir.path().join("picture.png")).unwrap();
        let share = OpenShare::open(&Content::Folder(dir.path().to_owned()), false).unwrap();
        let runtime = Builder::new_current_thread()
            .max_blocking_threads(1)
            .build()
            .unwrap();
        let path = RequestPath::from_names([std::ffi::OsStr::new("picture.png")]).unwrap();
        let place = runtime.block_on(share.find(&path)).unwrap();
        let Resource::File(mut place) = place else {
            panic!("it is a file");
        };
        // It has just been written, but these tests treat it as old.
        place.stamp.is_rested = true;
        assert!(place.stamp.size > Purpose::Tile.small_bytes());
        (runtime, dir, place)
    }

    #[test]
    fn a_picture_that_many_request_at_once_is_made_once() {
        let (runtime, dir, place) = with_picture();
        let cache = dir.path().join("cache");
        let thumbnails = Rc::new(Thumbnails::new(Some(&cache)));
        let visitors = LocalSet::new();
        for _ in 0..20 {
            let (thumbnails, place) = (Rc::clone(&thumbnails), place.clone());
            visitors.spawn_local(async move {
                let picture = thumbnails.picture(&place, NAME, TILE).await;
                assert!(picture.unwrap().kept().starts_with(&[0xff, 0xd8]));
            });
        }
        runtime.block_on(visitors);
        assert_eq!(thumbnails.cache.as_ref().unwrap().puts(), 1);
    }

    #[test]
    fn a_picture_that_was_made_during_the_wait_is_not_made_again() {
        let (runtime, dir, place) = with_picture();
        let thumbnails = Thumbnails::new(Some(&dir.path().join("cache")));
        let key = cache::key(&place.stamp, NAME, TILE);
        let cache = Arc::clone(thumbnails.cache.as_ref().unwrap());
        runtime.block_on(async {
            let taken = thumbnails.occupy().await;
            let making = thumbnails.make(Making {
                place,
                wish: TILE,
                key: key.clone(),
                cache: Some(Arc::clone(&cache)),
            });
            let other = async {
                cache.put(&key, b"made by another");
                drop(taken);
            };
            let (picture, ()) = tokio::join!(making, other);
            assert_eq!(picture.unwrap().kept(), b"made by another");
        });
    }

    #[test]
    fn few_pictures_are_made_at_a_time_even_when_visitors_leave() {
        let (runtime, _dir, place) = with_picture();
        let thumbnails = Thumbnails::new(None);
        runtime.block_on(async {
            let (go_on, held_up) = std::sync::mpsc::channel::<()>();
            let disk = spawn_blocking(move || held_up.recv());
            let has_begun = async {
                while thumbnails.making.turns().available_permits() == AT_A_TIME {
                    yield_now().await;
                }
            };
            tokio::select! {
                biased;
                _ = thumbnails.picture(&place, NAME, TILE) => panic!("the disk is busy"),
                () = has_begun => {}
            }
            yield_now().await;
            assert_eq!(thumbnails.making.turns().available_permits(), 1);
            go_on.send(()).unwrap();
            disk.await.unwrap().unwrap();
            let _all = thumbnails.occupy().await;
        });
    }

    #[test]
    fn a_picture_that_waits_for_memory_is_forgotten_when_its_visitor_leaves() {
        let (runtime, _dir, place) = with_picture();
        let thumbnails = Thumbnails::new(None);
        runtime.block_on(async {
            let _all_memory = budget::reserve(budget::MAX_BYTES).await.unwrap();
            let has_begun = async {
                while thumbnails.making.turns().available_permits() == AT_A_TIME {
                    yield_now().await;
                }
            };
            tokio::select! {
                biased;
                _ = thumbnails.picture(&place, NAME, TILE) => panic!("there is no memory"),
                () = has_begun => {}
            }
            // It is on this thread, so it has its chance.
            for _ in 0..10 {
                yield_now().await;
            }
            assert_eq!(thumbnails.making.turns().available_permits(), AT_A_TIME);
        });
    }
}
