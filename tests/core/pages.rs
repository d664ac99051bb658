//! What joins the scripts of the pages, and what makes them shorter.

#[path = "../../build/bundle.rs"]
mod bundle;
#[path = "../../build/module.rs"]
mod module;
#[path = "../../build/style.rs"]
mod style;

use std::fs;

use bundle::Bundle;

/// Writes modules to a folder, and joins them from the first one.
fn join(name: &str, files: &[(&str, &str)]) -> Result<String, String> {
    let folder = std::env::temp_dir().join(format!("join-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder");
    for (file, text) in files {
        fs::write(folder.join(file), text).expect("a file");
    }
    let bundle = Bundle::read(&folder, &[files[0].0], None);
    let joined = bundle.map(|bundle| {
        assert_eq!(bundle.paths().len(), files.len());
        assert!(bundle.taken(&bundle).iter().all(|name| name != "other"));
        let exports: Vec<_> = bundle.exports().into_iter().collect();
        format!("{}// {}", bundle.script(), exports.join(" "))
    });
    fs::remove_dir_all(&folder).expect("no folder");
    joined.map_err(|error| error.to_string())
}

#[test]
fn a_module_follows_those_that_it_imports() {
    let start = "import { two } from './two.js';\nexport const one = two + 1;\n";
    let two = "import {\n  three,\n} from './three.js';\nexport const two = three;\n";
    let three = "export function three() {}\n";
    let joined = join(
        "order",
        &[("one.js", start), ("two.js", two), ("three.js", three)],
    );
    let expected = "function three() {}\nconst two = three;\nconst one = two + 1;\n// one";
    assert_eq!(joined.as_deref(), Ok(expected));
}

#[test]
fn what_can_not_be_joined_is_refused() {
    let cycle = [
        ("a.js", "import { b } from './b.js';\nexport const a = b;\n"),
        ("b.js", "import { a } from './a.js';\nexport const b = a;\n"),
    ];
    let missing = [
        ("a.js", "import { c } from './b.js';\n"),
        ("b.js", "export const b = 1;\n"),
    ];
    let clash = [
        (
            "a.js",
            "import { b } from './b.js';\nconst { x: both } = b;\n",
        ),
        ("b.js", "export const b = 1;\nfunction both() {}\n"),
    ];
    let none = [("a.js", "import { b } from './b.js';\n")];
    let default = [("a.js", "export default 1;\n")];
    let variable = [("a.js", "export let a = 1;\n")];
    for (name, files, why) in [
        ("cycle", &cycle[..], "imports itself"),
        ("missing", &missing, "doesn't export `c`"),
        ("clash", &clash, "`both` is declared in another file"),
        ("none", &none, "is imported"),
        ("default", &default, "can't export this"),
        ("variable", &variable, "can't export this"),
    ] {
        let error = join(name, files).expect_err(name);
        assert!(error.contains(why), "{name}: {error}");
        assert!(error.contains(".js"), "{name}: {error}");
    }
}

#[test]
fn a_style_sheet_keeps_its_meaning() {
    for (before, after) in [
        (
            "a b { margin: 0 0.5rem -0.25em; }",
            "a b{margin:0 .5rem -.25em}",
        ),
        ("a :is(b, c) > d + e {}", "a :is(b,c)>d + e{}"),
        (
            "a { width: calc(1px + 10.05%) !important }",
            "a{width:calc(1px + 10.05%)!important}",
        ),
        (
            "/* a */ b::after { content: \"0.5  /* x */\" }",
            "b::after{content:\"0.5  /* x */\"}",
        ),
    ] {
        assert_eq!(
            style::shortened(before).replace(" }", "}"),
            after,
            "{before}"
        );
    }
}
