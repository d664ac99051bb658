//! A request as a command that sends it again.

use super::{
    fields::{lines, masked},
    quoting::{printing, windows_word, word},
    view::Secrets,
};

/// Fields that curl sends by itself, as they are needed.
const BY_CURL: [&str; 5] = [
    "connection",
    "content-length",
    "expect",
    "te",
    "transfer-encoding",
];

/// Fields that curl adds unless it is told otherwise.
const ADDED: [&str; 3] = ["accept", "content-type", "user-agent"];

/// A longer body comes through a pipe: Linux takes 128 KiB for an argument.
const MAX_ARGUMENT: usize = 100 * 1024;

/// What was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    pub method: &'a str,
    pub target: &'a [u8],
    pub head: &'a [u8],
    pub body: &'a [u8],
    pub is_https: bool,
    pub port: u16,
    pub secrets: Secrets,
}

/// Whose words a command is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shell {
    Posix,
    /// Both cmd and PowerShell.
    Windows,
}

impl Shell {
    /// Where the command will be pasted.
    pub const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else {
        Self::Posix
    };

    fn word(self, bytes: &[u8]) -> Option<String> {
        match self {
            Self::Posix => Some(word(bytes)),
            Self::Windows => windows_word(bytes),
        }
    }
}

/// A command that sends a request again; `None` if none is safe in this shell.
pub fn command(sent: &Sent<'_>, shell: Shell) -> Option<String> {
    let program = match shell {
        Shell::Posix => "curl",
        // In PowerShell, the name alone may be that of something else.
        Shell::Windows => "curl.exe",
    };
    let mut parts = vec![program.to_owned()];
    if sent.is_https {
        // Development servers have certificates that nobody else knows.
        parts.push("--insecure".to_owned());
    }
    match (sent.method, sent.body.is_empty()) {
        ("GET", true) => {}
        ("HEAD", true) => parts.push("--head".to_owned()),
        (method, _) => parts.push(format!("--request {}", shell.word(method.as_bytes())?)),
    }
    let mut names = Vec::new();
    for (name, value) in lines(sent.head) {
        let lower = String::from_utf8_lossy(name).to_ascii_lowercase();
        if BY_CURL.contains(&&*lower) {
            continue;
        }
        let masked = masked(name, value).filter(|_| sent.secrets == Secrets::Masked);
        let value = match (&masked, shell) {
            (Some(_), Shell::Windows) => b"MASKED",
            (Some(masked), Shell::Posix) => masked.as_bytes(),
            (None, _) => value,
        };
        let field = if value.is_empty() {
            // With a colon, it would be left out.
            [name, b";"].concat()
        } else {
            [name, b": ", value].concat()
        };
        parts.push(format!("--header {}", shell.word(&field)?));
        names.push(lower);
    }
    let is_added = |name: &&&str| **name != "content-type" || !sent.body.is_empty();
    let is_missing = |name: &&&str| !names.iter().any(|own| own == **name);
    for name in ADDED.iter().filter(is_missing).filter(is_added) {
        let field = format!("{name}:");
        parts.push(format!("--header {}", shell.word(field.as_bytes())?));
    }
    let is_argument = sent.body.len() <= MAX_ARGUMENT
        && !sent.body.contains(&0)
        && str::from_utf8(sent.body).is_ok();
    let is_piped = !sent.body.is_empty() && !is_argument;
    if is_piped {
        parts.push("--data-binary @-".to_owned());
    } else if !sent.body.is_empty() {
        parts.push(format!("--data-raw {}", shell.word(sent.body)?));
    }
    parts.extend(url(sent, shell)?);
    let command = parts.join(" ");
    match (is_piped, shell) {
        (false, _) => Some(command),
        (true, Shell::Posix) => Some(format!("{} | {command}", printing(sent.body))),
        (true, Shell::Windows) => None,
    }
}

