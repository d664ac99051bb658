//! Modules import downwards only, and no two files import each other, however indirectly.
//!
//! A file depends on every file that its paths name: in `use` lines, in expressions and types, and
//! in the arguments of macros. A path through `mod.rs` is a dependency on `mod.rs`, which sits on top
//! of its directory. So a child can't import from its parent: what both need goes into a file below
//! them. Test modules are exempt.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Item, ItemMod, ItemUse, UseTree,
    visit::{self, Visit},
};

/// The layers of the program, from the top. A module may import from the rows below its own.
const PROGRAM: &[&[&str]] = &[
    &["cli"],
    &["runtime"],
    &["tray", "terminal", "doctor", "dashboard"],
    &["desktop", "control", "history", "inspector"],
    &["tunnel", "server", "updates"],
    &[
        "http",
        "lan",
        "target",
        "sensitive",
        "sites",
        "store",
        "spool",
        "config",
        "logging",
    ],
    &["process"],
    &["paths", "console"],
    &[
        "open_files",
        "hidden_name",
        "owner_only",
        "qr",
        "passphrase",
        "allocator",
        "media",
    ],
    &["app"],
];

/// The layers of the file server, from the top.
const SERVER: &[&[&str]] = &[
    &["fuzzing"],
    &["worker"],
    &["answer"],
    &["page", "dav"],
    &[
        "archive",
        "contents",
        "thumbnail",
        "listing",
        "receive",
        "sums",
        "about",
    ],
    &["access", "share"],
    &["http"],
    &["folder"],
    &["transport", "path"],
    &["downloads", "live", "uploads"],
    &["countdown"],
    &["traffic", "copies"],
    &[
        "platform", "kind", "blocking", "interner", "utc", "work", "activity", "offer", "origin",
        "head_end",
    ],
];

#[test]
fn no_files_of_the_program_import_each_other() {
    assert_no_circle(program());
}

#[test]
fn no_files_of_the_test_edge_import_each_other() {
    assert_no_circle(&Crate::read("edge/src"));
}

#[test]
fn modules_of_the_program_import_downwards() {
    assert_layers(program(), &[], PROGRAM);
}

#[test]
fn modules_of_the_file_server_import_downwards() {
    assert_layers(program(), &["server"], SERVER);
}

/// The program, which several tests look at.
fn program() -> &'static Crate {
    static PROGRAM: LazyLock<Crate> = LazyLock::new(|| Crate::read("src"));
    &PROGRAM
}

fn assert_no_circle(modules: &Crate) {
    let circles = modules.circles();
    let mut report = String::new();
    for circle in &circles {
        report.push_str("\nThese files import each other:\n");
        for (from, to) in circle {
            writeln!(report, "  {} imports {}", from.display(), to.display()).unwrap();
        }
    }
    assert!(
        circles.is_empty(),
        "{report}\nMove what they share into a file that imports none of them."
    );
}

/// Checks the modules directly in `parent` against `layers`.
fn assert_layers(program: &Crate, parent: &[&str], layers: &[&[&str]]) {
    let row = |name: &str| layers.iter().position(|layer| layer.contains(&name));
    let mut report = String::new();
    for (from, to) in &program.imports {
        let (Some(importer), Some(imported)) =
            (program.child_of(parent, from), program.child_of(parent, to))
        else {
            continue;
        };
        if importer == imported {
            continue;
        }
        let (Some(above), Some(below)) = (row(importer), row(imported)) else {
            let unknown = if row(importer).is_none() {
                importer
            } else {
                imported
            };
            writeln!(
                report,
                "{unknown} has no place in the layers: add it to tests/core/layers.rs"
            )
            .unwrap();
            continue;
        };
        if above >= below {
            writeln!(
                report,
                "{} imports {}: {imported} is not below {importer}",
                from.display(),
                to.display()
            )
            .unwrap();
        }
    }
    assert!(
        report.is_empty(),
        "\n{report}\nA module imports only from layers below its own, from the top: {layers:?}"
    );
}

