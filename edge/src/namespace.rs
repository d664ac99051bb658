//! Runs a test where only loopback exists: in its own network namespace, by starting the test
//! program again under `tests/in-netns.sh` with this one test.
//!
//! Outside, cloudflared could reach the real service, and waits 30 s for a name server that doesn't
//! respond. Inside, each test has all ports to itself.

use std::{
    io::Write,
    path::PathBuf,
    process::{Command, exit},
};

use crate::{needs, test_name};

/// Set by in-netns.sh.
const INSIDE: &str = "LOOPBACK_EDGE_IN_NAMESPACE";
/// Understood by in-netns.sh.
const ADMINISTRATOR: &str = "LOOPBACK_EDGE_ADMINISTRATOR";
/// Understood by get-cloudflared.sh.
const CLOUDFLARED: &str = "SPOT_SERVE_TEST_CLOUDFLARED";

/// Exit status of a test that was skipped inside, and of in-netns.sh without namespaces.
const SKIPPED: i32 = 77;
/// The start of the line on standard error that says why.
const SKIP: &str = "skip: ";

/// The whole of a `#[test]` function: runs `test` on a single-threaded tokio in a namespace.
/// Where namespaces are not allowed, or the test asks for a cloudflared that is not there, it is
/// skipped: see [`needs`].
///
/// ```no_run
/// #[test]
/// fn a_link_works() {
///     loopback_edge::namespace::run(async {
///         // Write the block here, because the test's name is derived from its type.
///     });
/// }
/// ```
///
/// # Panics
/// When the test does, with its output.
pub fn run<F: Future<Output = ()>>(test: F) {
    run_inside(test, false);
}

/// As [`run`], for a test that only the system's administrator can run, because it mounts a disk.
/// Elsewhere it is skipped.
///
/// # Panics
/// As [`run`].
pub fn run_as_administrator<F: Future<Output = ()>>(test: F) {
    run_inside(test, true);
}

fn run_inside<F: Future<Output = ()>>(test: F, as_administrator: bool) {
    if std::env::var_os(INSIDE).is_none() {
        return run_again(&test_name::of::<F>(), as_administrator);
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap_or_else(|e| panic!("couldn't start tokio: {e}"))
        .block_on(test);
}

/// The path of the real cloudflared for tests. Skips the test if there is none.
///
/// # Panics
/// Outside a namespace, if there is none.
pub fn cloudflared() -> PathBuf {
    needs::find_cloudflared().unwrap_or_else(|why| {
        assert!(std::env::var_os(INSIDE).is_some(), "no cloudflared: {why}");
        skip("cloudflared", &why)
    })
}

/// Skips the test inside a namespace, for a need that only the test itself can check.
pub fn skip(need: &str, why: &str) -> ! {
    // This process runs a single test, and everything it started ends with the namespace.
    let _ = std::io::stderr().write_all(format!("{SKIP}{need}: {why}\n").as_bytes());
    exit(SKIPPED)
}

fn run_again(name: &str, as_administrator: bool) {
    if let Err(why) = needs::is_wanted("netns") {
        return needs::skip_test(name, &format!("netns: {why}"));
    }
    let binary = std::env::current_exe().unwrap_or_else(|e| panic!("who am I? {e}"));
    let mut command = Command::new(needs::IN_NETNS);
    command
        .arg(binary)
        .args(["--exact", name, "--nocapture", "--include-ignored"]);
    if as_administrator {
        command.env(ADMINISTRATOR, "1");
    }
    if let Ok(cloudflared) = needs::find_cloudflared() {
        command.env(CLOUDFLARED, cloudflared);
    }
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("couldn't start {}: {e}", needs::IN_NETNS));
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(SKIPPED) {
        let why = stderr.lines().find_map(|line| line.strip_prefix(SKIP));
        return needs::skip_test(name, why.unwrap_or("no reason given"));
    }
    // Without this check, a name that matches no test would pass.
    let passed = output.status.success() && stdout.contains("test result: ok. 1 passed");
    assert!(
        passed,
        "{name} in a namespace: {}\n{stdout}{stderr}",
        output.status
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_only_loopback_inside() {
        run(async {
            let interfaces = std::fs::read_to_string("/proc/net/dev").unwrap();
            let names: Vec<_> = interfaces.lines().skip(2).collect();
            assert_eq!(names.len(), 1, "{interfaces}");
            assert!(names[0].trim_start().starts_with("lo:"), "{interfaces}");
        });
    }

    #[test]
    fn a_test_that_fails_inside_fails_outside() {
        let is_inside = std::env::var_os(INSIDE).is_some();
        if !is_inside && !needs::met(&["netns"]) {
            return;
        }
        let result = std::panic::catch_unwind(|| run(async { panic!("this is said inside") }));
        let why = result.unwrap_err();
        if is_inside {
            std::panic::resume_unwind(why);
        }
        let why = why.downcast_ref::<String>().unwrap();
        assert!(why.contains("this is said inside"), "{why}");
    }

    #[test]
    fn cloudflared_is_there_inside() {
        run(async { assert!(cloudflared().is_file()) });
    }

    #[test]
    fn a_test_is_skipped_with_a_reason_where_something_is_missing() {
        let test = "namespace::tests::cloudflared_is_there_inside";
        if !needs::met(&["netns"]) {
            return;
        }
        for need in ["netns", "cloudflared"] {
            let dir = tempfile::tempdir().unwrap();
            let skips = dir.path().join("skips");
            let passed = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", test])
                .env("SPOT_SERVE_TEST_WITHOUT", format!("{need} something-else"))
                .env("SPOT_SERVE_TEST_SKIPS", &skips)
                .output()
                .unwrap();
            assert!(passed.status.success(), "{passed:?}");
            let skip = format!("{test} ({need}: left out by SPOT_SERVE_TEST_WITHOUT)\n");
            assert_eq!(std::fs::read_to_string(skips).unwrap(), skip);
            let said = String::from_utf8_lossy(&passed.stderr);
            assert_eq!(said, format!("skipped: {skip}"));
        }
    }
}
