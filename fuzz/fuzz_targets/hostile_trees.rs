//! However folders and links are arranged, any request costs little work and gets only what is
//! inside.
#![no_main]

use std::{
    fs,
    io::Write,
    os::fd::OwnedFd,
    path::PathBuf,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use libfuzzer_sys::{arbitrary, arbitrary::Arbitrary, fuzz_target};
use rustix::fs::{Mode, OFlags, mkdirat, openat, symlinkat};
use serde_json::Value;
use spot_serve::server::fuzzing::{Folder, Found, RequestPath, Rules};
use spot_serve_fuzz::share::{SECRET, Share, Visitor};

#[derive(Arbitrary, Debug)]
struct Input {
    steps: Vec<Step>,
    asked: Vec<Vec<u8>>,
}

#[derive(Arbitrary, Debug)]
struct Step {
    what: What,
    /// Which of the earlier folders contains it.
    place: u8,
    /// Which of the earlier entries a link points to.
    other: u8,
    repeat: u8,
}

#[derive(Arbitrary, Debug)]
enum What {
    Folder,
    File,
    Hidden,
    /// Folders, each inside the previous one.
    Chain,
    LinkTo,
    /// A link with an absolute target.
    AbsoluteLinkTo,
    /// A link whose target goes up and down many times.
    WindingLinkTo,
    LinkUp,
    LinkOut,
    LinkToItself,
    /// Links, each to the previous one.
    LinkChain,
    /// Many links to one folder.
    Fan,
}

const MAX_STEPS: usize = 48;

const LONG_NAME: &str =
    "a name that is as long as many and so makes a path that the system can't open at once ";

/// The most entries in a tree.
const MAX_ENTRIES: usize = 400;

/// Larger zips are not downloaded.
const MAX_ZIP_BYTES: u64 = 4_000_000;

/// The most processor time that a request may take, with all instrumentation.
const MAX_WORK: Duration = Duration::from_secs(3);

static SHARE: LazyLock<Share> = LazyLock::new(|| Share::start(|_| {}));

static FOLDER: LazyLock<Folder> =
    LazyLock::new(|| Folder::open_ambient(&SHARE.root, false).expect("a folder"));

static VISITOR: LazyLock<Mutex<Visitor>> = LazyLock::new(Mutex::default);

/// A new folder for each input, because the share may remember for a while what was in one.
static NUMBER: AtomicU64 = AtomicU64::new(0);

fuzz_target!(|input: Input| {
    let tree = Tree::new(&input.steps);
    let mut visitor = VISITOR.lock().expect("no other thread");
    let mut get = |path: &str, query: &str| {
        let target = format!("{path}{query}");
        let before = work();
        let response = visitor.get(&SHARE, &target, "");
        let took = work().saturating_sub(before);
        assert!(took < MAX_WORK, "{target} took {took:?}");
        assert!(!contains(&response.body, SECRET), "{target} shows a secret");
        response
    };
    let count = tree.entries.len() + 1;
    let root = tree.url.as_str();
    let total = get(root, "?total");
    let total: Value = serde_json::from_slice(&total.body).expect("JSON");
    let number = |key: &str| total[key].as_u64().expect("a number");
    // Each entry may appear once by itself, and once more behind each link.
    let most = (count * count) as u64;
    assert!(number("files") <= most, "{total}");
    assert!(
        number("zip") <= 1000 + most * (2 * tree.path_bytes as u64 + 250),
        "{total}"
    );
    if number("zip") < MAX_ZIP_BYTES {
        let zip = get(root, "?archive=zip");
        assert_eq!((zip.status, zip.body.len() as u64), (200, number("zip")));
    }
    let json = get(root, "?json");
    let json: Value = serde_json::from_slice(&json.body).expect("JSON");
    let rows = json["entries"].as_array().expect("entries").len();
    assert!(rows <= count);
    for asked in input.asked.iter().take(6) {
        let path = tree.path(asked);
        for query in ["", "?json", "?total"] {
            let response = get(&path, query);
            assert!(
                response.body.len() < 2_000_000,
                "{} bytes",
                response.body.len()
            );
        }
        check_found(&path);
    }
});

/// Looks up a path without a server.
fn check_found(path: &str) {
    let before = work();
    let Some(path) = RequestPath::parse(path.as_bytes(), Rules::HERE) else {
        return;
    };
    match FOLDER.find(&path) {
        Ok(Found::File { path, .. }) => {
            if let Ok((file, _)) = FOLDER.open(&path) {
                let text = std::io::read_to_string(file).expect("text");
                assert_eq!(text, "inside", "{path:?}");
            }
        }
        // The listing has shown what is in it.
        Ok(Found::Folder { .. }) | Err(_) => {}
    }
    let took = work().saturating_sub(before);
    assert!(took < MAX_WORK, "{path:?} took {took:?}");
}

/// The processor time that this program has used so far, in steps of ten milliseconds.
fn work() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").expect("what Linux tells of a program");
    // The name before it may contain any characters.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks = fields.split_whitespace().skip(11).take(2);
    let ticks = ticks.map(|ticks| ticks.parse::<u64>().expect("a number"));
    Duration::from_millis(10 * ticks.sum::<u64>())
}

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|place| place == what)
}

/// A folder in the share, built from an input.
struct Tree {
    dir: PathBuf,
    url: String,
    folders: Vec<Made>,
    /// Paths of everything that was made, below the tree and ready to be requested.
    entries: Vec<String>,
    path_bytes: usize,
}

/// A folder of the tree.
struct Made {
    /// Its path below the tree: empty, or ending with a slash.
    path: String,
    /// Needed because a path may be too long for the system.
    handle: OwnedFd,
}