/// Where it goes. Whatever curl would change in the target is given as it is.
fn url(sent: &Sent<'_>, shell: Shell) -> Option<Vec<String>> {
    let scheme = if sent.is_https { "https" } else { "http" };
    let origin = format!("{scheme}://localhost:{}", sent.port);
    let is_plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"/-_.~?&=%+,:@!$*();".contains(byte);
    let has_steps = sent.target.windows(2).any(|pair| pair == b"/.");
    if sent.target.starts_with(b"/") && sent.target.iter().all(is_plain) && !has_steps {
        return Some(vec![
            shell.word(&[origin.as_bytes(), sent.target].concat())?,
        ]);
    }
    Some(vec![
        format!("--request-target {}", shell.word(sent.target)?),
        shell.word(format!("{origin}/").as_bytes())?,
    ])
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    use proptest::prelude::*;

    use super::*;

    const HEAD: &[u8] = b"POST /a?b=c HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: 3\r\nAuthorization: Bearer abc\r\nX-Empty:\r\nAccept: */*\r\n\r\n";

    fn sent<'a>(target: &'a [u8], head: &'a [u8], body: &'a [u8]) -> Sent<'a> {
        Sent {
            method: "POST",
            target,
            head,
            body,
            is_https: false,
            port: 3000,
            secrets: Secrets::Shown,
        }
    }

    fn command(sent: &Sent<'_>) -> String {
        super::command(sent, Shell::Posix).unwrap()
    }

    /// The arguments that curl gets from a real shell, and its standard input.
    fn run(command: &str) -> (Vec<Vec<u8>>, Vec<u8>) {
        let script = format!(
            "curl() {{ printf '%s\\0' \"$@\"; printf '\\0'; \
             case \"$*\" in *@-*) cat;; esac; }}\n{command}\n"
        );
        let output = Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}\n{command}"
        );
        let end = output
            .stdout
            .windows(2)
            .position(|pair| pair == b"\0\0")
            .unwrap();
        let arguments = output.stdout[..end].split(|byte| *byte == 0);
        (
            arguments.map(<[u8]>::to_vec).collect(),
            output.stdout[end + 2..].to_vec(),
        )
    }

    #[test]
    fn a_command_says_what_was_sent() {
        let command = command(&sent(b"/a?b=c", HEAD, b"x=1"));
        assert_eq!(
            command,
            "curl --request 'POST' --header 'Host: localhost:3000' \
             --header 'Authorization: Bearer abc' --header 'X-Empty;' --header 'Accept: */*' \
             --header 'content-type:' --header 'user-agent:' --data-raw 'x=1' \
             'http://localhost:3000/a?b=c'"
        );
        assert_eq!(run(&command).0.len(), 17);
    }

    #[test]
    fn windows_gets_a_command_that_is_safe_in_both_its_shells_or_none() {
        let masked = Sent {
            secrets: Secrets::Masked,
            ..sent(b"/a?b=c&d", HEAD, b"x=1")
        };
        let command = super::command(&masked, Shell::Windows).unwrap();
        assert!(
            command.starts_with("curl.exe --request \"POST\""),
            "{command}"
        );
        assert!(command.contains("\"Authorization: MASKED\""), "{command}");
        let hostile = b"POST / HTTP/1.1\r\nX: \" & calc & \"\r\n\r\n";
        for sent in [
            sent(b"/", hostile, b""),
            sent(b"/%PATH%", b"", b""),
            sent(b"/", b"", b"\0"),
        ] {
            assert_eq!(super::command(&sent, Shell::Windows), None);
        }
    }

    #[test]
    fn secrets_are_masked_until_they_are_asked_for() {
        let masked = Sent {
            secrets: Secrets::Masked,
            ..sent(b"/", HEAD, b"")
        };
        let command = command(&masked);
        assert!(
            command.contains("Bearer ••••••") && !command.contains("abc"),
            "{command}"
        );
    }

    #[test]
    fn a_target_that_curl_would_change_is_given_as_it_is() {
        for target in [
            &b"/a/../b"[..],
            b"/#x",
            b"/[1-9]{a,b}",
            b"*",
            b"/\xff'$(id)",
        ] {
            let command = command(&sent(target, HEAD, b""));
            let (arguments, _) = run(&command);
            let at = arguments
                .iter()
                .position(|argument| argument == b"--request-target");
            assert_eq!(arguments[at.unwrap() + 1], target, "{command}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn hostile_requests_stay_arguments(
            target in prop::collection::vec((0x21..=0xffu8).prop_filter("no text", |b| *b != 0x7f), 1..40),
            value in prop::collection::vec((0x21..=0xffu8).prop_filter("no text", |b| *b != 0x7f), 1..40),
            body in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let head = [b"POST / HTTP/1.1\r\nX: ", &value[..], b"\r\n\r\n"].concat();
            let (arguments, input) = run(&command(&sent(&target, &head, &body)));
            let field = [b"X: ", &value[..]].concat();
            prop_assert!(arguments.contains(&field));
            let is_target = |argument: &Vec<u8>| {
                *argument == target || *argument == [b"http://localhost:3000", &target[..]].concat()
            };
            prop_assert!(arguments.iter().any(is_target));
            if !body.is_empty() {
                prop_assert!(input == body || arguments.contains(&body));
            }
        }
    }
}
