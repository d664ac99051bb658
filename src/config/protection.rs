//! Whether settings that can't be parsed may protect shares, so that a mistake takes nothing away.

/// The settings that protect a share, wherever they are.
const KEYS: [&str; 2] = ["password", "stop_after"];
/// The section that they belong to.
const SECTION: &str = "share";

/// Whether the settings may require a password or limit the time of new shares. In doubt they do: the
/// mistake may be in the very line that says so.
pub fn may_protect(text: &str) -> bool {
    let mut is_in_section = false;
    text.to_ascii_lowercase().lines().any(|line| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let header = line.strip_prefix('[').map(str::trim_start);
        if let Some(header) = header {
            is_in_section = header.starts_with(SECTION);
        }
        let is_about_it = if header.is_some() || line.is_empty() {
            false
        } else {
            is_in_section || line.starts_with(SECTION)
        };
        (is_about_it || KEYS.iter().any(|key| line.contains(key))) && !is_off(line)
    })
}

/// Whether all values in a line are `false` or empty.
fn is_off(line: &str) -> bool {
    let mut values = line.split('=').skip(1).map(str::trim).peekable();
    values.peek().is_some()
        && values.all(|value| {
            let off = ["false", "\"\"", "''", "{"];
            off.iter().any(|off| value.starts_with(off))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_doubt_the_settings_protect() {
        for text in [
            "[share]\npassword = true",
            "[ share ]\npassword = ture",
            "[share]\npasword = true",
            "[share]\r\nSTOP_AFTER = \"2\"",
            "[shares]\npassword = true",
            "password = true",
            "share.password = true",
            "share.pasword = true",
            "share = { password = true, stop_after = \"\" }",
            "share = { stop_after = \"\", password = true }",
            "[share] password = true",
            "[share]\npassword",
            "\"password\" = \"#\"",
        ] {
            assert!(may_protect(text), "{text}");
        }
        for text in [
            "",
            "nonsense = 1",
            "# password = true",
            "[share]\n\npassword = false # no password\nstop_after = \"\"\n[app]\nresume = yes",
            "share = { password = false, stop_after = '' }",
            "[tunnel]\nprotocol = \"tcp\"",
        ] {
            assert!(!may_protect(text), "{text}");
        }
    }
}
