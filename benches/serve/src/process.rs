//! The processor time and memory of a process and its children.

use std::fs;
use std::time::Duration;

/// A process and its children.
pub fn family(pid: u32) -> Vec<u32> {
    let mut family = vec![pid];
    let children = format!("/proc/{pid}/task/{pid}/children");
    for child in fs::read_to_string(children)
        .unwrap_or_default()
        .split_whitespace()
    {
        family.extend(child.parse().map(self::family).unwrap_or_default());
    }
    family
}

/// The processor time that a server has used.
pub fn cpu(pid: u32) -> Duration {
    let ticks: u64 = family(pid)
        .into_iter()
        .map(|pid| {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            // The name in brackets may contain spaces. User and system time are the 12th and 13th
            // fields after it.
            let rest = stat.rsplit(')').next().unwrap_or_default();
            let fields: Vec<u64> = rest
                .split_whitespace()
                .map(|f| f.parse().unwrap_or(0))
                .collect();
            fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0)
        })
        .sum();
    Duration::from_millis(ticks * 10)
}

/// Memory of a process in MB, from a field of its status such as `VmHWM`.
pub fn memory_mb(pid: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kb = line.and_then(|line| {
        line.trim_start_matches(':')
            .split_whitespace()
            .next()?
            .parse()
            .ok()
    });
    kb.unwrap_or(0.0) * 1024.0 / 1e6
}

/// Proportional set size in MB.
pub fn pss_mb(pid: u32) -> f64 {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    kb.unwrap_or(0.0) * 1024.0 / 1e6
}
