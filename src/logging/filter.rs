//! What is logged: by default the level `info`. `-v` and the variable `SPOT_SERVE_LOG` change it.

use std::env;

use tracing_subscriber::filter::{LevelFilter, Targets};

/// The variable: a level, or `target=level`, or several of these separated by commas.
pub const VARIABLE: &str = "SPOT_SERVE_LOG";

const OWN_TARGET: &str = "spot_serve";
/// Logs an error whenever a visitor closes the browser.
const NOISY_TARGET: &str = "actix_http";

/// The value of the variable can't be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "SPOT_SERVE_LOG has an invalid value: {0:?}. Use a level (error, warn, info, debug, trace, off) or MODULE=LEVEL, such as spot_serve::tunnel=debug."
)]
pub struct FilterError(String);

/// The filter for this number of `-v` options or, if there are none, for the variable.
///
/// # Errors
/// The variable has an invalid value.
pub fn from_environment(verbosity: u8) -> Result<Targets, FilterError> {
    match env::var_os(VARIABLE) {
        Some(value) if verbosity == 0 => parse(&value.to_string_lossy()),
        _ => Ok(from_verbosity(verbosity)),
    }
}

/// The filter for this number of `-v` options.
pub fn from_verbosity(verbosity: u8) -> Targets {
    let (own, others) = match verbosity {
        0 => (LevelFilter::INFO, LevelFilter::INFO),
        1 => (LevelFilter::DEBUG, LevelFilter::INFO),
        _ => (LevelFilter::TRACE, LevelFilter::DEBUG),
    };
    Targets::new()
        .with_target(OWN_TARGET, own)
        .with_target(NOISY_TARGET, LevelFilter::OFF)
        .with_default(others)
}

/// The filter for a value of the variable. What it doesn't mention keeps its default.
///
/// # Errors
/// The value is invalid.
pub fn parse(value: &str) -> Result<Targets, FilterError> {
    let invalid = || FilterError(value.to_owned());
    let mut filter = Targets::new()
        .with_target(NOISY_TARGET, LevelFilter::OFF)
        .with_default(LevelFilter::INFO);
    let parts = value.split(',').map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let (target, level) = match part.split_once('=') {
            Some((target, level)) => (Some(target.trim()), level.trim()),
            None => (None, part),
        };
        let level: LevelFilter = level.parse().map_err(|_| invalid())?;
        filter = match target {
            Some("") => return Err(invalid()),
            Some(target) => filter.with_target(target, level),
            None => filter.with_default(level),
        };
    }
    Ok(filter)
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn a_level_applies_to_everything_and_a_target_to_itself() {
        let filter = parse("debug").unwrap();
        assert!(filter.would_enable("spot_serve::tunnel", &Level::DEBUG));
        assert!(!filter.would_enable("actix_http::h1", &Level::ERROR));
        let filter = parse("spot_serve::tunnel=trace, warn,actix_http=error").unwrap();
        assert!(filter.would_enable("spot_serve::tunnel", &Level::TRACE));
        assert!(!filter.would_enable("spot_serve::app", &Level::INFO));
        assert!(filter.would_enable("actix_http::h1", &Level::ERROR));
        let filter = parse("").unwrap();
        assert!(filter.would_enable("spot_serve", &Level::INFO));
        assert!(!filter.would_enable("spot_serve", &Level::DEBUG));
    }

    #[test]
    fn an_invalid_value_is_an_error() {
        for value in ["verbose", "spot_serve=loud", "=debug", "info;debug"] {
            let error = parse(value).unwrap_err().to_string();
            assert!(error.contains(value), "{error}");
        }
    }
}
