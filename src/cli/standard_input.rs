//! `spot-serve share -`: standard input until its end, as a file.

use std::{
    fs::File,
    future::poll_fn,
    io::{self, IsTerminal, Read, Write},
    path::Path,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use anyhow::{anyhow, bail};
use tokio::{
    task::spawn_blocking,
    time::{MissedTickBehavior, interval},
};

use super::errors::WrongUsage;
use super::program::async_runtime;
use crate::{
    app::{size, visible},
    console,
    paths::Paths,
    runtime::asked_to_end,
    spool::{self, Spooled},
};

/// Stands for standard input in place of a path.
const STANDARD_INPUT: &str = "-";

/// The name before the content is known.
const UNNAMED: &str = "stdin";

const PIECE: usize = 128 * 1024;

/// How often the progress is shown.
const SHOWN_EVERY: Duration = Duration::from_millis(250);

const HOW_TO_END: &str = if cfg!(windows) {
    "Type or paste what to share. Then press Ctrl-Z and Enter at the start of a line. Ctrl-C cancels."
} else {
    "Type or paste what to share. Then press Ctrl-D at the start of a line. Ctrl-C cancels."
};

/// Whether these paths name standard input.
///
/// # Errors
/// They name something else, too.
pub fn is_named(paths: &[impl AsRef<Path>]) -> anyhow::Result<bool> {
    let dashes = paths.iter().map(AsRef::as_ref);
    let count = dashes
        .filter(|path| *path == Path::new(STANDARD_INPUT))
        .count();
    match (count, paths.len()) {
        (0, _) => Ok(false),
        (1, 1) => Ok(true),
        _ => bail!(WrongUsage(
            "Standard input (-) is shared on its own. For a file that is called -, write ./- instead."
        )),
    }
}

/// Reads standard input to its end, into a file with this name, or one that fits the content.
///
/// # Errors
/// It can't be read or kept, it is empty, or the user has cancelled it.
pub fn read(paths: &Paths, name: Option<&str>) -> anyhow::Result<Spooled> {
    let name = name.map(spool::checked).transpose();
    let name = name.map_err(|error| anyhow!("Can't use that --name: {error}."))?;
    spool::tidy(&paths.spool());
    let created = spool::create(&paths.spool(), name.unwrap_or(UNNAMED));
    let (file, mut spooled) = created.map_err(|error| not_kept(&error, 0, &paths.spool()))?;
    if io::stdin().is_terminal() {
        console::say(HOW_TO_END);
    }
    let runtime = async_runtime()?;
    let read = runtime.block_on(until_end(file));
    // The thread may wait for more input for ever.
    runtime.shutdown_background();
    let beginning = match read? {
        Outcome::Read(beginning) => beginning,
        Outcome::Cancelled => bail!("Cancelled. Nothing is shared."),
        Outcome::NotRead(error) => bail!("Can't read standard input: {error}. Nothing is shared."),
        Outcome::NotKept(error, read) => return Err(not_kept(&error, read, &paths.spool())),
    };
    if beginning.is_empty() {
        bail!("Standard input is empty, so there is nothing to share.");
    }
    if name.is_none() {
        let fitting = spool::for_content(UNNAMED, &beginning);
        let renamed = spooled.rename(&fitting);
        renamed.map_err(|error| not_kept(&error, 0, &paths.spool()))?;
    }
    Ok(spooled)
}

/// What became of standard input.
enum Outcome {
    /// All of it was read, and begins like this.
    Read(Vec<u8>),
    Cancelled,
    NotRead(io::Error),
    /// So much had been read.
    NotKept(io::Error, u64),
}

async fn until_end(file: File) -> anyhow::Result<Outcome> {
    let mut asked = pin!(asked_to_end());
    // From here on, no signal ends the program without a word.
    let asked_before = poll_fn(|context| Poll::Ready(asked.as_mut().poll(context))).await;
    if asked_before.is_ready() {
        return Ok(Outcome::Cancelled);
    }
    let count = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&count);
    let mut reading = spawn_blocking(move || copy(io::stdin().lock(), file, &counted));
    let mut progress = Progress::default();
    let mut ticks = interval(SHOWN_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let outcome = loop {
        tokio::select! {
            biased;
            outcome = &mut reading => break outcome?,
            asked = &mut asked => {
                asked?;
                break Outcome::Cancelled;
            }
            _ = ticks.tick() => progress.show(count.load(Ordering::Relaxed)),
        }
    };
    progress.end();
    Ok(outcome)
}

/// Copies everything, and counts it.
fn copy(mut from: impl Read, mut to: impl Write, count: &AtomicU64) -> Outcome {
    const BEGINNING: usize = 4096;
    let mut beginning = Vec::new();
    let mut piece = vec![0; PIECE];
    loop {
        let read = match from.read(&mut piece) {
            Ok(0) => return Outcome::Read(beginning),
            Ok(read) => &piece[..read],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Outcome::NotRead(error),
        };
        let more = read.len().min(BEGINNING - beginning.len());
        beginning.extend_from_slice(&read[..more]);
        if let Err(error) = to.write_all(read) {
            return Outcome::NotKept(error, count.load(Ordering::Relaxed));
        }
        count.fetch_add(read.len() as u64, Ordering::Relaxed);
    }
}

/// Why it can't be shared although it could be read.
fn not_kept(error: &io::Error, read: u64, spool: &Path) -> anyhow::Error {
    let spool = visible(&spool.display().to_string());
    if matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    ) {
        let read = size::in_words(read);
        return anyhow!(
            "The disk with {spool} is full. Only {read} of standard input fitted, so nothing is shared. Free some space, or write it to a file on another disk and share that."
        );
    }
    anyhow!("Can't keep standard input in {spool}: {error}. Nothing is shared.")
}

/// How much was read, on a terminal; nothing elsewhere.
#[derive(Default)]
struct Progress {
    is_shown: bool,
}

impl Progress {
    fn show(&mut self, bytes: u64) {
        // Somebody who types knows how much it is.
        if bytes == 0 || io::stdin().is_terminal() || !io::stderr().is_terminal() {
            return;
        }
        self.is_shown = true;
        // A failed write doesn't matter.
        let _ = write!(io::stderr(), "\rRead {}…      ", size::in_words(bytes));
    }

    fn end(&self) {
        if self.is_shown {
            let _ = writeln!(io::stderr());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dash_alone_is_standard_input() {
        assert!(is_named(&["-"]).unwrap());
        assert!(!is_named(&["./-", "a"]).unwrap());
        assert!(is_named(&["-", "a"]).is_err() && is_named(&["-", "-"]).is_err());
    }

    #[test]
    fn everything_is_copied_and_its_beginning_is_kept() {
        let input = vec![b'x'; 300_000];
        let (count, mut output) = (AtomicU64::new(0), Vec::new());
        let Outcome::Read(beginning) = copy(&input[..], &mut output, &count) else {
            panic!("all of it can be read");
        };
        assert_eq!((output, count.into_inner()), (input, 300_000));
        assert_eq!(beginning.len(), 4096);
    }

    #[test]
    fn a_full_disk_is_explained() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let words = not_kept(&full, 2_000_000, Path::new("/spool")).to_string();
        assert!(words.starts_with("The disk with /spool is full. Only 2 MB of"));
    }
}
