//! The style sheets and scripts of the pages. They are part of each page, without what only people
//! read.

use std::sync::LazyLock;

/// What all pages share.
pub const BASE_STYLE: &str = include_str!("base.css");

/// Readable sizes.
pub const SIZES_SCRIPT: &str = include_str!("sizes.js");

/// The style sheet of the list and of notices.
pub static STYLE: LazyLock<String> = LazyLock::new(|| {
    lean(concat!(
        include_str!("base.css"),
        include_str!("page.css"),
        include_str!("viewer.css")
    ))
});

/// The script of the list: several files, joined into one module.
pub static SCRIPT: LazyLock<String> = LazyLock::new(|| {
    lean(concat!(
        include_str!("entries.js"),
        include_str!("sizes.js"),
        include_str!("list.js"),
        include_str!("viewer.js"),
        include_str!("contents.js"),
        include_str!("colours.js"),
        include_str!("start.js")
    ))
});

/// The script of the page that asks for the password.
pub static UNLOCK_SCRIPT: LazyLock<String> = LazyLock::new(|| lean(include_str!("unlock.js")));

/// The style sheet of the page of a text.
pub static TEXT_STYLE: LazyLock<String> =
    LazyLock::new(|| lean(concat!(include_str!("base.css"), include_str!("text.css"))));

/// The script of that page.
pub static TEXT_SCRIPT: LazyLock<String> = LazyLock::new(|| lean(include_str!("text_page.js")));

/// The style sheet of the page for handing in files.
pub static UPLOAD_STYLE: LazyLock<String> = LazyLock::new(|| {
    lean(concat!(
        include_str!("base.css"),
        include_str!("upload/upload.css")
    ))
    .replace('\n', "")
});

/// The script of that page.
pub static UPLOAD_SCRIPT: LazyLock<String> = LazyLock::new(|| {
    dense(concat!(
        include_str!("upload/texts.js"),
        include_str!("sizes.js"),
        include_str!("upload/tus.js"),
        include_str!("upload/memory.js"),
        include_str!("upload/queue.js"),
        include_str!("upload/view.js"),
        include_str!("upload/drag.js"),
        include_str!("upload/choose.js"),
        include_str!("upload/start.js")
    ))
});

/// The style sheet that the list of a folder has as well if visitors may add files.
pub static LIST_UPLOAD_STYLE: LazyLock<String> =
    LazyLock::new(|| lean(include_str!("upload/list.css")));

/// The script that it has as well.
pub static LIST_UPLOAD_SCRIPT: LazyLock<String> = LazyLock::new(|| {
    lean(concat!(
        include_str!("upload/drag.js"),
        include_str!("upload/list.js")
    ))
});

/// Leaves out indentation, and lines that are a comment of a script.
pub fn lean(source: &str) -> String {
    let lines = source.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Like [`lean`], and leaves out white space between words and signs. No text in the script may have
/// such a place.
pub fn dense(script: &str) -> String {
    let mut dense = lean(script);
    for sign in [
        "=>", "===", "!==", "=", "&&", "||", "??", "?", ":", "+", "-", "*", "/", "<", ">",
    ] {
        dense = dense.replace(&format!(" {sign} "), sign);
    }
    for (long, short) in [
        (", ", ","),
        (": ", ":"),
        (") {", "){"),
        ("if (", "if("),
        ("for (", "for("),
        ("{ ", "{"),
        (" }", "}"),
        (";\n", ";"),
        (",\n", ","),
        ("{\n", "{"),
    ] {
        dense = dense.replace(long, short);
    }
    dense
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_people_read_is_left_out() {
        let source = "// A comment.\nconst f = (a, b) => {\n  return a ? b : '// c';\n};\nf()\n";
        assert_eq!(
            lean(source),
            "const f = (a, b) => {\nreturn a ? b : '// c';\n};\nf()\n"
        );
        assert_eq!(dense(source), "const f=(a,b)=>{return a?b:'// c';};f()\n");
    }

    #[test]
    fn style_sheets_and_scripts_stay_small() {
        assert!(STYLE.len() + SCRIPT.len() <= 52_000);
        let uploader = UPLOAD_STYLE.len() + UPLOAD_SCRIPT.len();
        assert!(uploader <= 30_000, "{uploader}");
        assert!(LIST_UPLOAD_STYLE.len() + LIST_UPLOAD_SCRIPT.len() <= 3_000);
    }

    #[test]
    fn none_ends_the_element_that_contains_it() {
        for style in [&STYLE, &UPLOAD_STYLE, &LIST_UPLOAD_STYLE, &TEXT_STYLE] {
            assert!(!style.contains("</"));
        }
        let scripts = [
            &SCRIPT,
            &UNLOCK_SCRIPT,
            &UPLOAD_SCRIPT,
            &LIST_UPLOAD_SCRIPT,
            &TEXT_SCRIPT,
        ];
        for script in scripts {
            assert!(!script.contains("</script") && !script.contains("<!--"));
        }
    }
}
