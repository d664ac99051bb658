//! Visitors ask for files while a program writes to them, replaces and renames them and their folders, and
//! swaps them with links. What they get must have been there while they asked.

use std::{
    fs::{self, File},
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    os::unix::fs::{FileExt, symlink},
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use rustix::fs::{CWD, RenameFlags, Timestamps, renameat_with, utimensat};
use tokio::runtime::Builder;

use super::{KEEPS_UNTAGGED, SENT_AGAIN};
use crate::server::{Content, PasswordHash, Server, Settings, folder::Folder, share::REST};

/// Where visitors ask, and the length of what is there.
const FILES: [(&str, usize); 3] = [("a.bin", 64), ("d/b.bin", 3000), ("d/e/c.bin", 9000)];

/// How many requests the visitors send together. `SPOT_SERVE_TEST_REQUESTS` sets another number.
const REQUESTS: usize = 20_000;

/// The version that is at each of the places; none if visitors may not see it.
type State = [Option<u64>; FILES.len()];

/// What was where when. The program says what it will do before it does so, and that it has done so
/// after.
struct World {
    states: Mutex<Vec<State>>,
    begun: AtomicUsize,
    done: AtomicUsize,
}

impl World {
    fn change(&self, state: State, change: impl FnOnce()) {
        let number = {
            let mut states = self.states.lock().unwrap();
            states.push(state);
            states.len() - 1
        };
        self.begun.store(number, Ordering::SeqCst);
        change();
        self.done.store(number, Ordering::SeqCst);
    }

    fn now(&self) -> State {
        *self.states.lock().unwrap().last().unwrap()
    }

    /// Whether a place had this version at some time between two states.
    fn had(&self, (from, to): (usize, usize), place: usize, version: Option<u64>) -> bool {
        let states = self.states.lock().unwrap();
        states[from..=to]
            .iter()
            .any(|state| state[place] == version)
    }
}

/// Content that tells its place and version, and differs between versions only in eight bytes, which are
/// written at once.
fn content(place: usize, version: u64) -> Vec<u8> {
    let mut content = vec![b'a' + u8::try_from(place).unwrap(); FILES[place].1];
    content[..8].copy_from_slice(&version.to_le_bytes());
    content
}

/// Numbers that look random.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// The program that changes the files.
struct Writer<'a> {
    world: &'a World,
    inside: PathBuf,
    outside: PathBuf,
    dice: Dice,
    version: u64,
}

