//! Joins ES modules into one script, with each module after those that it imports.
//!
//! All of them share one scope, so a name may be declared only once. This is what bundlers call scope
//! hoisting. It costs the page nothing, and needs no parser of JavaScript.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
};

use super::module::{Module, failed};

/// The modules of one script, in order.
pub struct Bundle {
    modules: Vec<Module>,
}

impl Bundle {
    /// Reads modules in a folder and all that they need, without what `base` has.
    ///
    /// # Errors
    /// A file can't be read, imports itself by some way, imports what is not exported, or declares a
    /// name that another one has.
    pub fn read(folder: &Path, entries: &[&str], base: Option<&Self>) -> io::Result<Self> {
        let known = base.map_or_else(BTreeSet::new, Self::paths);
        let mut bundle = Self {
            modules: Vec::new(),
        };
        for entry in entries {
            let path = folder.join(entry);
            let path = path
                .canonicalize()
                .map_err(|error| failed(&path, &error.to_string()))?;
            bundle.add(&path, &known, &mut Vec::new())?;
        }
        bundle.check(base)?;
        Ok(bundle)
    }

    /// The files that it was read from.
    pub fn paths(&self) -> BTreeSet<PathBuf> {
        self.modules
            .iter()
            .map(|module| module.path.clone())
            .collect()
    }

    /// The script.
    pub fn script(&self) -> String {
        self.modules
            .iter()
            .map(|module| module.body.as_str())
            .collect()
    }

    /// What this takes from `base`.
    pub fn taken(&self, base: &Self) -> BTreeSet<String> {
        let known = base.paths();
        let imports = self.modules.iter().flat_map(|module| &module.imports);
        let taken = imports.filter(|import| known.contains(&import.from));
        taken
            .flat_map(|import| import.names.iter().cloned())
            .collect()
    }

    /// The names that its last module, the entry, exports.
    pub fn exports(&self) -> BTreeSet<String> {
        self.modules
            .last()
            .map(|module| module.exports.clone())
            .unwrap_or_default()
    }

    fn add(
        &mut self,
        path: &Path,
        known: &BTreeSet<PathBuf>,
        way: &mut Vec<PathBuf>,
    ) -> io::Result<()> {
        if way.iter().any(|each| each == path) {
            return Err(failed(path, "it imports itself, if by other files"));
        }
        if known.contains(path) || self.modules.iter().any(|module| module.path == path) {
            return Ok(());
        }
        let module = Module::read(path)?;
        way.push(path.to_owned());
        for import in &module.imports {
            self.add(&import.from, known, way)?;
        }
        way.pop();
        self.modules.push(module);
        Ok(())
    }

    fn check(&self, base: Option<&Self>) -> io::Result<()> {
        let of_base = base.map(|base| base.modules.as_slice()).unwrap_or_default();
        let exports: BTreeMap<_, _> = of_base
            .iter()
            .chain(&self.modules)
            .map(|module| (&module.path, &module.exports))
            .collect();
        let mut declared: BTreeSet<String> = base.map(|base| self.taken(base)).unwrap_or_default();
        for module in &self.modules {
            for name in &module.names {
                if !declared.insert(name.clone()) {
                    let why = format!("`{name}` is declared in another file, too");
                    return Err(failed(&module.path, &why));
                }
            }
            for import in &module.imports {
                let exported = exports.get(&import.from);
                for name in &import.names {
                    if !exported.is_some_and(|exported| exported.contains(name)) {
                        let why = format!("{} doesn't export `{name}`", import.from.display());
                        return Err(failed(&module.path, &why));
                    }
                }
            }
        }
        Ok(())
    }
}
