//! What a test needs besides Rust.
//!
//! A test whose needs aren't met is skipped: it passes, and a line on standard error says why. The
//! test runner's capture doesn't hide that line.
//!
//! - `SPOT_SERVE_TEST_SKIPS=FILE` also appends each of these lines to FILE.
//! - `SPOT_SERVE_TEST_WITHOUT="netns 7z"` treats what it names as missing.

use std::{
    collections::HashSet,
    env,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use crate::test_name;

const SKIPS: &str = "SPOT_SERVE_TEST_SKIPS";
const WITHOUT: &str = "SPOT_SERVE_TEST_WITHOUT";

pub(crate) const IN_NETNS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/in-netns.sh");
const GET_CLOUDFLARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/get-cloudflared.sh");
const GET_TUSPY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/get-tuspy.sh");

/// Whether everything that the running test needs is here. If not, the test is reported as skipped
/// and should return.
///
/// A need is `netns` (network namespaces), `cloudflared`, `tuspy`, or the name of a program.
///
/// ```no_run
/// # use loopback_edge::needs;
/// #[test]
/// fn python_reads_it() {
///     if !needs::met(&["python3"]) {
///         return;
///     }
/// }
/// ```
#[must_use]
pub fn met(needs: &[&str]) -> bool {
    for need in needs {
        if let Err(why) = find(need) {
            skip(need, &why);
            return false;
        }
    }
    true
}

/// Like [`met`], for a single check in a test that continues without it.
#[must_use]
pub fn met_for_one_check(need: &str) -> bool {
    match find(need) {
        Ok(()) => true,
        Err(why) => {
            report(&format!(
                "{}, in part ({need}: {why})",
                test_name::current()
            ));
            false
        }
    }
}

/// Reports the running test as skipped, for a need that only the test itself can check.
pub fn skip(need: &str, why: &str) {
    skip_test(&test_name::current(), &format!("{need}: {why}"));
}

/// Reports a test as skipped.
pub(crate) fn skip_test(test: &str, why: &str) {
    report(&format!("{test} ({why})"));
}

/// The real cloudflared for tests, if there is one already; nothing is fetched.
///
/// # Errors
/// With the reason when there is none.
pub(crate) fn find_cloudflared() -> Result<PathBuf, String> {
    is_wanted("cloudflared")?;
    said_by(Command::new(GET_CLOUDFLARED).arg("--present")).map(PathBuf::from)
}

/// The directory with tuspy, the Python client of the protocol tus, if it is there already; nothing is
/// fetched.
///
/// # Errors
/// With the reason when it is not.
pub fn tuspy() -> Result<PathBuf, String> {
    is_wanted("tuspy")?;
    said_by(Command::new(GET_TUSPY).arg("--present")).map(PathBuf::from)
}

fn find(need: &str) -> Result<(), String> {
    is_wanted(need)?;
    match need {
        "cloudflared" => find_cloudflared().map(|_| ()),
        "tuspy" => tuspy().map(|_| ()),
        "netns" => match said_by(Command::new(IN_NETNS).arg("true")) {
            Ok(_) => Ok(()),
            Err(why) => Err(why.trim_start_matches("skip: netns: ").to_owned()),
        },
        program if is_on_path(program) => Ok(()),
        _ => Err("not installed".to_owned()),
    }
}

/// # Errors
/// When the need is to be treated as missing.
pub(crate) fn is_wanted(need: &str) -> Result<(), String> {
    let without = env::var(WITHOUT).unwrap_or_default();
    if without.split_whitespace().any(|one| one == need) {
        return Err(format!("left out by {WITHOUT}"));
    }
    Ok(())
}

/// Standard output of a command that succeeds; otherwise the last line of its standard error.
fn said_by(command: &mut Command) -> Result<String, String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let text = if output.status.success() {
        &output.stdout
    } else {
        &output.stderr
    };
    let text = String::from_utf8_lossy(text).trim_end().to_owned();
    if output.status.success() {
        Ok(text)
    } else {
        let line = text.lines().last().unwrap_or("not available");
        Err(line.to_owned())
    }
}

fn is_on_path(program: &str) -> bool {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|dir| dir.join(&file).is_file())
}

/// Writes a line past the test runner's capture, once for each process.
fn report(skip: &str) {
    static REPORTED: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    let is_new = REPORTED
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get_or_insert_default()
        .insert(skip.to_owned());
    if !is_new {
        return;
    }
    // Nobody can be told when this fails.
    let _ = std::io::stderr().write_all(format!("skipped: {skip}\n").as_bytes());
    if let Some(file) = env::var_os(SKIPS) {
        append(Path::new(&file), skip)
            .unwrap_or_else(|error| panic!("couldn't write {SKIPS}={}: {error}", file.display()));
    }
}

/// In one write, so that lines of several test processes don't mix.
fn append(file: &Path, line: &str) -> std::io::Result<()> {
    let mut file = File::options().create(true).append(true).open(file)?;
    file.write_all(format!("{line}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_path() {
        assert_eq!(find("cargo"), Ok(()));
        let missing = find("spot-serve-no-such-program");
        assert_eq!(missing, Err("not installed".to_owned()));
    }

    #[test]
    fn a_failure_is_explained_by_the_last_line_of_standard_error() {
        let git = said_by(Command::new("cargo").arg("no-such-command"));
        assert!(git.is_err_and(|why| !why.is_empty() && !why.contains('\n')));
        let missing = said_by(&mut Command::new("spot-serve-no-such-program"));
        assert!(missing.is_err());
    }
}
