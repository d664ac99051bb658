//! The log: one file of bounded size, which all processes of this user share.
//!
//! - [`filter`]: what is logged
//! - `rotating_file`: the file

pub mod filter;
mod rotating_file;

use std::{io, path::Path, sync::Mutex};

use tracing_subscriber::{
    filter::Targets, fmt, layer::SubscriberExt, registry, util::SubscriberInitExt,
};

use self::rotating_file::RotatingFile;

/// Starts logging to `path`. From then on, what can't be logged is dropped.
///
/// # Errors
/// The log file can't be opened.
pub fn start(path: &Path, filter: Targets) -> io::Result<()> {
    subscriber(RotatingFile::open(path)?, filter).init();
    Ok(())
}

fn subscriber(file: RotatingFile, filter: Targets) -> impl SubscriberInitExt {
    let lines = fmt::layer().with_ansi(false).with_writer(Mutex::new(file));
    registry().with(lines).with(filter)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tracing::Dispatch;

    use super::*;

    /// The log of a few messages with this filter.
    fn log(filter: Targets) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spot-serve.log");
        let dispatch: Dispatch = subscriber(RotatingFile::open(&path).unwrap(), filter).into();
        tracing::dispatcher::with_default(&dispatch, || {
            tracing::error!(target: "actix_http::h1::dispatcher", "stream error: broken pipe");
            tracing::debug!(target: "hyper", "a library's detail");
            tracing::trace!(target: "spot_serve::tunnel", "a trace");
            tracing::debug!(target: "spot_serve::tunnel", "a detail");
            tracing::info!(target: "spot_serve", "a folder is shared");
        });
        fs::read_to_string(&path).unwrap()
    }

    #[test]
    fn visitors_who_leave_are_not_errors() {
        let log = log(filter::from_verbosity(0));
        assert_eq!(log.lines().count(), 1, "{log}");
        assert!(log.contains("a folder is shared"));
    }

    #[test]
    fn details_are_logged_when_asked_for() {
        let log = log(filter::from_verbosity(1));
        assert!(log.contains("DEBUG spot_serve::tunnel: a detail"), "{log}");
        assert_eq!(log.lines().count(), 2, "{log}");
        let log = self::log(filter::from_verbosity(2));
        assert!(log.contains("TRACE spot_serve::tunnel: a trace"), "{log}");
        assert!(log.contains("a library's detail"), "{log}");
        let log = self::log(filter::parse("spot_serve::tunnel=debug").unwrap());
        assert_eq!(log.lines().count(), 2, "{log}");
    }
}
