//! How much the edge holds for visitors who don't take it. Cloudflare doesn't document its figures.

/// Limits of flow control, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct FlowWindows {
    /// On one stream.
    pub stream: u32,
    /// On one link, in all its streams. If streams that stand still fill this, so do all others.
    pub link: u32,
}

impl Default for FlowWindows {
    /// For the link, the most that HTTP/2 allows (RFC 9113, 6.9.1): two thousand full streams.
    fn default() -> Self {
        Self {
            stream: 1 << 20,
            link: (1 << 31) - 1,
        }
    }
}

/// Size of the system's buffer for what a visitor is sent. By default it grows to megabytes.
pub(crate) const SEND_BUFFER: u32 = 128 << 10;