/// The modules of a crate and what they import from each other.
#[derive(Default)]
struct Crate {
    /// Each module and its files: more than one where the platform chooses.
    files: BTreeMap<Vec<String>, Vec<PathBuf>>,
    modules: BTreeMap<PathBuf, Vec<String>>,
    /// The paths that each file names, from the root of the crate.
    named: Vec<(PathBuf, Vec<Vec<String>>)>,
    imports: BTreeSet<(PathBuf, PathBuf)>,
}

impl Crate {
    fn read(root: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(root);
        let mut read = Self::default();
        read.add(&root.join("lib.rs"), &root, Vec::new());
        for (file, named) in std::mem::take(&mut read.named) {
            for path in named {
                let targets = read.defines(&path);
                // The file that another platform has instead is not an import.
                if !targets.contains(&file) {
                    let arrows = targets.into_iter().map(|target| (file.clone(), target));
                    read.imports.extend(arrows);
                }
            }
        }
        read
    }

    /// Adds a file and its child modules, which are in `directory`.
    fn add(&mut self, file: &Path, directory: &Path, module: Vec<String>) {
        let text = fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("{} can't be read: {error}", file.display()));
        let source = syn::parse_file(&text)
            .unwrap_or_else(|error| panic!("{} can't be parsed: {error}", file.display()));
        for item in &source.items {
            if let Item::Mod(child) = item {
                self.add_child(child, file, directory, &module);
            }
        }
        self.files
            .entry(module.clone())
            .or_default()
            .push(file.to_path_buf());
        self.modules.insert(file.to_path_buf(), module.clone());
        let mut paths = Paths {
            module,
            found: Vec::new(),
        };
        paths.visit_file(&source);
        self.named.push((file.to_path_buf(), paths.found));
    }

    fn add_child(&mut self, child: &ItemMod, file: &Path, directory: &Path, parent: &[String]) {
        if child.content.is_some() || is_for_tests(&child.attrs) {
            return;
        }
        let name = child.ident.to_string();
        let below = directory.join(&name);
        let module = [parent, std::slice::from_ref(&name)].concat();
        let chosen: Vec<String> = path_attributes(&child.attrs).collect();
        for path in &chosen {
            // Its children are next to it.
            let path = file.with_file_name(path);
            self.add(&path, path.parent().unwrap(), module.clone());
        }
        if chosen.is_empty() {
            let nested = below.join("mod.rs");
            let beside = directory.join(format!("{name}.rs"));
            let path = if nested.exists() { nested } else { beside };
            self.add(&path, &below, module);
        }
    }

    /// The files of the innermost module that a path names.
    fn defines(&self, path: &[String]) -> Vec<PathBuf> {
        let lengths = (1..=path.len()).rev();
        let mut modules = lengths.filter_map(|length| self.files.get(&path[..length]));
        modules.next().cloned().unwrap_or_default()
    }

    /// The name of the module directly in `parent` that `file` belongs to.
    fn child_of(&self, parent: &[&str], file: &Path) -> Option<&str> {
        let module = self.modules.get(file)?;
        let is_inside =
            module.len() > parent.len() && module.iter().zip(parent).all(|(a, b)| a == b);
        is_inside.then(|| module[parent.len()].as_str())
    }

    /// Groups of files that import each other, however indirectly, as the imports among them.
    fn circles(&self) -> Vec<Vec<(&Path, &Path)>> {
        let reached: BTreeMap<&Path, BTreeSet<&Path>> = self
            .modules
            .keys()
            .map(|file| (file.as_path(), self.reach(file)))
            .collect();
        let mut seen = BTreeSet::new();
        let mut circles = Vec::new();
        for (file, reach) in &reached {
            if !reach.contains(file) || seen.contains(file) {
                continue;
            }
            let group: BTreeSet<&Path> = reach
                .iter()
                .copied()
                .filter(|other| reached[other].contains(file))
                .collect();
            let arrows = self.imports.iter();
            circles.push(
                arrows
                    .map(|(from, to)| (from.as_path(), to.as_path()))
                    .filter(|(from, to)| group.contains(from) && group.contains(to))
                    .collect(),
            );
            seen.extend(group);
        }
        circles
    }

    /// All files that `file` imports, directly or through others.
    fn reach(&self, file: &Path) -> BTreeSet<&Path> {
        let mut reach = BTreeSet::new();
        let mut next = vec![file];
        while let Some(file) = next.pop() {
            let from_here = self.imports.range((file.to_owned(), PathBuf::new())..);
            for (_, to) in from_here.take_while(|(from, _)| from == file) {
                if reach.insert(to.as_path()) {
                    next.push(to);
                }
            }
        }
        reach
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| {
                let condition = list.tokens.to_string();
                condition == "test" || condition.starts_with("all (test")
            })
    })
}

