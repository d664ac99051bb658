//! Who shares something, and until when, as visitors read it.

use spot_serve::server::{Access, PasswordHash};

use crate::fixture::Share;
use crate::fixture::tree::Tree;

const NAME: &str = "quiet-river.trycloudflare.com";
const BROWSER: [(&str, &str); 2] = [("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate")];

#[test]
fn visitors_read_who_shares_something_and_until_when_in_their_language() {
    let tree = Tree::empty();
    tree.write("a.txt", b"a");
    let access = Access::default();
    let share = Share::public(&tree.root, &access, NAME);
    let page = |language: &str| {
        let headers = [BROWSER[0], BROWSER[1], ("Accept-Language", language)];
        share.get_with("/", &headers).text()
    };
    assert!(!page("en").contains("class=\"offer\""));
    access.offers().set("Maria <b>", Some(1_764_781_200));
    let text = page("en");
    for part in [
        "<span>From \u{2068}Maria &#60;b&#62;\u{2069}</span>",
        "<time datetime=\"2025-12-03T17:00Z\" data-until=\"1764781200\">Available until 3 December, 17:00 UTC</time>",
        "name=\"description\" content=\"From \u{2068}Maria &#60;b&#62;\u{2069} · 1 file",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(page("de").contains("Verfügbar bis 3. Dezember, 17:00 Uhr UTC"));
    // The owner has changed it.
    access.offers().set("", Some(1_764_781_200 + 3600));
    let text = page("en");
    assert!(text.contains("until 3 December, 18:00 UTC") && !text.contains("<span>From"));
    // Also before the password is entered.
    access.offers().set("Maria", None);
    let hash = PasswordHash::of("quiet-river-lake-sand").unwrap();
    access.lock().set_password(Some(hash));
    let locked = share.get_with("/", &BROWSER);
    assert_eq!(locked.status, 401);
    let text = locked.text();
    assert!(
        text.contains("<span>From \u{2068}Maria\u{2069}</span>"),
        "{text}"
    );
    assert!(!text.contains("until") && !text.contains("a.txt"));
}
