//! Warns before private files become public: the home folder, keys, browser profiles. Warns as well
//! before strangers may put files where programs use them.
//!
//! A guard against mistakes, not against a user who insists. It looks at the path and at the top two
//! levels, for a limited time.
//!
//! - `places`: folders known by their name or by where they are
//! - `files`: files known by their name or content
//! - `acting`: folders in which files do something by being there
//! - `photos`: photos that say where they were taken

mod acting;
mod files;
mod photos;
mod places;

use std::{
    fs::{self, DirEntry},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    app::{PrivateContent, Target},
    paths,
};

pub use photos::say_where;

/// How long the search in a huge folder may take.
const TIME_LIMIT: Duration = Duration::from_millis(500);
/// How many private things a message lists. The rest are counted.
const LISTED_MAX: usize = 5;

/// The private things that the target would make public, and what it would let strangers do, if any. May
/// wait for the disk.
///
/// `serves_hidden`: whether visitors see hidden files. Hidden files that they don't see are not
/// mentioned. `takes_files`: whether visitors may hand in files.
pub fn find(
    target: &Target,
    home: Option<&Path>,
    serves_hidden: bool,
    takes_files: bool,
) -> Option<PrivateContent> {
    let private = PrivateContent {
        // Visitors see nothing of an inbox.
        things: match target {
            Target::Inbox(_) => Vec::new(),
            _ => seen(target, home, serves_hidden),
        },
        places: match target {
            Target::Folder(path) | Target::Inbox(path) if takes_files => acting(path, home),
            _ => Vec::new(),
        },
    };
    let is_any = private.all().next().is_some();
    is_any.then_some(private)
}

/// Why visitors of a shared folder should not be allowed to add files to it, if there is a reason. May
/// wait for the disk.
pub fn no_uploads(target: &Target, home: Option<&Path>) -> Option<PrivateContent> {
    let Target::Folder(path) = target else {
        return None;
    };
    let places = acting(path, home);
    (!places.is_empty()).then_some(PrivateContent {
        things: Vec::new(),
        places,
    })
}

/// Why visitors should not be shown the hidden files of what is shared, if there is a reason. May wait for
/// the disk.
pub fn no_hidden(target: &Target, home: Option<&Path>) -> Option<PrivateContent> {
    find(target, home, true, false)
}

/// What the folder is, if files act there.
fn acting(path: &Path, home: Option<&Path>) -> Vec<String> {
    // A folder that is made later has no other name yet.
    let real = paths::real_or_gone(path).unwrap_or_else(|_| path.to_owned());
    let found = acting::what_acts(&real, home);
    // The name of a link says something, too.
    let found = found.or_else(|| acting::what_acts(path, home));
    found.into_iter().collect()
}

fn seen(target: &Target, home: Option<&Path>, serves_hidden: bool) -> Vec<String> {
    let mut search = Search {
        home,
        serves_hidden,
        deadline: Instant::now() + TIME_LIMIT,
        things: Vec::new(),
    };
    for path in target.paths() {
        let real = paths::real_or_as_named(path);
        search.look_at(&real);
        // The name of a link says something, too.
        if real != path {
            search.look_at(path);
        }
    }
    listed(search.things)
}

/// The one hidden folder that is always served, at the top of a share.
const WELL_KNOWN: &str = ".well-known";

struct Search<'a> {
    home: Option<&'a Path>,
    serves_hidden: bool,
    deadline: Instant,
    things: Vec<String>,
}

