//! The clock that time limits are measured with. It counts while the computer is suspended, and
//! changes of the date don't move it.

#[cfg_attr(target_os = "linux", path = "linux.rs")]
#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod platform;
#[cfg(not(target_os = "linux"))]
mod steps;

pub use platform::{now, until, until_about};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_moment_comes_when_its_time_has_passed() {
        let then = now().after(Duration::from_millis(20));
        until(then).await;
        assert!(now() >= then);
        // One that has passed doesn't come again.
        until(then).await;
    }
}
