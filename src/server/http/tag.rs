//! The entity tag of a file.

use super::encoding::Encoding;

/// The tag of a file of this size, whose version no other content has.
///
/// A folder can become a website, or stop being one. A copy from before has other rights, and the
/// headers of a 304 would not take them away. So the tag says whether a browser sandboxes the file.
pub fn file_tag(size: u64, version: u64, is_sandboxed: bool, encoding: Option<Encoding>) -> String {
    let rights = if is_sandboxed { "-sandbox" } else { "" };
    let coding = match encoding {
        Some(Encoding::Brotli) => "-br",
        Some(Encoding::Zstd) => "-zst",
        Some(Encoding::Gzip) => "-gz",
        None => "",
    };
    format!("\"{size:x}-{version:016x}{rights}{coding}\"")
}