impl Search<'_> {
    /// Looks at a path that was named to be shared.
    fn look_at(&mut self, path: &Path) {
        if path.parent().is_none() {
            self.add("all files on this computer".into());
            return;
        }
        if let Some(home) = self.home
            && home.starts_with(path)
        {
            self.add(if home == path {
                "your whole home folder".into()
            } else {
                format!("your home folder and everything else in {}", path.display())
            });
            return;
        }
        if let Some((name, what)) = places::inside(path) {
            self.add(format!("{what} ({name})"));
            return;
        }
        if let Some(what) = files::what_is_private(path) {
            self.add_named(what, path.file_name().map(Path::new));
        }
        if let Some(home) = self.home {
            for (place, what) in places::below(path, home) {
                if self.serves_hidden || !has_hidden(&place) {
                    self.add_named(what, Some(&place));
                }
            }
        }
        // The whole first level before the second, which may be huge.
        for folder in self.look_into(path, path) {
            self.look_into(&folder, path);
        }
    }

    /// Looks at the entries of `folder`, which is in `root`, and returns the folders among them.
    fn look_into(&mut self, folder: &Path, root: &Path) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        // A folder that can't be read can't be served either.
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            if Instant::now() > self.deadline {
                tracing::info!(folder = %root.display(), "too large to search it for private files");
                return Vec::new();
            }
            let is_well_known = folder == root && entry.file_name() == WELL_KNOWN;
            if !(self.serves_hidden || is_well_known) && is_hidden(&entry) {
                continue;
            }
            let path = entry.path();
            let relative = path.strip_prefix(root).ok();
            if let Some((_, what)) = places::at(&path) {
                self.add_named(what, relative);
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else if let Some(what) = files::what_is_private(&path) {
                self.add_named(what, relative);
            }
        }
        folders
    }

    fn add_named(&mut self, what: &str, name: Option<&Path>) {
        let name = name.map(Path::display);
        self.add(name.map_or(what.to_owned(), |name| format!("{what} ({name})")));
    }

    fn add(&mut self, thing: String) {
        self.things.push(thing);
    }
}

/// The things to list, in a stable order and each once.
fn listed(mut things: Vec<String>) -> Vec<String> {
    things.sort();
    things.dedup();
    if things.len() > LISTED_MAX {
        let others = things.len() - (LISTED_MAX - 1);
        things.truncate(LISTED_MAX - 1);
        things.push(format!("{others} more private files or folders"));
    }
    things
}

fn is_hidden(entry: &DirEntry) -> bool {
    entry.file_name().as_encoded_bytes().starts_with(b".")
}

