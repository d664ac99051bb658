//! Linux: ufw and firewalld.

use std::fs;

use super::{
    firewalld,
    ports::{CHECK, ports},
};
use crate::doctor::finding::Finding;

const UFW: &str = "/etc/ufw/ufw.conf";
const UFW_DEFAULTS: &str = "/etc/default/ufw";
/// Only root can read it.
const UFW_RULES: &str = "/etc/ufw/user.rules";

pub async fn examine() -> Vec<Finding> {
    let read = |file: &str| fs::read_to_string(file).unwrap_or_default();
    let ufw = ufw(&read(UFW), &read(UFW_DEFAULTS), &read(UFW_RULES));
    let firewalld = firewalld::examine().await;
    ufw.into_iter().chain(firewalld).collect()
}

/// What ufw does, by its files.
fn ufw(settings: &str, defaults: &str, rules: &str) -> Option<Finding> {
    let value = |text: &str, key: &str| {
        let mut lines = text.lines().map(str::trim);
        let line = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
        line.map(|value| value.trim_matches('"').to_ascii_lowercase())
    };
    let is_on = value(settings, "ENABLED").as_deref() == Some("yes");
    let lets_in = value(defaults, "DEFAULT_INPUT_POLICY").as_deref() == Some("accept");
    let range = ports(":");
    if !is_on || lets_in || has_rule(rules, &range) {
        return None;
    }
    Some(Finding::warning(
        CHECK,
        "The firewall ufw is on. Unless it has a rule for them, it keeps the local network from your shares.",
        format!("To let it in, run `sudo ufw allow {range}/tcp`."),
    ))
}

/// Whether one of these rules of ufw, as it keeps them, lets this range of ports in.
fn has_rule(rules: &str, range: &str) -> bool {
    let mut rules = rules.lines().map(|line| line.split_whitespace());
    rules.any(|rule| {
        let words: Vec<_> = rule.collect();
        words.contains(&"allow")
            && words.contains(&range)
            && (words.contains(&"tcp") || words.contains(&"any"))
            && !words.contains(&"udp")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ufw_blocks_if_it_is_on_and_has_no_rule() {
        let on = "# /etc/ufw/ufw.conf\nENABLED=yes\nLOGLEVEL=low\n";
        let drop = "IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n";
        for other in [
            "### tuple ### deny tcp 48630:48649 0.0.0.0/0 any 0.0.0.0/0 in",
            "### tuple ### allow udp 48630:48649 0.0.0.0/0 any 0.0.0.0/0 in",
        ] {
            assert!(ufw(on, drop, other).is_some(), "{other}");
        }
        let blocks = ufw(on, drop, "").expect("it blocks");
        let advice = blocks.advice.unwrap();
        assert!(advice.contains("sudo ufw allow 48630:48649/tcp"));
        assert!(ufw(on, "", "").is_some(), "by default");
        for (settings, defaults, rules) in [
            ("", "", ""),
            ("ENABLED=no\n", drop, ""),
            ("#ENABLED=yes\n", drop, ""),
            (on, "DEFAULT_INPUT_POLICY=\"ACCEPT\"", ""),
            (
                on,
                drop,
                "### tuple ### allow tcp 48630:48649 0.0.0.0/0 any",
            ),
        ] {
            assert_eq!(ufw(settings, defaults, rules), None, "{settings}");
        }
    }
}