/// The files that a module declaration names, one for each platform.
fn path_attributes(attributes: &[Attribute]) -> impl Iterator<Item = String> {
    attributes.iter().filter_map(|attribute| {
        let is_path = attribute.path().is_ident("path");
        let is_conditional = attribute.path().is_ident("cfg_attr");
        if !is_path && !is_conditional {
            return None;
        }
        let text = attribute.meta.to_token_stream().to_string();
        let (_, value) = text.split_once("path = \"")?;
        let (path, _) = value.split_once('"')?;
        Some(path.to_owned())
    })
}

/// Collects the paths that a file names, from the root of its crate.
struct Paths {
    module: Vec<String>,
    found: Vec<Vec<String>>,
}

impl Paths {
    fn add(&mut self, segments: &[String]) {
        let mut base = self.module.clone();
        let mut rest = segments;
        match rest.first().map(String::as_str) {
            Some("crate") => base.clear(),
            // A local name, which may be that of a child module.
            Some("self" | "super") | None => {}
            Some(_) => {
                base.extend_from_slice(rest);
                // If it doesn't start with a child module, it starts with an imported name.
                self.found.push(base);
                return;
            }
        }
        while let Some(first) = rest.first() {
            match first.as_str() {
                "crate" | "self" => {}
                "super" => {
                    base.pop();
                }
                _ => break,
            }
            rest = &rest[1..];
        }
        base.extend_from_slice(rest);
        self.found.push(base);
    }

    fn add_use(&mut self, prefix: &[String], tree: &UseTree) {
        let with = |name: String| [prefix, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.add_use(&with(path.ident.to_string()), &path.tree),
            UseTree::Name(name) if name.ident == "self" => self.add(prefix),
            UseTree::Name(name) => self.add(&with(name.ident.to_string())),
            UseTree::Rename(rename) => self.add(&with(rename.ident.to_string())),
            UseTree::Glob(_) => self.add(prefix),
            UseTree::Group(group) => group
                .items
                .iter()
                .for_each(|item| self.add_use(prefix, item)),
        }
    }

    fn add_tokens(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(ident) if path.is_empty() || colons == 2 => {
                    path.push(ident.to_string());
                    colons = 0;
                }
                TokenTree::Punct(punct) if punct.as_char() == ':' && !path.is_empty() => {
                    colons += 1
                }
                other => {
                    self.add_from_macro(&std::mem::take(&mut path));
                    colons = 0;
                    match other {
                        TokenTree::Group(group) => self.add_tokens(group.stream()),
                        TokenTree::Ident(ident) => path.push(ident.to_string()),
                        _ => {}
                    }
                }
            }
        }
        self.add_from_macro(&path);
    }

    fn add_from_macro(&mut self, path: &[String]) {
        if path.len() > 1 {
            self.add(path);
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_for_tests(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_for_tests(&item.attrs) && item.leading_colon.is_none() {
            self.add_use(&[], &item.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 && path.leading_colon.is_none() {
            let segments: Vec<String> = path
                .segments
                .iter()
                .map(|segment| segment.ident.to_string())
                .collect();
            self.add(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.add_tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}
