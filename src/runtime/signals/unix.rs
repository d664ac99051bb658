//! SIGINT, SIGTERM and SIGHUP. SIGHUP stays ignored if it was ignored at the start, as `nohup`
//! arranges. SIGINT doesn't: shells ignore it for everything they start in the background, but
//! whoever sends it anyway means it.

use std::{fs, io};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Waits for the next signal.
///
/// # Errors
/// Signals can't be received.
pub async fn next() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = unless_ignored(SignalKind::hangup())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        () = received(&mut hangup) => {}
    }
    Ok(())
}

fn unless_ignored(kind: SignalKind) -> io::Result<Option<Signal>> {
    if is_ignored(kind) {
        Ok(None)
    } else {
        signal(kind).map(Some)
    }
}

async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether this process ignores the signal. Only Linux tells without unsafe code; on other systems
/// the answer is no.
fn is_ignored(kind: SignalKind) -> bool {
    fs::read_to_string("/proc/self/status").is_ok_and(|status| has(&status, kind))
}

/// Whether the mask of ignored signals (`SigIgn:` and a hexadecimal number) has this one.
fn has(status: &str, kind: SignalKind) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u128::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask >> (kind.as_raw_value() - 1) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_has_a_bit_for_each_signal() {
        let status = "Name:\tspot-serve\nSigBlk:\tffff\nSigIgn:\t0000000000001001\n";
        assert!(has(status, SignalKind::hangup()));
        assert!(!has(status, SignalKind::interrupt()));
        assert!(has("SigIgn:\t0000000000000002", SignalKind::interrupt()));
        for odd in ["", "SigIgn:\tx", "SigCgt:\t1"] {
            assert!(!has(odd, SignalKind::hangup()), "{odd}");
        }
    }
}
