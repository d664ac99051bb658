//! Reads one ES module of a page: what it imports, what it exports, and the rest.
//!
//! Only what is needed here is allowed, so that a file can be read line by line. An import stands at
//! the start of a line and ends with `;`. An export is the declaration of a function, a class or a
//! constant.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

/// One file.
pub struct Module {
    pub path: PathBuf,
    pub imports: Vec<Import>,
    pub exports: BTreeSet<String>,
    /// All names that it declares outside of functions.
    pub names: Vec<String>,
    /// The code without imports and the word `export`.
    pub body: String,
}

/// What a module takes from another one.
pub struct Import {
    pub from: PathBuf,
    pub names: Vec<String>,
}

impl Module {
    /// Reads the file at `path`, which must be canonical.
    ///
    /// # Errors
    /// It can't be read, or has something that is not allowed here.
    pub fn read(path: &Path) -> io::Result<Self> {
        let source = fs::read_to_string(path).map_err(|error| failed(path, &error.to_string()))?;
        let mut module = Self {
            path: path.to_owned(),
            imports: Vec::new(),
            exports: BTreeSet::new(),
            names: Vec::new(),
            body: String::new(),
        };
        let mut lines = source.lines();
        while let Some(line) = lines.next() {
            if line.starts_with("import ") || line.starts_with("import{") {
                let mut statement = line.to_owned();
                while !statement.trim_end().ends_with(';') {
                    let next = lines.next();
                    statement.push(' ');
                    statement += next.ok_or_else(|| failed(path, "an import without an end"))?;
                }
                module.imports.push(import(path, &statement)?);
                continue;
            }
            let (is_exported, rest) = match line.strip_prefix("export ") {
                Some(rest) => (true, rest),
                None => (false, line),
            };
            let names = declared(rest);
            if is_exported {
                if names.is_empty() || rest.starts_with("let ") {
                    return Err(failed(path, &format!("it can't export this here: {line}")));
                }
                module.exports.extend(names.iter().cloned());
            }
            module.names.extend(names);
            module.body += rest;
            module.body += "\n";
        }
        Ok(module)
    }
}

/// The names that a line declares, if it is not part of anything else.
fn declared(line: &str) -> Vec<String> {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let keyword = ["function* ", "function ", "class ", "const ", "let "];
    let Some(rest) = keyword.iter().find_map(|each| line.strip_prefix(each)) else {
        return Vec::new();
    };
    match rest.chars().next() {
        Some('{' | '[') => {
            let inner = rest[1..].split(['}', ']']).next().unwrap_or_default();
            let names = inner.split(',').map(|name| {
                let name = name.split('=').next().unwrap_or_default();
                name.split(':').next_back().unwrap_or_default().trim()
            });
            names
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect()
        }
        _ => {
            let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
            vec![rest.chars().take_while(|&c| is_part(c)).collect()]
        }
    }
}

/// Reads `import { a, b } from './other.js';`, or `import './other.js';`.
fn import(path: &Path, statement: &str) -> io::Result<Import> {
    let wrong = || failed(path, &format!("an import of another form: {statement}"));
    let statement = statement
        .trim_end()
        .strip_prefix("import")
        .ok_or_else(wrong)?;
    let (names, from) = match statement.split_once(" from ") {
        Some((names, from)) => {
            let names = names
                .trim()
                .strip_prefix('{')
                .and_then(|names| names.strip_suffix('}'));
            (names.ok_or_else(wrong)?, from)
        }
        None => ("", statement),
    };
    let from = from.trim().trim_end_matches(';').trim_matches(['\'', '"']);
    let names: Vec<_> = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if !from.starts_with('.') || names.iter().any(|name| name.contains(' ')) {
        return Err(wrong());
    }
    let from = path.with_file_name("").join(from);
    let from = from
        .canonicalize()
        .map_err(|error| failed(path, &format!("{} is imported: {error}", from.display())))?;
    Ok(Import {
        from,
        names: names.into_iter().map(str::to_owned).collect(),
    })
}

/// An error that names the file.
pub fn failed(path: &Path, why: &str) -> io::Error {
    io::Error::other(format!("{}: {why}", path.display()))
}
