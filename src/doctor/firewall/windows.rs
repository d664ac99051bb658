//! Windows: the rules of Windows Defender Firewall, which are in the registry. Windows asks the user itself
//! when a program listens for the first time; whoever cancels that gets a rule that blocks it.

use std::env;

use tokio::task::spawn_blocking;
use windows_registry::LOCAL_MACHINE;

use super::{
    ports::{CHECK, ports},
    windows_rule::blocks,
};
use crate::doctor::finding::Finding;

const RULES: &str =
    r"SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules";

pub async fn examine() -> Vec<Finding> {
    let is_blocked = spawn_blocking(is_blocked).await.unwrap_or(false);
    let range = ports("-");
    let found = is_blocked.then(|| {
        Finding::warning(
            CHECK,
            "Windows Defender Firewall has a rule that keeps the local network from Spot Serve.",
            format!("Remove that rule, and allow Spot Serve in Windows Security > Firewall & network protection > Allow an app through firewall. Or run `netsh advfirewall firewall add rule name=\"Spot Serve\" dir=in action=allow protocol=TCP localport={range}` as an administrator."),
        )
    });
    found.into_iter().collect()
}

fn is_blocked() -> bool {
    let Ok(program) = env::current_exe() else {
        return false;
    };
    let program = program.to_string_lossy().into_owned();
    let rules = LOCAL_MACHINE.open(RULES).and_then(|key| {
        let values: Vec<String> = key
            .values()?
            .filter_map(|(_, value)| String::try_from(value).ok())
            .collect();
        Ok(values)
    });
    // Without them, nothing is known.
    rules.is_ok_and(|rules| rules.iter().any(|rule| blocks(rule, &program)))
}
