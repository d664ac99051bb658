//! A rule of Windows Defender Firewall: `v2.31|Action=Block|Active=TRUE|Dir=In|…|App=C:\…|Name=…|`.

/// Whether a rule keeps others from reaching this program.
pub fn blocks(rule: &str, program: &str) -> bool {
    let has = |key: &str, value: &str| {
        let mut fields = rule.split('|');
        fields.any(|field| {
            field.split_once('=').is_some_and(|(name, text)| {
                name.eq_ignore_ascii_case(key) && text.eq_ignore_ascii_case(value)
            })
        })
    };
    has("Action", "Block") && has("Active", "TRUE") && has("Dir", "In") && has("App", program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_active_rule_about_this_program_blocks_it() {
        let program = r"C:\Program Files\Spot Serve\spot-serve.exe";
        let rule = r"v2.31|Action=Block|Active=TRUE|Dir=In|Protocol=6|Profile=Public|App=c:\program files\spot serve\spot-serve.exe|Name=spot-serve.exe|";
        assert!(blocks(rule, program));
        for other in [
            rule.replace("Block", "Allow"),
            rule.replace("TRUE", "FALSE"),
            rule.replace("Dir=In", "Dir=Out"),
            rule.replace("spot-serve.exe|Name", "other.exe|Name"),
            String::new(),
        ] {
            assert!(!blocks(&other, program), "{other}");
        }
    }
}
