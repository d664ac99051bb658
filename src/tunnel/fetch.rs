//! Downloads the pinned cloudflared: resumable, verified before anything can run it, and moved to
//! its place by a rename.

use std::{
    fs::{self, File, TryLockError},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use http_body_util::BodyExt;
use hyper::{Response, StatusCode, body::Incoming, header::CONTENT_RANGE};
use tokio::time::timeout;

use super::{pins::Pin, sidecar, sidecar_error::SidecarError};
use crate::{
    http::{
        Client, HttpError,
        get::{self, GetError},
    },
    owner_only,
};

/// A download without a byte for this long is given up. It can be resumed.
const SILENCE_LIMIT: Duration = Duration::from_secs(30);
/// How often an interrupted download is tried in total.
const ATTEMPTS: u32 = 3;

/// Why cloudflared was not downloaded. Nothing that could be run is left behind.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error(
        "Couldn't download cloudflared: {0}. Check your network and try again. What was downloaded so far is kept."
    )]
    Network(#[from] HttpError),
    #[error(
        "Couldn't download cloudflared: the server answered {status} for {url}. Try again later."
    )]
    Status { status: u16, url: String },
    #[error(
        "Couldn't download cloudflared: the connection was lost after {got} of {size} bytes. Try again to resume."
    )]
    BrokeOff { got: u64, size: u64 },
    #[error(
        "Couldn't download cloudflared: the file is not the one expected by this version of Spot Serve ({0}), so it was removed. Try again. If it happens again, something in your network changes the file."
    )]
    NotThePinned(&'static str),
    #[error("Couldn't save cloudflared in {dir}: {source}. {advice}")]
    Write {
        dir: PathBuf,
        source: io::Error,
        advice: &'static str,
    },
    #[error("cloudflared is already being downloaded. Wait until that is done.")]
    Busy,
}

/// Downloads the release of `pin` into the directory `into` and returns the program's path.
///
/// `progress` gets the bytes so far and the total.
///
/// # Errors
/// See [`FetchError`]. The part of an interrupted download is kept for the next time.
pub async fn fetch(
    client: &Client,
    pin: &Pin,
    into: &Path,
    mut progress: impl FnMut(u64, u64),
) -> Result<PathBuf, FetchError> {
    let failed = |source: io::Error| write_error(into, source);
    owner_only::create_dir(into).map_err(failed)?;
    let lock = owner_only::open_options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(into.join("cloudflared.lock"))
        .map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(FetchError::Busy),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let place = into.join(&pin.file_name);
    if place.is_file() && sidecar::verify(&place, &pin.sha256).is_ok() {
        return Ok(place);
    }
    let partial = into.join(format!("{}-{}.part", pin.file_name, pin.version));
    let got = get_whole(client, pin, &partial, &mut progress).await;
    let put = match got {
        Ok(()) => install(pin, &partial, &place),
        Err(error) => Err(error),
    };
    if let Err(error) = &put
        && !matches!(
            error,
            FetchError::Network(_) | FetchError::BrokeOff { .. } | FetchError::Status { .. }
        )
    {
        // The file may not exist. The first error is the one that matters.
        let _ = fs::remove_file(&partial);
    }
    put.map(|()| place)
}

fn write_error(dir: &Path, source: io::Error) -> FetchError {
    let advice = match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "Free 100 MB there and try again."
        }
        _ => "Make that folder writable and try again.",
    };
    FetchError::Write {
        dir: dir.to_owned(),
        source,
        advice,
    }
}

/// Completes the partial file, with several requests if necessary.
async fn get_whole(
    client: &Client,
    pin: &Pin,
    partial: &Path,
    progress: &mut impl FnMut(u64, u64),
) -> Result<(), FetchError> {
    let dir = partial.parent().unwrap_or(partial);
    let failed = |source: io::Error| write_error(dir, source);
    let mut file = owner_only::open_options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(partial)
        .map_err(failed)?;
    let mut attempt = 1;
    loop {
        let done = get_rest(client, pin, &mut file, progress).await;
        let got = file.metadata().map_err(failed)?.len();
        match done {
            Ok(()) if got == pin.size => return file.sync_all().map_err(failed),
            Ok(()) if got > pin.size => return Err(FetchError::NotThePinned("its size differs")),
            Ok(()) | Err(RestError::Broken) if attempt >= ATTEMPTS => {
                return Err(FetchError::BrokeOff {
                    got,
                    size: pin.size,
                });
            }
            Ok(()) | Err(RestError::Broken) => {}
            Err(RestError::Fetch(error)) => return Err(error),
            Err(RestError::Write(error)) => return Err(failed(error)),
        }
        attempt += 1;
    }
}

