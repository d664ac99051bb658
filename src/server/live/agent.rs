//! A user agent in words: `Firefox on Windows`, `curl`.
//!
//! Visitors can write anything there. What is not known is shown only if it is a short name of plain
//! letters and digits.

use std::borrow::Cow;

/// The longest name of a program that is not known, in characters.
const MAX_NAME: usize = 24;

/// What stands for a program, and its name. Most programs also say that they are like others, so the
/// first that is found counts.
const PROGRAMS: [(&[u8], &str); 35] = [
    (b"WhatsApp", "WhatsApp preview"),
    (b"TelegramBot", "Telegram preview"),
    (b"Slackbot", "Slack preview"),
    (b"Slack-ImgProxy", "Slack preview"),
    (b"Discordbot", "Discord preview"),
    (b"Twitterbot", "X preview"),
    (b"facebookexternalhit", "Facebook preview"),
    (b"LinkedInBot", "LinkedIn preview"),
    (b"SkypeUriPreview", "Teams preview"),
    (b"Googlebot", "Googlebot"),
    (b"bingbot", "Bingbot"),
    (b"HeadlessChrome/", "Chrome without a window"),
    (b"EdgiOS/", "Edge"),
    (b"EdgA/", "Edge"),
    (b"Edg/", "Edge"),
    (b"Edge/", "Edge"),
    (b"OPR/", "Opera"),
    (b"OPT/", "Opera"),
    (b"Opera", "Opera"),
    (b"SamsungBrowser/", "Samsung Internet"),
    (b"Vivaldi/", "Vivaldi"),
    (b"YaBrowser/", "Yandex Browser"),
    (b"DuckDuckGo/", "DuckDuckGo"),
    (b"Ddg/", "DuckDuckGo"),
    (b"MiuiBrowser/", "Mi Browser"),
    (b"UCBrowser/", "UC Browser"),
    (b"FxiOS/", "Firefox"),
    (b"Firefox/", "Firefox"),
    (b"CriOS/", "Chrome"),
    (b"Chromium/", "Chromium"),
    (b"Chrome/", "Chrome"),
    (b"Trident/", "Internet Explorer"),
    (b"MSIE ", "Internet Explorer"),
    (b"Epiphany/", "GNOME Web"),
    (b"Safari/", "Safari"),
];

/// The same for devices.
const DEVICES: [(&[u8], &str); 16] = [
    (b"iPhone", "iPhone"),
    (b"iPad", "iPad"),
    (b"iPod", "iPod"),
    (b"Xbox", "Xbox"),
    (b"PlayStation", "PlayStation"),
    (b"Nintendo", "Nintendo"),
    (b"Tizen", "Tizen"),
    (b"Web0S", "webOS"),
    (b"Android", "Android"),
    (b"Windows", "Windows"),
    (b"CrOS", "ChromeOS"),
    (b"Macintosh", "Mac"),
    (b"Mac OS X", "Mac"),
    (b"FreeBSD", "FreeBSD"),
    (b"OpenBSD", "OpenBSD"),
    (b"Linux", "Linux"),
];

/// A program and what it runs on, as far as they are known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Agent {
    pub browser: Option<Cow<'static, str>>,
    pub device: Option<&'static str>,
}

impl Agent {
    /// What a User-Agent header says.
    pub fn of(header: &[u8]) -> Self {
        let found = |names: &[(&[u8], &'static str)]| {
            let mut names = names.iter();
            names
                .find(|(mark, _)| memchr::memmem::find(header, mark).is_some())
                .map(|(_, name)| *name)
        };
        let browser = found(&PROGRAMS).map(Cow::Borrowed);
        Self {
            browser: browser.or_else(|| first_name(header).map(Cow::Owned)),
            device: found(&DEVICES),
        }
    }

    /// Both in words.
    pub fn words(&self) -> String {
        match (&self.browser, self.device) {
            (Some(browser), Some(device)) => format!("{browser} on {device}"),
            (Some(browser), None) => browser.clone().into_owned(),
            (None, Some(device)) => format!("Something on {device}"),
            (None, None) => "Unknown program".to_owned(),
        }
    }
}

/// The name of the first product, without its version. Every browser begins with `Mozilla`, so that
/// says nothing.
fn first_name(header: &[u8]) -> Option<String> {
    let product = header.trim_ascii_start();
    let end = product
        .iter()
        .position(|byte| matches!(byte, b'/' | b' ' | b';' | b'('));
    let name = &product[..end.unwrap_or(product.len())];
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.+".contains(byte);
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.len() <= MAX_NAME
        && name.iter().all(is_plain)
        && name != b"Mozilla";
    is_name.then(|| name.iter().copied().map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn browsers_and_programs_have_their_names() {
        for (header, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPad",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                "Safari on Mac",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
                "Chrome on ChromeOS",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
                "Firefox on Linux",
            ),
            ("curl/8.14.1", "curl"),
            ("Wget/1.21.3", "Wget"),
            ("python-requests/2.32.5", "python-requests"),
            ("rclone/v1.71.0", "rclone"),
            ("WhatsApp/2.23.20.0", "WhatsApp preview"),
            ("Mozilla/5.0", "Unknown program"),
            ("Mozilla/5.0 (Windows NT 10.0)", "Something on Windows"),
            ("", "Unknown program"),
        ] {
            assert_eq!(Agent::of(header.as_bytes()).words(), expected, "{header}");
        }
    }

    #[test]
    fn hostile_names_are_not_shown() {
        for header in [
            &b"<script>alert(1)</script>"[..],
            b"\"onload=alert(1)",
            b"\x1b[31mred/1",
            "\u{202e}lruc/8".as_bytes(),
            b"\xff\xfe/1",
            b"=cmd|'/c calc'!A0",
            b"-rf/1",
            b"averyveryveryverylongnameindeed/1",
        ] {
            assert_eq!(Agent::of(header).words(), "Unknown program", "{header:?}");
        }
    }

    proptest! {
        #[test]
        fn words_are_always_short_and_plain(header in prop::collection::vec(any::<u8>(), 0..200)) {
            let words = Agent::of(&header).words();
            prop_assert!(words.len() <= 48, "{words}");
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.+ ".contains(c);
            prop_assert!(words.chars().all(is_plain), "{words}");
        }
    }
}
