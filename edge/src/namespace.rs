//! Runs a test where only loopback exists: in a network namespace of its own, by starting the
//! test binary again under `tests/in-netns.sh` with this one test.
//!
//! Without it a real cloudflared waits 30 s for a name server that doesn't answer, and could
//! reach a network that does. It also gives each test all ports for itself.

use std::{path::PathBuf, process::Command};

/// Set by in-netns.sh.
const INSIDE: &str = "LOOPBACK_EDGE_IN_NAMESPACE";
/// Understood by get-cloudflared.sh.
const CLOUDFLARED: &str = "SPOT_SERVE_TEST_CLOUDFLARED";

const IN_NETNS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/in-netns.sh");
const GET_CLOUDFLARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/get-cloudflared.sh");

/// The whole of a `#[test]` function: runs `test` on a single-threaded tokio in a namespace.
///
/// ```no_run
/// #[test]
/// fn a_link_works() {
///     loopback_edge::namespace::run(async {
///         // Written here, not in a function that is called: the block's type names the test.
///     });
/// }
/// ```
///
/// # Panics
/// When the test does, with its output; when there are no namespaces to be had, or no
/// cloudflared.
pub fn run<F: Future<Output = ()>>(test: F) {
    if std::env::var_os(INSIDE).is_none() {
        return run_again(&test_name(std::any::type_name::<F>()));
    }
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap_or_else(|e| panic!("couldn't start tokio: {e}"))
        .block_on(test);
}

/// The real cloudflared for tests.
///
/// # Panics
/// When there is none and none can be fetched, as inside a namespace.
pub fn cloudflared() -> PathBuf {
    let output = Command::new(GET_CLOUDFLARED)
        .output()
        .unwrap_or_else(|e| panic!("couldn't start {GET_CLOUDFLARED}: {e}"));
    let why = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "no cloudflared for tests:\n{why}");
    PathBuf::from(String::from_utf8_lossy(&output.stdout).trim_end())
}

/// What libtest calls the test whose body has this type: the path of the function without the
/// crate, which is also the path of its async block without `{{closure}}`.
fn test_name(type_name: &str) -> String {
    let path = type_name.trim_end_matches("::{{closure}}");
    path.split_once("::")
        .map_or(path, |(_, name)| name)
        .to_owned()
}

fn run_again(name: &str) {
    let binary = std::env::current_exe().unwrap_or_else(|e| panic!("who am I? {e}"));
    let output = Command::new(IN_NETNS)
        .arg(binary)
        .args(["--exact", name, "--nocapture", "--include-ignored"])
        .env(CLOUDFLARED, cloudflared())
        .output()
        .unwrap_or_else(|e| panic!("couldn't start {IN_NETNS}: {e}"));
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // A name that fits no test would pass, too.
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
    fn a_test_is_named_as_libtest_names_it() {
        let name = test_name("spot_serve::tunnel::tests::a_link_works::{{closure}}");
        assert_eq!(name, "tunnel::tests::a_link_works");
    }

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
        let result = std::panic::catch_unwind(|| run(async { panic!("this is said inside") }));
        let why = result.unwrap_err();
        if is_inside {
            std::panic::resume_unwind(why);
        }
        let why = why.downcast_ref::<String>().unwrap();
        assert!(why.contains("this is said inside"), "{why}");
    }
}