impl Writer<'_> {
    fn next(&mut self) -> u64 {
        self.version += 1;
        self.version
    }

    fn at(&self, place: usize) -> PathBuf {
        self.inside.join(FILES[place].0)
    }

    /// Changes something, and leaves everything where visitors may see it.
    fn change(&mut self) {
        let place = usize::try_from(self.dice.below(FILES.len() as u64)).unwrap();
        let world = self.world;
        let mut state = world.now();
        match self.dice.below(8) {
            0 => {
                let version = self.next();
                let file = File::options().write(true).open(self.at(place)).unwrap();
                state[place] = Some(version);
                world.change(state, || {
                    file.write_all_at(&version.to_le_bytes(), 0).unwrap()
                });
            }
            1 | 2 => {
                // Of the same size, and often with the same time.
                let version = self.next();
                let new = self.outside.join("new");
                fs::write(&new, content(place, version)).unwrap();
                if self.dice.below(2) == 0 {
                    let old = rustix::fs::stat(self.at(place)).unwrap();
                    let time = |seconds, nanoseconds: u64| rustix::fs::Timespec {
                        tv_sec: seconds,
                        tv_nsec: i64::try_from(nanoseconds).unwrap(),
                    };
                    let times = Timestamps {
                        last_access: time(old.st_atime, old.st_atime_nsec),
                        last_modification: time(old.st_mtime, old.st_mtime_nsec),
                    };
                    utimensat(CWD, &new, &times, rustix::fs::AtFlags::empty()).unwrap();
                }
                state[place] = Some(version);
                world.change(state, || fs::rename(&new, self.at(place)).unwrap());
            }
            3 => {
                state[place] = None;
                world.change(state, || fs::remove_file(self.at(place)).unwrap());
                let version = self.next();
                let file = content(place, version);
                let new = self.outside.join("new");
                fs::write(&new, file).unwrap();
                state[place] = Some(version);
                world.change(state, || fs::rename(&new, self.at(place)).unwrap());
            }
            4 => self.link_out(Path::new(FILES[place].0), &[place]),
            5 => self.link_out(Path::new("d"), &[1, 2]),
            6 => self.link_out(Path::new("d/e"), &[2]),
            _ => self.exchange(),
        }
    }

    /// Moves something out of the folder, and lets a link in its place lead there for a while.
    fn link_out(&mut self, what: &Path, places: &[usize]) {
        let (from, to) = (self.inside.join(what), self.outside.join("away"));
        let before = self.world.now();
        let mut hidden = before;
        for place in places {
            hidden[*place] = None;
        }
        self.world.change(hidden, || {
            fs::rename(&from, &to).unwrap();
            symlink(&to, &from).unwrap();
        });
        self.pause();
        self.world
            .change(hidden, || fs::remove_file(&from).unwrap());
        self.world
            .change(before, || fs::rename(&to, &from).unwrap());
    }

    /// Exchanges the folder `d` at once with another one that looks the same.
    fn exchange(&mut self) {
        let other = self.outside.join("other");
        let _ = fs::remove_dir_all(&other);
        fs::create_dir_all(other.join("e")).unwrap();
        let mut state = self.world.now();
        for place in [1, 2] {
            let version = self.next();
            let name = FILES[place].0.strip_prefix("d/").unwrap();
            fs::write(other.join(name), content(place, version)).unwrap();
            state[place] = Some(version);
        }
        let d = self.inside.join("d");
        if self.dice.below(2) == 0 {
            self.rest();
        }
        self.world.change(state, || {
            renameat_with(CWD, &other, CWD, &d, RenameFlags::EXCHANGE).unwrap();
        });
    }

    fn pause(&mut self) {
        if self.dice.below(64) == 0 {
            // Then all have tags, and answers with 304 are kept.
            thread::sleep(Duration::from_millis(2200));
        } else if self.dice.below(4) == 0 {
            self.rest();
        } else {
            thread::sleep(Duration::from_micros(self.dice.below(500)));
        }
    }

    /// Leaves everything as it is until answers are kept and sent again.
    fn rest(&self) {
        thread::sleep(REST + REST / 4);
    }
}

/// A visitor with one connection.
struct Reader {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

struct Answer {
    status: u16,
    /// The lines of the head in some order, without the date.
    head: Vec<String>,
    etag: Option<String>,
    body: Vec<u8>,
}

impl Reader {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        Self {
            stream,
            host: address.to_string(),
            buffer: vec![0; 64 * 1024],
        }
    }

    fn get(&mut self, path: &str, etag: Option<&str>) -> Answer {
        let condition = etag.map_or(String::new(), |tag| format!("If-None-Match: {tag}\r\n"));
        let host = &self.host;
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{condition}\r\n");
        self.stream.write_all(request.as_bytes()).unwrap();
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.buffer[filled..]).unwrap();
            assert!(read > 0, "the connection was closed");
            filled += read;
            let bytes = &self.buffer[..filled];
            let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = str::from_utf8(&bytes[..end]).unwrap();
            let value = |name: &str| {
                let lines = head.lines().filter_map(|line| line.split_once(": "));
                let mut values = lines.filter(|(other, _)| *other == name);
                values.next().map(|(_, value)| value.to_owned())
            };
            let status = head[9..12].parse().unwrap();
            let length = match status {
                304 => 0,
                _ => value("content-length").unwrap().parse().unwrap(),
            };
            if filled < end + 4 + length {
                continue;
            }
            assert_eq!(filled, end + 4 + length, "{head}");
            let lines = head.lines().filter(|line| !line.starts_with("date: "));
            let mut lines: Vec<_> = lines.map(str::to_owned).collect();
            lines.sort_unstable();
            return Answer {
                status,
                head: lines,
                etag: value("etag"),
                body: bytes[end + 4..].to_vec(),
            };
        }
    }
}

