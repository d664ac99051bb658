//! What became of a shared site.

/// What a shared site does when somebody visits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SiteState {
    /// It speaks HTTP, or is too slow to tell.
    Http,
    /// It speaks HTTP over TLS.
    Https,
    /// Nothing listens on the port.
    Down,
    /// It closes connections without an answer.
    Silent,
    /// What listens on the port doesn't speak HTTP.
    NotHttp,
    /// It wants TLS, and the handshake fails.
    TlsFails,
}

impl SiteState {
    /// Whether visitors see the site.
    pub fn answers(self) -> bool {
        matches!(self, Self::Http | Self::Https)
    }

    /// Why visitors don't see the site, in a few words; `None` if they do.
    pub fn reason(self, port: u16) -> Option<String> {
        match self {
            Self::Http | Self::Https => None,
            Self::Down => Some(format!("nothing answers on port {port}")),
            Self::Silent => Some(format!(
                "the program on port {port} closes connections without answering"
            )),
            Self::NotHttp => Some(format!("port {port} doesn't speak HTTP")),
            Self::TlsFails => Some(format!("HTTPS fails on port {port}")),
        }
    }

    /// What to do about it, in a sentence or two; `None` if it is likely to pass.
    pub fn advice(self, port: u16) -> Option<String> {
        match self {
            Self::Http | Self::Https | Self::Down | Self::Silent => None,
            Self::NotHttp => Some(format!(
                "The program on port {port} doesn't speak HTTP, so visitors see an error page. Share the port of a website instead."
            )),
            Self::TlsFails => Some(format!(
                "The site on port {port} uses HTTPS, but the TLS handshake fails, so visitors see an error page. The log has the reason (`spot-serve doctor` shows where it is). Check the HTTPS settings of the site, or share it without HTTPS."
            )),
        }
    }
}
