use super::*;

#[test]
fn dot_files_are_hidden_even_in_disguise() {
    for name in [
        ".git",
        "..a",
        "\u{200c}.git",
        "\u{feff}\u{202e}.env",
        "\u{ad}.git",
        ".\u{200c}git",
        ".",
        "...",
    ] {
        assert!(is_hidden(name.as_bytes()), "{name:?}");
    }
    for name in ["a.git", "", "\u{200c}git", "…", "“.git", "git\u{200c}.git"] {
        assert!(!is_hidden(name.as_bytes()), "{name:?}");
    }
    assert!(!is_hidden(b"\xe2.git"));
}

#[test]
fn what_a_system_keeps_for_itself_is_hidden_in_any_spelling() {
    for name in [
        "$RECYCLE.BIN",
        "$Recycle.Bin",
        "System Volume Information",
        "RECYCLER",
        "Recycler",
        "RECYCLED",
        "recycled",
        "S-1-5-21-1004336348-1177238915-682003330-1003",
        ".Trash-1000",
        ".Trashes",
        ".fseventsd",
        ".Spotlight-V100",
        ".DocumentRevisions-V100",
        ".DS_Store",
        "lost+found",
        "LOST.DIR",
        "FOUND.000",
        "Thumbs.db",
        "THUMBS.DB",
        "thumbs.db. .",
        "ehthumbs.db",
        "desktop.ini",
        "de\u{17f}\u{212a}top.\u{131}ni",
        "desktop\u{200d}.ini",
        "page\u{fb01}le.sys",
        "LO\u{fb06}+FOUND",
        "LO\u{fb05}.DIR",
        "usrcla\u{df}.dat",
        "USRCLA\u{1e9e}.DAT{1}",
        "$LOG\u{fb01}LE",
        "hiberfil.sys",
        "pagefile.sys",
        "NTUSER.DAT{53b39e88-18c4-11ea-a811-000d3aa4692b}.TM.blf",
        "@eaDir",
        "#recycle",
        "Icon\r",
    ] {
        assert!(is_kept_by_system(name.as_bytes()), "{name:?}");
        assert!(is_hidden(name.as_bytes()), "{name:?}");
    }
    assert!(is_hidden(b"~$report.docx") && !is_kept_by_system(b"~$report.docx"));
    assert!(is_hidden(b".git") && !is_kept_by_system(b".git"));
}

#[test]
fn no_end_that_a_system_ignores_makes_a_name_visible() {
    for name in [
        "Thumbs.db",
        "$RECYCLE.BIN",
        "Recycled",
        "FOUND.000",
        "S-1-5-21-1004336348-1177238915-682003330-1003",
    ] {
        for end in [".", " ", ". ", "\u{200d}", ".\u{feff} "] {
            let disguised = [name, &end.repeat(200)].concat();
            assert!(is_kept_by_system(disguised.as_bytes()), "{disguised:?}");
        }
    }
    for name in [".", ". ", ".\u{200d}"] {
        assert!(is_hidden(name.repeat(200).as_bytes()), "{name:?}");
    }
    assert!(may_be_short(
        ["GIT~1", &".".repeat(200)].concat().as_bytes()
    ));
    let followed = ["Thumbs.db", &".".repeat(200), "txt"].concat();
    assert!(!is_hidden(followed.as_bytes()));
}

#[test]
fn names_are_folded_alike_by_bytes_and_by_characters() {
    for length in [LONGEST - 1, LONGEST, LONGEST + 1] {
        let name = ["S-1-5-", &"1".repeat(length - "S-1-5-".len())].concat();
        let disguised = ["\u{200c}", &name].concat();
        let is_hidden = [name, disguised].map(|name| is_hidden(name.as_bytes()));
        assert_eq!(is_hidden, [length <= LONGEST; 2], "{length}");
    }
}

#[test]
fn similar_names_that_people_use_are_not_hidden() {
    for name in [
        "recycling",
        "Recycled.txt",
        "Trash",
        "trash-1000",
        "$100 budget.xlsx",
        "$recycle.bin.txt",
        "Thumbs.db.png",
        "thumbs",
        "desktop.ini.txt",
        "My desktop.ini",
        "lost+found.txt",
        "found.0000",
        "found.txt",
        "s-1-5-notes",
        "S-1-5-",
        "System Volume Information and more",
        "pagefile.system",
        "Icon",
        "icon.png",
        "boot",
        "#recycled",
        "@home",
        "~notes",
        "desktop.inï",
        "page\u{fb02}le.sys",
        "Thumbs.db\u{fb01}",
    ] {
        assert!(!is_hidden(name.as_bytes()), "{name:?}");
    }
    let long = "n".repeat(2 * LONGEST);
    assert!(!is_hidden(long.as_bytes()));
}

#[test]
fn what_visitors_see_depends_on_the_share() {
    let seen = |name: &[u8]| {
        [
            Visibility::Usual,
            Visibility::Hidden,
            Visibility::Everything,
        ]
        .map(|visibility| !visibility.hides(name))
    };
    assert_eq!(seen(b"plain"), [true, true, true]);
    assert_eq!(seen(b".env"), [false, true, true]);
    assert_eq!(seen(b"Thumbs.db"), [false, false, true]);
}

#[test]
fn short_names_are_recognised_by_their_form() {
    for name in [
        "GIT~1",
        "git~1",
        "ENV~1",
        "CONFI~12.TXT",
        "SS~1",
        "A_RA~UZ3.TEX",
        "ÄÖÜÄÖÜ~1.TXT",
    ] {
        assert!(may_be_short(name.as_bytes()), "{name}");
    }
    for name in [
        "notes.txt~",
        "~tilde",
        "a~",
        "something long ~1.txt",
        "plain",
    ] {
        assert!(!may_be_short(name.as_bytes()), "{name}");
    }
}
