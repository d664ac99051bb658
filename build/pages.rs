//! Writes the scripts and style sheets of the pages, each in one piece, to a folder.
//!
//! A page of a share is one request, and its policy allows exactly these scripts by their hashes. What
//! a visitor needs for some files only is a *part*: the page fetches it when it is first needed. A part
//! is a function of what it takes from the script of the page. The program gets the list of all parts
//! from here, too.

use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use super::{bundle::Bundle, module::failed, script, style};

/// A script of a page.
struct Script {
    name: &'static str,
    /// The modules that it begins with, below `src/`.
    entries: &'static [&'static str],
    /// The names of its parts, and the module that each begins with.
    parts: &'static [(&'static str, &'static str)],
}

const SCRIPTS: [Script; 6] = [
    Script {
        name: "list",
        entries: &[
            "server/page/web/list/start.js",
            // What several parts need.
            "server/page/web/common/counts.js",
            "server/page/web/strip/strip.js",
            "server/page/web/text/decode.js",
        ],
        parts: &[
            ("archive", "server/page/web/archive/start.js"),
            ("gallery", "server/page/web/gallery/start.js"),
            ("media", "server/page/web/media/start.js"),
            ("picture", "server/page/web/picture/start.js"),
            ("select", "server/page/web/select/start.js"),
            ("table", "server/page/web/table/start.js"),
            ("text", "server/page/web/text/start.js"),
        ],
    },
    Script {
        name: "unlock",
        entries: &["server/page/web/unlock/start.js"],
        parts: &[],
    },
    Script {
        name: "shared-text",
        entries: &["server/page/web/shared-text/start.js"],
        parts: &[],
    },
    Script {
        name: "list-upload",
        entries: &["server/page/web/list-upload/start.js"],
        parts: &[],
    },
    Script {
        name: "upload",
        entries: &["server/page/web/upload/start.js"],
        parts: &[],
    },
    Script {
        name: "dashboard",
        entries: &["dashboard/page/script/start.js"],
        parts: &[],
    },
];

/// The style sheets. A part has one of its name.
const STYLES: [(&str, &[&str]); 13] = [
    ("search", &["server/page/web/search/search.css"]),
    (
        "list",
        &[
            "server/page/web/common/base.css",
            "server/page/web/list/list.css",
            "server/page/web/prose/prose.css",
            "server/page/web/strip/strip.css",
            "server/page/web/list/lead.css",
            "server/page/web/list/offer.css",
            "server/page/web/list/picks.css",
            "server/page/web/list/one_file.css",
            "server/page/web/viewer/viewer.css",
        ],
    ),
    (
        "shared-text",
        &[
            "server/page/web/common/base.css",
            "server/page/web/shared-text/text.css",
        ],
    ),
    (
        "upload",
        &[
            "server/page/web/common/base.css",
            "server/page/web/upload/upload.css",
        ],
    ),
    ("list-upload", &["server/page/web/list-upload/list.css"]),
    ("part-select", &["server/page/web/select/select.css"]),
    ("part-media", &["server/page/web/media/media.css"]),
    ("part-picture", &["server/page/web/picture/picture.css"]),
    ("part-archive", &["server/page/web/archive/archive.css"]),
    ("part-gallery", &["server/page/web/gallery/gallery.css"]),
    ("part-table", &["server/page/web/table/table.css"]),
    (
        "part-text",
        &[
            "server/page/web/text/text.css",
            "server/page/web/text/prose.css",
        ],
    ),
    (
        "dashboard",
        &[
            "server/page/web/common/base.css",
            "dashboard/page/dashboard.css",
            "dashboard/page/drive.css",
            "dashboard/page/live.css",
            "dashboard/page/history.css",
            "dashboard/page/requests.css",
        ],
    ),
];

/// Writes them to `to`, and returns which files were read.
///
/// # Errors
/// Which file is wrong, and why.
pub fn write(from: &Path, to: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(to)?;
    let mut read = Vec::new();
    for Script {
        name,
        entries,
        parts,
    } in SCRIPTS
    {
        let bundle = Bundle::read(from, entries, None)?;
        read.extend(bundle.paths());
        let mut given = Vec::new();
        for (part, entry) in parts {
            let part_bundle = Bundle::read(from, &[entry], Some(&bundle))?;
            read.extend(part_bundle.paths());
            let taken: Vec<_> = part_bundle.taken(&bundle).into_iter().collect();
            let exports: Vec<_> = part_bundle.exports().into_iter().collect();
            let script = format!(
                "'use strict';(({{{}}})=>{{\n{}\nspotServe.parts.{part}={{{}}};}})(spotServe);",
                taken.join(","),
                part_bundle.script(),
                exports.join(",")
            );
            let shortened = script::shortened_classic(&script);
            write_script(&to.join(format!("part-{part}.js")), shortened)?;
            given.extend(taken);
        }
        let mut script = bundle.script();
        if !parts.is_empty() {
            given.sort();
            given.dedup();
            // Writing to memory can't fail.
            let _ = writeln!(
                script,
                "globalThis.spotServe={{parts:{{}},{}}};",
                given.join(",")
            );
        }
        let shortened = script::shortened_module(&script);
        write_script(&to.join(format!("{name}.js")), shortened)?;
    }
    let parts = SCRIPTS.iter().flat_map(|script| script.parts);
    let parts: Vec<_> = parts.map(|(name, _)| format!("part!({name:?})")).collect();
    fs::write(
        to.join("parts.rs"),
        format!(
            "/// All parts.\npub static PARTS: [Part; {}] = [{}];\n",
            parts.len(),
            parts.join(", ")
        ),
    )?;
    for (name, files) in STYLES {
        let mut sheet = String::new();
        for file in files {
            let path = from.join(file);
            sheet +=
                &fs::read_to_string(&path).map_err(|error| failed(&path, &error.to_string()))?;
            read.push(path);
        }
        fs::write(to.join(format!("{name}.css")), style::shortened(&sheet))?;
    }
    // A debug build can take the texts from there, too.
    for entry in fs::read_dir(from.join("server/page/messages"))? {
        let path = entry?.path();
        fs::write(
            to.join(path.file_name().unwrap_or_default()),
            fs::read(&path)?,
        )?;
        read.push(path);
    }
    Ok(read)
}

fn write_script(path: &Path, script: Result<String, String>) -> io::Result<()> {
    fs::write(path, script.map_err(|error| failed(path, &error))?)
}