enum RestError {
    /// The connection ended or went silent.
    Broken,
    Write(io::Error),
    Fetch(FetchError),
}

async fn get_rest(
    client: &Client,
    pin: &Pin,
    file: &mut File,
    progress: &mut impl FnMut(u64, u64),
) -> Result<(), RestError> {
    let mut got = file.metadata().map_err(RestError::Write)?.len();
    if got > pin.size {
        file.set_len(0).map_err(RestError::Write)?;
        got = 0;
    }
    progress(got, pin.size);
    if got == pin.size {
        return Ok(());
    }
    let answer = ask(client, &pin.url, got).await.map_err(RestError::Fetch)?;
    let resumes = answer.status() == StatusCode::PARTIAL_CONTENT
        && answer.headers().get(CONTENT_RANGE).is_some_and(|range| {
            range
                .as_bytes()
                .starts_with(format!("bytes {got}-").as_bytes())
        });
    if !resumes {
        if answer.status() == StatusCode::PARTIAL_CONTENT {
            return Err(RestError::Broken);
        }
        // The server sends the whole file.
        file.set_len(0).map_err(RestError::Write)?;
        got = 0;
    }
    file.seek(SeekFrom::Start(got)).map_err(RestError::Write)?;
    let mut body = answer.into_body();
    loop {
        let frame = match timeout(SILENCE_LIMIT, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => return Ok(()),
            Ok(Some(Err(_))) | Err(_) => return Err(RestError::Broken),
        };
        let Ok(data) = frame.into_data() else {
            continue;
        };
        file.write_all(&data).map_err(RestError::Write)?;
        got += data.len() as u64;
        if got > pin.size {
            return Ok(());
        }
        progress(got, pin.size);
    }
}

/// Requests the bytes from `first` on.
async fn ask(client: &Client, url: &str, first: u64) -> Result<Response<Incoming>, FetchError> {
    get::get(client, url, first)
        .await
        .map_err(|error| match error {
            GetError::Http(error) => FetchError::Network(error),
            GetError::Status(status) => FetchError::Status {
                status,
                url: url.to_owned(),
            },
        })
}

/// Verifies the download and moves the program to its place.
fn install(pin: &Pin, partial: &Path, place: &Path) -> Result<(), FetchError> {
    let failed = |source: io::Error| write_error(partial.parent().unwrap_or(partial), source);
    let checked = |file: &Path, sha256: &str| match sidecar::verify(file, sha256) {
        Ok(()) => Ok(()),
        Err(SidecarError::WrongHash(_)) => Err(FetchError::NotThePinned("its SHA-256 differs")),
        Err(error) => Err(failed(io::Error::other(error.to_string()))),
    };
    let program = match &pin.archive_sha256 {
        None => partial.to_owned(),
        Some(archive_sha256) => {
            checked(partial, archive_sha256)?;
            let program = partial.with_extension("unpacked");
            let unpacked = unpack(partial, &program);
            let unpacked = unpacked
                .map_err(failed)
                .and_then(|()| checked(&program, &pin.sha256));
            if unpacked.is_err() {
                let _ = fs::remove_file(&program);
            }
            unpacked?;
            let _ = fs::remove_file(partial);
            program
        }
    };
    if pin.archive_sha256.is_none() {
        checked(&program, &pin.sha256)?;
    }
    owner_only::make_executable(&program).map_err(failed)?;
    fs::rename(&program, place).map_err(failed)
}

/// Extracts the file `cloudflared` from a .tgz.
fn unpack(archive: &Path, into: &Path) -> io::Result<()> {
    let mut tar = flate2::read::GzDecoder::new(File::open(archive)?);
    let mut header = [0; 512];
    loop {
        tar.read_exact(&mut header)?;
        // POSIX ustar: the name is in 0..100, the size in octal digits in 124..136.
        let name = header[..100]
            .split(|byte| *byte == 0)
            .next()
            .unwrap_or_default();
        if name.is_empty() {
            return Err(io::Error::other("the archive has no cloudflared"));
        }
        let digits = String::from_utf8_lossy(&header[124..136]);
        let digits = digits.trim_matches(['\0', ' ']);
        let size = u64::from_str_radix(digits, 8).map_err(io::Error::other)?;
        if name.rsplit(|byte| *byte == b'/').next() == Some(b"cloudflared") {
            let mut file = owner_only::open_options()
                .write(true)
                .create(true)
                .truncate(true)
                .open(into)?;
            io::copy(&mut Read::by_ref(&mut tar).take(size), &mut file)?;
            return file.sync_all();
        }
        io::copy(
            &mut Read::by_ref(&mut tar).take(size.next_multiple_of(512)),
            &mut io::sink(),
        )?;
    }
}
