//! What a page may and may not hold.

use super::*;
use crate::server::path::{RequestPath, Rules};
use proptest::prelude::*;

#[test]
fn the_policy_knows_the_style_sheet() {
    use base64::Engine;
    use sha2::Digest;
    let hash = sha2::Sha256::digest(STYLE);
    let hash = base64::engine::general_purpose::STANDARD.encode(hash);
    assert_eq!(STYLE_HASH, format!("sha256-{hash}"));
}

#[test]
fn the_policy_allows_nothing_inline_by_itself() {
    let policy = policy();
    assert!(!policy.contains("unsafe") && !policy.contains('{') && !policy.contains("http"));
}

#[test]
fn sizes_are_short() {
    for (bytes, expected) in [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9950, "10 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_500_000_000, "1.5 GB"),
        (u64::MAX, "18 EB"),
    ] {
        assert_eq!(size(bytes), expected);
    }
}

#[test]
fn a_page_reads_as_expected() {
    let path = RequestPath::parse(b"/Holiday%20%3Cb%3E/2026/", Rules::Unix).unwrap();
    let listing = Listing {
        share: "Photos".to_owned(),
        path,
    };
    let row = |name: &[u8], is_folder, size| Row {
        name: name.to_vec(),
        is_folder,
        size,
        modified_s: 784_111_777,
    };
    let listed = [
        row(b"more", true, 0),
        row(b"<script>alert(1)<!--.html", false, 1234),
        row("x\u{202e}gpj.exe\n".as_bytes(), false, 5),
    ];
    let totals = Totals {
        folders: 1,
        files: 2,
        size: 1239,
    };
    let page = start(&listing) + &rows(&listed) + &end(&totals);
    let page = page.replace(STYLE, "(style)");
    insta::assert_snapshot!(page);
}

proptest! {
    #[test]
    fn no_name_can_write_html(name in proptest::collection::vec(any::<u8>(), 0..64)) {
        let html = escape(&shown_name(&name));
        prop_assert!(!html.contains(['<', '>', '"', '\'']));
        prop_assert!(!html.chars().any(char::is_control));
    }
}
