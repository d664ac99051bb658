//! Names that tell things apart: `dist`, but `dist – ~/shop` next to another `dist`.

use std::{collections::HashMap, path::Path};

use super::{label, target::Target};

/// The display name of a target among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    name: String,
    /// The folder it is in, if another target has the same name.
    place: Option<String>,
    /// 2 for the second target of that name in the same place, and so on.
    number: usize,
}

impl Name {
    /// The name of a target that is alone.
    pub fn of(target: &Target) -> Self {
        Self {
            name: target.name(),
            place: None,
            number: 1,
        }
    }

    pub fn full(&self) -> String {
        self.joined(str::to_owned)
    }

    /// The name, shortened to fit a menu row or a title.
    pub fn short(&self) -> String {
        self.joined(label::shortened)
    }

    fn joined(&self, part: fn(&str) -> String) -> String {
        let mut text = part(&self.name);
        if let Some(place) = &self.place {
            text += &format!(" – {}", part(place));
        }
        if self.number > 1 {
            text += &format!(" ({})", self.number);
        }
        text
    }
}

/// The names of all targets, no two of which look alike.
pub fn distinct(targets: &[&Target], home: Option<&Path>) -> Vec<Name> {
    let mut names: Vec<Name> = targets.iter().map(|target| Name::of(target)).collect();
    // What is seen decides, and that may be shortened.
    let seen: Vec<String> = names.iter().map(Name::short).collect();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    for ((name, target), short) in names.iter_mut().zip(targets).zip(&seen) {
        let is_ambiguous = seen.iter().filter(|other| *other == short).count() > 1;
        if is_ambiguous && let Some(parent) = target.place().and_then(Path::parent) {
            name.place = Some(label::with_tilde(parent, home));
        }
        let number = numbers.entry(name.short()).or_default();
        *number += 1;
        name.number = *number;
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(targets: &[Target]) -> Vec<String> {
        let targets: Vec<&Target> = targets.iter().collect();
        let names = distinct(&targets, Some(Path::new("/home/somebody")));
        names.iter().map(Name::short).collect()
    }

    fn folder(path: &str) -> Target {
        Target::Folder(path.into())
    }

    fn files(first: &str, other: &str) -> Target {
        Target::Files {
            first: first.into(),
            others: vec![other.into()],
        }
    }

    #[test]
    fn the_parent_tells_folders_of_the_same_name_apart() {
        assert_eq!(
            names(&[
                folder("/home/somebody/shop/dist"),
                folder("/srv/dist"),
                folder("/srv/other"),
                folder("/home/somebody/dist"),
            ]),
            ["dist – ~/shop", "dist – /srv", "other", "dist – ~"]
        );
    }

    #[test]
    fn a_number_tells_files_in_the_same_folder_apart() {
        assert_eq!(
            names(&[files("/a/one", "/a/two"), files("/a/one", "/a/three")]),
            ["one and 1 more – /a", "one and 1 more – /a (2)"]
        );
    }

    #[test]
    fn names_that_are_the_same_when_shortened_are_told_apart() {
        let long = |middle| folder(&format!("/a/{0}{middle}{0}", "long ".repeat(10)));
        let names = names(&[long("1"), long("2")]);
        assert_ne!(names[0], names[1]);
    }

    #[test]
    fn a_site_has_only_one_name() {
        assert_eq!(
            names(&[Target::Site(3000), folder("/a/localhost:3000")]),
            ["localhost:3000", "localhost:3000 – /a"]
        );
    }
}
