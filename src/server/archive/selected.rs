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
        if folder.is_unlisted(&path) {
            return None;
        }
        let parent = path.parent()?;
        let real = parents.0.entry(key).or_insert_with(|| {
            match folder.find(&above.join_all(&parent)).ok()? {
                Found::Folder { path, .. } if !path.is_deepest() => Some(path),
                _ => None,
            }
        });
        Some((folder.clone(), real.as_ref()?.join(path.last()?)))
    }
}

/// Paths that begin with the same names.
struct Alike {
    paths: Range<usize>,
    /// Where the next name begins in each.
    at: usize,
    /// What the names before are called.
    prefix: Vec<u8>,
}

/// What selected paths are called in an archive, below the folder that has this many names. They must be
/// in order, and none may be in another one. Looks at each name once.
fn names(paths: &[RequestPath], common: usize, budget: &Budget) -> io::Result<Vec<Vec<u8>>> {
    let mut names = vec![Vec::new(); paths.len()];
    let first = paths.first().into_iter().flat_map(RequestPath::names);
    let mut unnamed = vec![Alike {
        paths: 0..paths.len(),
        at: first.take(common).map(|name| name.len() + 1).sum(),
        prefix: Vec::new(),
    }];
    while let Some(Alike {
        paths: range,
        at,
        mut prefix,
    }) = unnamed.pop()
    {
        let next = |index: usize| {
            let rest = paths[index].as_bytes().get(at..).unwrap_or_default();
            let end = rest.iter().position(|byte| *byte == b'/');
            &rest[..end.unwrap_or(rest.len())]
        };
        let mut groups: Vec<Range<usize>> = Vec::new();
        for index in range {
            budget.check_entry(index)?;
            match groups.last_mut() {
                Some(group) if next(group.start) == next(index) => group.end = index + 1,
                _ => groups.push(index..index + 1),
            }
        }
        let mut here = ArchiveNames::of(groups.iter().map(|group| next(group.start)));
        let count = groups.len();
        for (number, group) in groups.into_iter().enumerate() {
            budget.check_entry(number)?;
            let first = group.start;
            // Long paths would be copied once for each of their names.
            let mut name = if number + 1 == count {
                std::mem::take(&mut prefix)
            } else {
                prefix.clone()
            };
            let own = here.name(next(first));
            budget.spend_bytes(own.len())?;
            name.extend_from_slice(&own);
            let end = at + next(first).len();
            if end >= paths[first].as_bytes().len() {
                budget.spend_bytes(name.len())?;
                names[first] = name;
            } else {
                name.push(b'/');
                unnamed.push(Alike {
                    paths: group,
                    at: end + 1,
                    prefix: name,
                });
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

    #[test]
    fn each_name_of_deep_paths_is_looked_at_once() {
        let list: String = (0..100)
            .map(|number| format!("{}{number}\n", "a/".repeat(400)))
            .collect();
        let selection = Selection::of_lines(format!("b\n{list}").as_bytes()).unwrap();
        // Two for each name of each path.
        let budget = Budget::of_checks(2 * 401 * 101);
        let (paths, common) = paths_and_common(&selection, &budget).unwrap();
        let start = budget.checks_left();
        let names = names(&paths, common, &budget).unwrap();
        assert_eq!(names.len(), 101);
        assert!(names[0].ends_with(b"a/0"));
        // Somebody who leaves doesn't wait for it.
        assert!(start - budget.checks_left() > 400 * 100);
    }
}
