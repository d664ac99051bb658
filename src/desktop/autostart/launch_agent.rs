//! The format on macOS: the property list of a launch agent.

use std::path::PathBuf;

use super::entry::LoginEntry;

/// Escapes the program in the property list that auto-launch has written. It can't be escaped
/// before, because auto-launch checks that the path exists.
pub fn with_escaped_program(written: &str, program: &str) -> String {
    written.replace(&string(program), &string(&escaped(program)))
}

/// Reads a property list.
pub fn parsed(plist: &str) -> LoginEntry {
    LoginEntry {
        program: program_of(plist),
        is_on: true,
    }
}

fn string(content: &str) -> String {
    format!("<string>{content}</string>")
}

/// The first of the program's arguments; `None` if the list is not valid XML up to there.
fn program_of(plist: &str) -> Option<PathBuf> {
    let (_, arguments) = plist.split_once("<key>ProgramArguments</key>")?;
    let (_, program) = arguments.split_once("<string>")?;
    let (program, _) = program.split_once("</string>")?;
    unescaped(program).map(PathBuf::from)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn unescaped(xml: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = xml;
    while let Some(at) = rest.find(['&', '<']) {
        text += &rest[..at];
        let (entity, after) = rest[at..].strip_prefix('&')?.split_once(';')?;
        text.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return None,
        });
        rest = after;
    }
    Some(text + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What auto-launch 0.6 writes.
    fn written(program: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\">\n  <dict>\n  <key>Label</key>\n  <string>Spot Serve</string>\n  <key>AssociatedBundleIdentifiers</key>\n  <array></array>\n  <key>ProgramArguments</key>\n  <array><string>{program}</string><string>--at-login</string></array>\n  <key>RunAtLoad</key>\n  <true/>\n  </dict>\n</plist>"
        )
    }

    #[test]
    fn an_agent_below_a_folder_with_an_ampersand_starts_the_program() {
        for program in [
            "/Applications/Spot Serve.app/Contents/MacOS/spot-serve",
            "/Applications/R&D/Spot Serve.app/Contents/MacOS/spot-serve",
            "/Users/a/1 < 2 > 0 &amp; \"x\"/spot-serve",
        ] {
            let plist = with_escaped_program(&written(program), program);
            assert_eq!(parsed(&plist).program, Some(program.into()), "{plist}");
        }
    }

    #[test]
    fn an_agent_that_is_not_valid_xml_starts_nothing() {
        for program in ["/Applications/R&D/x", "/a<b/x", "/a&nosuch;/x"] {
            assert_eq!(parsed(&written(program)).program, None, "{program}");
        }
        assert_eq!(parsed("").program, None);
    }
}