fn visit(world: &World, address: SocketAddr, seed: u64, requests: &AtomicU64) {
    let (mut reader, mut dice) = (Reader::new(address), Dice(seed));
    // The last version of each place that had a tag.
    let mut have: [Option<(String, u64)>; FILES.len()] = Default::default();
    while requests
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        })
        .is_ok()
    {
        let place = usize::try_from(dice.below(FILES.len() as u64)).unwrap();
        let condition = have[place].clone().filter(|_| dice.below(3) == 0);
        let from = world.done.load(Ordering::SeqCst);
        let tag = condition.as_ref().map(|(tag, _)| tag.as_str());
        let answer = reader.get(FILES[place].0, tag);
        let time = (from, world.begun.load(Ordering::SeqCst));
        match answer.status {
            200 => {
                let version = u64::from_le_bytes(answer.body[..8].try_into().unwrap());
                assert!(answer.body == content(place, version), "{place}: {version}");
                assert!(
                    world.had(time, place, Some(version)),
                    "{place} had not version {version} in {time:?}"
                );
                have[place] = answer.etag.map(|tag| (tag, version));
            }
            304 => {
                let (tag, version) = condition.unwrap();
                assert!(
                    world.had(time, place, Some(version)),
                    "{place} had not version {version} in {time:?}, but {tag} matched"
                );
            }
            404 => assert!(
                world.had(time, place, None),
                "{place} was there in {time:?}"
            ),
            status => panic!("{status} for {place}"),
        }
    }
}

/// The number of answers that were sent again is that of one test at a time.
static COUNTED: Mutex<()> = Mutex::new(());

/// A folder that is on a disk; none if nothing is kept there.
fn folder() -> Option<tempfile::TempDir> {
    // Where programs are built is no memory, where nothing is kept.
    let program = std::env::current_exe().unwrap();
    let dir = tempfile::tempdir_in(program.parent().unwrap()).unwrap();
    let folder = Folder::open_ambient(dir.path(), false).unwrap();
    folder.way_to(b"").map(|_| dir)
}

#[test]
fn what_is_sent_again_says_the_same_and_passes_the_gate() {
    let Some(dir) = folder() else {
        return;
    };
    let _counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    fs::write(dir.path().join("a.bin"), content(0, 1)).unwrap();
    fs::write(dir.path().join("b.html"), "text").unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _guard = runtime.enter();
    let settings = Settings::default();
    let downloads = settings.access.downloads();
    downloads.on_report(|_| {});
    let server = Server::start(&Content::Folder(dir.path().into()), &settings).unwrap();
    let mut reader = Reader::new(server.address());
    let is_sent_again = |answer: &mut dyn FnMut() -> Answer| {
        let before = SENT_AGAIN.load(Ordering::SeqCst);
        let answer = answer();
        (SENT_AGAIN.load(Ordering::SeqCst) > before, answer)
    };
    // Tags are given to files that have rested for two seconds.
    let begun = Instant::now();
    while reader.get("a.bin", None).etag.is_none() {
        assert!(begun.elapsed() < Duration::from_secs(30));
        thread::sleep(Duration::from_millis(50));
    }
    for path in ["a.bin", "b.html"] {
        let count = downloads.count();
        let (was_kept, first) = is_sent_again(&mut || reader.get(path, None));
        assert!(!was_kept || path == "a.bin");
        let (is_kept, second) = is_sent_again(&mut || reader.get(path, None));
        assert!(is_kept, "{path}");
        assert_eq!((&first.head, &first.body), (&second.head, &second.body));
        let begun = Instant::now();
        while downloads.count() < count + 2 {
            assert!(begun.elapsed() < Duration::from_secs(30), "{path}");
            thread::sleep(Duration::from_millis(5));
        }
        let (_, first) = is_sent_again(&mut || reader.get(path, first.etag.as_deref()));
        assert_eq!(first.status, 304);
        let (is_kept, second) = is_sent_again(&mut || reader.get(path, second.etag.as_deref()));
        assert!(is_kept, "{path}");
        assert_eq!(first.head, second.head);
        let (is_kept, other) = is_sent_again(&mut || reader.get(path, Some("\"other\"")));
        assert_eq!((is_kept, other.status), (false, 200));
        let (is_kept, _) = is_sent_again(&mut || reader.get(&format!("{path}?download"), None));
        assert!(!is_kept);
    }
    let lock = settings.access.lock();
    lock.set_password(Some(PasswordHash::of("secret").unwrap()));
    let (is_kept, closed) = is_sent_again(&mut || reader.get("a.bin", None));
    assert_eq!((is_kept, closed.status), (false, 401));
    lock.set_password(None);
    assert_eq!(reader.get("a.bin", None).status, 200);
    settings.access.traffic().end();
    let (is_kept, ended) = is_sent_again(&mut || reader.get("a.bin", None));
    assert_eq!((is_kept, ended.status), (false, 410));
}

