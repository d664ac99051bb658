//! Where the links and pictures of Markdown may lead, and the ids of its headings.

/// The prefix of the ids of headings.
pub const HEADING_PREFIX: &str = "text-";

/// The usual id of a Markdown heading: letters and digits in lower case, with hyphens between
/// words. No character of it can end an attribute.
pub fn slug(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let kept = text.chars().filter_map(|c| match c {
        ' ' | '-' => Some('-'),
        '_' => Some('_'),
        c if c.is_alphanumeric() => Some(c),
        _ => None,
    });
    kept.collect()
}

/// Whether a link may have this target: a path in this share, or a URL with a scheme that runs no
/// code. Browsers skip white space and control characters in a scheme, so none is allowed.
pub fn is_allowed(url: &str) -> bool {
    if url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return false;
    }
    let before_path = url.split(['/', '?', '#']).next().unwrap_or_default();
    match before_path.split_once(':') {
        None => true,
        Some((scheme, _)) => ["http", "https", "mailto"]
            .iter()
            .any(|allowed| scheme.eq_ignore_ascii_case(allowed)),
    }
}

/// Whether a picture with this URL comes from the share itself.
pub fn is_within_share(url: &str) -> bool {
    // Browsers ignore some characters in a URL, and spaces around it.
    let is_plain = !url.contains([':', '\\']) && !url.chars().any(char::is_control);
    is_plain && url.trim() == url && !url.starts_with("//")
}