fn has_hidden(relative: &Path) -> bool {
    relative
        .iter()
        .any(|name| name.as_encoded_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: &str = "/home/somebody";

    fn things_in(target: Target, home: &Path, serves_hidden: bool) -> Vec<String> {
        find(&target, Some(home), serves_hidden, false).map_or(Vec::new(), |private| private.things)
    }

    fn things(folder: &Path, home: &Path, serves_hidden: bool) -> Vec<String> {
        things_in(Target::Folder(folder.to_owned()), home, serves_hidden)
    }

    /// An empty folder to share.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let shared = dir.path().join("shared");
        fs::create_dir(&shared).unwrap();
        (dir, shared)
    }

    #[test]
    fn the_home_folder_and_what_it_is_in_are_private() {
        let home = Path::new(HOME);
        assert_eq!(things(home, home, false), ["your whole home folder"]);
        assert_eq!(
            things(Path::new("/home"), home, false),
            ["your home folder and everything else in /home"]
        );
        assert_eq!(
            things(Path::new("/"), home, false),
            ["all files on this computer"]
        );
        assert!(things(Path::new("/home/somebody/Photos"), home, false).is_empty());
        assert!(things(Path::new("/home/some"), home, false).is_empty());
    }

    #[test]
    fn a_folder_of_keys_is_private_and_so_is_everything_in_it() {
        for inside in ["/x/.ssh", "/x/.ssh/old"] {
            assert_eq!(
                things(Path::new(inside), Path::new(HOME), false),
                ["SSH keys (.ssh)"]
            );
        }
    }

    #[test]
    fn names_in_the_top_two_levels_count_if_visitors_would_see_them() {
        let home = Path::new(HOME);
        let (_dir, shared) = folder();
        fs::create_dir_all(shared.join(".ssh")).unwrap();
        assert!(things(&shared, home, false).is_empty());
        assert_eq!(things(&shared, home, true), ["SSH keys (.ssh)"]);
        fs::create_dir_all(shared.join("backup/deeper")).unwrap();
        fs::write(shared.join("mine.kdbx"), "").unwrap();
        fs::write(shared.join("backup/id_rsa"), "").unwrap();
        fs::write(shared.join("backup/id_rsa.pub"), "").unwrap();
        fs::write(shared.join("backup/.env"), "").unwrap();
        fs::write(shared.join("backup/deeper/id_rsa"), "").unwrap();
        for folder in [".well-known", "backup/.well-known"] {
            fs::create_dir_all(shared.join(folder)).unwrap();
            fs::write(shared.join(folder).join("id_rsa"), "").unwrap();
        }
        assert_eq!(
            things(&shared, home, false),
            [
                "a password database (mine.kdbx)",
                "an SSH key (.well-known/id_rsa)",
                "an SSH key (backup/id_rsa)"
            ]
        );
        assert!(things(&shared, home, true).contains(&"passwords and keys (backup/.env)".into()));
    }

    #[test]
    fn profiles_deep_in_the_home_folder_are_found() {
        let (_dir, home) = folder();
        let chrome = "Library/Application Support/Google/Chrome";
        fs::create_dir_all(home.join(chrome)).unwrap();
        fs::create_dir_all(home.join("AppData/Roaming/Mozilla")).unwrap();
        assert_eq!(
            things(&home.join("Library"), &home, false),
            ["Chrome profiles (Application Support/Google/Chrome)"]
        );
        assert_eq!(
            things(&home.join("AppData"), &home, false),
            ["Firefox profiles (Roaming/Mozilla)"]
        );
    }

    #[test]
    fn each_thing_is_mentioned_once_and_many_are_counted() {
        let (_dir, shared) = folder();
        let key = shared.join("id_rsa");
        fs::write(&key, "").unwrap();
        let other = shared.join("other.txt");
        fs::write(&other, "").unwrap();
        let target = Target::Files {
            first: key.clone(),
            others: vec![other, key],
        };
        let home = Path::new(HOME);
        assert_eq!(things_in(target, home, false), ["an SSH key (id_rsa)"]);
        for number in 0..10 {
            fs::write(shared.join(format!("{number}.pfx")), "").unwrap();
        }
        let things = things(&shared, home, false);
        assert_eq!(things.len(), LISTED_MAX);
        assert_eq!(things.last().unwrap(), "7 more private files or folders");
    }

    #[cfg(unix)]
    #[test]
    fn what_a_link_leads_to_is_looked_at() {
        use std::os::unix::fs::symlink;

        let (dir, home) = folder();
        let link = dir.path().join("link");
        symlink(&home, &link).unwrap();
        let real = paths::real(&home).unwrap();
        assert_eq!(things(&link, &real, false), ["your whole home folder"]);
        symlink("shared", dir.path().join(".ssh")).unwrap();
        let keys = dir.path().join(".ssh");
        assert_eq!(things(&keys, Path::new(HOME), false), ["SSH keys (.ssh)"]);
    }

    #[test]
    fn what_is_in_an_inbox_stays_private() {
        let (_dir, shared) = folder();
        fs::write(shared.join("id_rsa"), "").unwrap();
        let home = Path::new(HOME);
        let find = |target, takes_files| find(&target, Some(home), true, takes_files);
        assert_eq!(find(Target::Inbox(shared.clone()), true), None);
        assert!(find(Target::Folder(shared), true).is_some());
        let keys = PathBuf::from("/x/.ssh");
        let private = find(Target::Inbox(keys.clone()), true).unwrap();
        assert_eq!(private.things, Vec::<String>::new());
        assert_eq!(private.places, ["a folder with SSH keys (.ssh)"]);
        let private = find(Target::Folder(keys), true).unwrap();
        assert_eq!(private.things, ["SSH keys (.ssh)"]);
        assert_eq!(private.places, ["a folder with SSH keys (.ssh)"]);
    }

    #[test]
    fn visitors_may_add_files_to_a_shared_folder_unless_they_act_there() {
        let home = Path::new(HOME);
        let no_uploads = |path: &str| no_uploads(&Target::Folder(path.into()), Some(home));
        assert_eq!(no_uploads("/home/somebody/Homework"), None);
        let private = no_uploads("/home/somebody/.config/autostart").unwrap();
        assert_eq!(
            private.sentence(),
            "Anyone with the link could put files into a hidden folder (.config), where programs may use them."
        );
        assert_eq!(super::no_uploads(&Target::Site(80), Some(home)), None);
    }

    #[test]
    fn a_huge_folder_is_searched_for_a_limited_time() {
        let (_dir, shared) = folder();
        fs::write(shared.join("id_rsa"), "").unwrap();
        let things_until = |deadline| {
            let mut search = Search {
                home: None,
                serves_hidden: true,
                deadline,
                things: Vec::new(),
            };
            search.look_at(&shared);
            search.things
        };
        let now = Instant::now();
        assert_eq!(things_until(now + TIME_LIMIT).len(), 1);
        assert!(things_until(now).is_empty());
    }
}
