//! What an archive of a selection starts from.

use std::{collections::HashMap, io, ops::Range};

use super::{
    name::ArchiveNames,
    root::Root,
    selection::{Selection, paths_and_common},
};
use crate::server::{
    folder::{Folder, Found},
    path::RequestPath,
    share::{ChosenItem, FolderResource, ItemTarget},
    work::Budget,
};

/// Where the paths of a selection begin.
#[derive(Debug)]
pub enum Base {
    Folder(FolderResource),
    /// The items that were chosen together.
    Chosen(Vec<ChosenItem>),
}

/// The roots of an archive of a selection. What is no longer there is left out. Slow; waits for the
/// disk.
///
/// # Errors
/// If the budget is used up.
pub fn roots(base: &Base, selection: &Selection, budget: &Budget) -> io::Result<Vec<Root>> {
    let (paths, common) = paths_and_common(selection, budget)?;
    let names = names(&paths, common, budget)?;
    let mut parents = Parents::default();
    let mut roots = Vec::new();
    for (path, name) in paths.iter().zip(names) {
        budget.check()?;
        if let Some((folder, path)) = base.place(path, &mut parents) {
            budget.spend_bytes(size_of::<Root>() + path.as_bytes().len())?;
            roots.push(Root { folder, path, name });
        }
    }
    Ok(roots)
}

/// The real paths of folders, by what they are called. Files may be selected below several links that
/// lead to the same folder.
#[derive(Default)]
struct Parents(HashMap<Vec<u8>, Option<RequestPath>>);

impl Base {
    /// Where a path leads; `None` if there is nothing.
    fn place(&self, path: &RequestPath, parents: &mut Parents) -> Option<(Folder, RequestPath)> {
        let key = path.parent()?.as_bytes().to_vec();
        let (folder, above, path) = match self {
            Self::Folder(place) => (&place.folder, place.path.clone(), path.clone()),
            Self::Chosen(chosen) => {
                let (first, rest) = path.split_first()?;
                let mut items = chosen.iter();
                let item = items.find(|item| item.name.as_encoded_bytes() == first)?;
                match &item.target {
                    ItemTarget::Folder(folder) if rest.is_root() => {
                        return Some((folder.clone(), rest));
                    }
                    ItemTarget::Folder(folder) => (folder, RequestPath::default(), rest),
                    ItemTarget::File { parent, name } if rest.is_root() => {
                        return Some((parent.clone(), name.clone()));
                    }
                    ItemTarget::File { .. } => return None,
                }
            }
        };
        let parent = path.parent()?;
        let real = parents.0.entry(key).or_insert_with(|| {
            let path = parent.names().fold(above, |path, name| path.join(name));
            match folder.find(&path).ok()? {
                Found::Folder { path, .. } if !path.is_deepest() => Some(path),
                _ => None,
            }
        });
        Some((folder.clone(), real.as_ref()?.join(path.last()?)))
    }
}

/// What selected paths are called in an archive, below the folder that has this many names. They must be
/// in order, and none may be in another one.
fn names(paths: &[RequestPath], common: usize, budget: &Budget) -> io::Result<Vec<Vec<u8>>> {
    let mut names = vec![Vec::new(); paths.len()];
    let mut unnamed: Vec<(Range<usize>, usize, Vec<u8>)> =
        vec![(0..paths.len(), common, Vec::new())];
    while let Some((range, depth, prefix)) = unnamed.pop() {
        let at = |index: usize| paths[index].names().nth(depth).unwrap_or_default();
        let mut groups: Vec<Range<usize>> = Vec::new();
        for index in range {
            match groups.last_mut() {
                Some(group) if at(group.start) == at(index) => group.end = index + 1,
                _ => groups.push(index..index + 1),
            }
        }
        let mut here = ArchiveNames::of(groups.iter().map(|group| at(group.start)));
        for group in groups {
            budget.check()?;
            let first = group.start;
            let mut name = prefix.clone();
            name.extend_from_slice(&here.name(at(first)));
            budget.spend_bytes(name.len())?;
            if paths[first].names().count() == depth + 1 {
                names[first] = name;
            } else {
                name.push(b'/');
                unnamed.push((group, depth + 1, name));
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_in_each_folder_and_begin_where_paths_differ() {
        let named = |list: &str| {
            let selection = Selection::of_lines(list.as_bytes()).unwrap();
            let budget = Budget::ample();
            let (paths, common) = paths_and_common(&selection, &budget).unwrap();
            let names = names(&paths, common, &budget).unwrap();
            let names = names
                .into_iter()
                .map(|name| String::from_utf8(name).unwrap());
            names.collect::<Vec<_>>()
        };
        assert_eq!(named("a/b/c"), ["c"]);
        assert_eq!(named("a/b/c\na/b/d"), ["c", "d"]);
        assert_eq!(named("a/b/c\na/d"), ["b/c", "d"]);
        assert_eq!(named("a/x\nb/x\nx"), ["a/x", "b/x", "x"]);
        assert_eq!(
            named("q%3F/A\nq%3F/a\nq_"),
            ["q_ (2)/A", "q_ (2)/a (2)", "q_"]
        );
    }
}