impl Tree {
    fn new(steps: &[Step]) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed).to_string();
        let dir = SHARE.root.join(&number);
        fs::create_dir(&dir).expect("a folder");
        let handle = fs::File::open(&dir).expect("a folder").into();
        let mut tree = Self {
            dir,
            url: format!("/{number}/"),
            folders: vec![Made {
                path: String::new(),
                handle,
            }],
            entries: Vec::new(),
            path_bytes: 20,
        };
        for step in steps.iter().take(MAX_STEPS) {
            tree.take(step);
        }
        tree
    }

    fn take(&mut self, step: &Step) {
        let place = usize::from(step.place) % self.folders.len();
        let repeat = usize::from(step.repeat);
        let up = |count: usize| "../".repeat(count);
        let depth = self.folders[place].path.matches('/').count();
        let other = self.other(step);
        match step.what {
            What::Folder => {
                self.folder(place, "folder");
            }
            What::File => self.file(place, "file", b"inside"),
            What::Hidden => self.file(place, ".file", SECRET),
            What::Chain => {
                let (name, length) = if step.other % 2 == 0 {
                    ("f", repeat)
                } else {
                    (LONG_NAME, repeat % 64)
                };
                let mut place = place;
                for _ in 0..length {
                    let Some(next) = self.folder(place, name) else {
                        return;
                    };
                    place = next;
                }
                self.file(place, "file", b"inside");
            }
            What::LinkTo => self.link(place, "link", &format!("{}{other}", up(depth))),
            What::AbsoluteLinkTo => {
                let target = self.dir.join(other).to_string_lossy().into_owned();
                self.link(place, "link", &target);
            }
            What::WindingLinkTo => {
                // Down and up again, if there is something to go down into.
                let first = self.entries.first().map_or("", String::as_str);
                let first = first.split('/').next().unwrap_or_default();
                let winding = format!("{first}/../").repeat(repeat);
                self.link(place, "link", &format!("{}{winding}{other}", up(depth)));
            }
            What::LinkUp => self.link(place, "link", &up(repeat % (depth + 2))),
            What::LinkOut => {
                let out = match repeat % 5 {
                    0 => SHARE.outside.to_string_lossy().into_owned(),
                    1 => format!("{}outside/file", up(depth + 2)),
                    2 => format!("{}outside", up(depth + 2)),
                    3 => format!("{}root/{other}", up(depth + 2)),
                    _ => "/proc/self/root".to_owned(),
                };
                self.link(place, "link", &out);
            }
            What::LinkToItself => {
                let name = self.name("link");
                self.link_as(place, &name, &name);
            }
            What::LinkChain => {
                let mut target = format!("{}{other}", up(depth));
                for _ in 0..repeat % 64 {
                    let name = self.name("link");
                    self.link_as(place, &name, &target);
                    target = name;
                }
            }
            What::Fan => {
                for _ in 0..repeat % 64 {
                    self.link(place, "link", &format!("{}{other}", up(depth)));
                }
            }
        }
    }

    /// The path of the entry that a step refers to, if there is one yet.
    fn other(&self, step: &Step) -> String {
        let index = usize::from(step.other) % (self.entries.len() + 1);
        self.entries.get(index).cloned().unwrap_or_default()
    }

    /// A path to request: of something that was made, followed by arbitrary names.
    fn path(&self, asked: &[u8]) -> String {
        let mut path = self.url.clone();
        let mut is_first = true;
        for &byte in asked.iter().take(200) {
            let index = usize::from(byte & 0x7f) * self.entries.len() / 128;
            let Some(entry) = self.entries.get(index) else {
                break;
            };
            let name = entry.rsplit('/').next().unwrap_or(entry);
            path.push_str(if is_first { entry } else { name });
            if byte < 0x80 || !is_first {
                path.push('/');
            } else {
                break;
            }
            is_first = false;
        }
        path.truncate(20_000);
        path
    }

    fn name(&self, kind: &str) -> String {
        format!("{kind}{}", self.entries.len())
    }

    fn folder(&mut self, place: usize, name: &str) -> Option<usize> {
        let name = self.name(name);
        let parent = &self.folders[place];
        if self.entries.len() >= MAX_ENTRIES {
            return None;
        }
        mkdirat(&parent.handle, &name, Mode::RWXU).ok()?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let handle = openat(&parent.handle, &name, flags, Mode::empty()).ok()?;
        let path = format!("{}{name}/", parent.path);
        self.made(place, &name);
        self.folders.push(Made { path, handle });
        Some(self.folders.len() - 1)
    }

    fn file(&mut self, place: usize, name: &str, content: &[u8]) {
        let name = if name.starts_with('.') {
            format!(".{}", self.name("file"))
        } else {
            self.name(name)
        };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
        let handle = &self.folders[place].handle;
        if self.entries.len() < MAX_ENTRIES
            && let Ok(file) = openat(handle, &name, flags, Mode::RUSR | Mode::WUSR)
        {
            fs::File::from(file).write_all(content).expect("a file");
            self.made(place, &name);
        }
    }

    fn link(&mut self, place: usize, name: &str, target: &str) {
        let name = self.name(name);
        self.link_as(place, &name, target);
    }

    fn link_as(&mut self, place: usize, name: &str, target: &str) {
        let target = if target.is_empty() { "." } else { target };
        if self.entries.len() < MAX_ENTRIES
            && symlinkat(target, &self.folders[place].handle, name).is_ok()
        {
            self.made(place, name);
        }
    }

    fn made(&mut self, place: usize, name: &str) {
        let path = format!("{}{name}", self.folders[place].path);
        self.path_bytes = self.path_bytes.max(path.len() + 20);
        self.entries.push(path);
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.folders.clear();
        fs::remove_dir_all(&self.dir).expect("a folder that can be removed");
    }
}
