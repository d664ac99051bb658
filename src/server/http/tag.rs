//! The entity tag of a file.

/// The tag of a file of this size, whose version no other content has.
///
/// A folder can become a website, or stop being one. A copy from before has other rights, and the
/// headers of a 304 would not take them away. So the tag says whether a browser sandboxes the file.
pub fn file_tag(size: u64, version: u64, is_sandboxed: bool, is_compressed: bool) -> String {
    let rights = if is_sandboxed { "-sandbox" } else { "" };
    let coding = if is_compressed { "-gz" } else { "" };
    format!("\"{size:x}-{version:016x}{rights}{coding}\"")
}