#[test]
fn what_is_sent_again_is_what_is_there() {
    let requests = std::env::var("SPOT_SERVE_TEST_REQUESTS")
        .map_or(REQUESTS, |number| number.parse().unwrap());
    let requests = AtomicU64::new(requests as u64);
    let Some(dir) = folder() else {
        eprintln!("nothing is kept on this file system, so this test is left out");
        return;
    };
    let _counted = COUNTED.lock().unwrap_or_else(PoisonError::into_inner);
    let (inside, outside) = (dir.path().join("inside"), dir.path().join("outside"));
    fs::create_dir_all(inside.join("d/e")).unwrap();
    fs::create_dir(&outside).unwrap();
    let state: State = [Some(1), Some(2), Some(3)];
    for (place, version) in state.iter().enumerate() {
        fs::write(
            inside.join(FILES[place].0),
            content(place, version.unwrap()),
        )
        .unwrap();
    }
    let world = World {
        states: Mutex::new(vec![state]),
        begun: AtomicUsize::new(0),
        done: AtomicUsize::new(0),
    };
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _guard = runtime.enter();
    let server = Server::start(&Content::Folder(inside.clone()), &Settings::default()).unwrap();
    let address = server.address();
    KEEPS_UNTAGGED.store(true, Ordering::SeqCst);
    let (sent_before, is_over) = (SENT_AGAIN.load(Ordering::SeqCst), AtomicBool::new(false));
    let mut writer = Writer {
        world: &world,
        inside,
        outside,
        dice: Dice(0x5d58_8b65_6c07_8965),
        version: 3,
    };
    thread::scope(|scope| {
        let visitors: Vec<_> = (1..=4)
            .map(|seed| {
                let (world, requests) = (&world, &requests);
                scope.spawn(move || visit(world, address, seed, requests))
            })
            .collect();
        let is_over = &is_over;
        scope.spawn(move || {
            let begun = Instant::now();
            while !is_over.load(Ordering::SeqCst) && begun.elapsed() < Duration::from_secs(1200) {
                writer.change();
                writer.pause();
            }
        });
        let ended: Vec<_> = visitors
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        is_over.store(true, Ordering::SeqCst);
        for end in ended {
            end.unwrap();
        }
    });
    KEEPS_UNTAGGED.store(false, Ordering::SeqCst);
    let sent_again = SENT_AGAIN.load(Ordering::SeqCst) - sent_before;
    let changes = world.states.lock().unwrap().len();
    eprintln!("{sent_again} answers were sent again, {changes} changes");
    assert!(sent_again > 0, "nothing was kept");
}
