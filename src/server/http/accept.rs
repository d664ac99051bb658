//! Which media types a client wants: the Accept header.

use actix_web::http::header::{ACCEPT, HeaderMap};

use super::weight::weighted;

/// Whether a client says that it shows WebP. Who accepts anything doesn't say so.
pub fn accepts_webp(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all(ACCEPT)
        .filter_map(|line| line.to_str().ok());
    let mut ranges = lines.flat_map(|line| line.split(',')).filter_map(weighted);
    ranges.any(|(range, weight)| range.eq_ignore_ascii_case("image/webp") && weight > 0)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn only_who_names_it_gets_it() {
        for (line, expected) in [
            (
                "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
                true,
            ),
            ("image/webp;q=0.5", true),
            ("Image/WebP", true),
            ("image/webp;q=0", false),
            ("image/webp;q=x", false),
            ("image/*", false),
            ("*/*", false),
            ("image/webp2", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(line));
            assert_eq!(accepts_webp(&headers), expected, "{line}");
        }
        assert!(!accepts_webp(&HeaderMap::new()));
    }
}
