//! How this copy was installed, and so how it is updated. Packages have a file beside the program that
//! says so; what a shop did with a package can be seen around it.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use crate::process::own_program;

/// The file beside the program that names the kind of package.
const MARK: &str = "installed-as";
/// What is read of a small file.
const READ_MAX: u64 = 4096;

/// How this copy was installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installation {
    Deb,
    AptRepository,
    Rpm,
    RpmRepository,
    AppImage,
    Tar,
    Setup,
    Zip,
    DiskImage,
    Homebrew,
    Winget,
    Scoop,
    Flatpak,
    Aur,
    Nix,
    Container,
    /// A package that a distribution made.
    Distribution,
    /// Built on this computer, or unpacked by hand.
    Source,
}

impl Installation {
    /// How the running program was installed.
    pub fn find() -> Self {
        let program = own_program::running().map(|own| own.canonicalize().unwrap_or(own));
        program.map_or(Self::Source, |program| Self::of(&program, Path::new("/")))
    }

    /// `root` is where the system is.
    fn of(program: &Path, root: &Path) -> Self {
        let dir = program.parent().unwrap_or(program);
        // On macOS, everything beside the program would have to be signed.
        let marks = [dir.join(MARK), dir.join("../Resources").join(MARK)];
        let mark = marks.iter().find_map(|mark| beginning(mark));
        match mark.as_deref().map(str::trim) {
            Some("deb") if has_apt_repository(root) => Self::AptRepository,
            Some("deb") => Self::Deb,
            Some("rpm") if has_rpm_repository(root) => Self::RpmRepository,
            Some("rpm") => Self::Rpm,
            Some("appimage") => Self::AppImage,
            Some("tar") => Self::Tar,
            Some("winget") => Self::Winget,
            Some("setup") => Self::Setup,
            // Scoop writes it into the folder of each program.
            Some("zip") if dir.join("install.json").is_file() => Self::Scoop,
            Some("zip") => Self::Zip,
            Some("dmg") if has_cask(root) => Self::Homebrew,
            Some("dmg") => Self::DiskImage,
            Some("flatpak") => Self::Flatpak,
            Some("aur") => Self::Aur,
            Some("container") => Self::Container,
            _ if program.starts_with(root.join("nix/store")) => Self::Nix,
            _ if is_of_system(program, root) => Self::Distribution,
            _ => Self::Source,
        }
    }

    /// Its word in `--json`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::AptRepository => "apt",
            Self::Rpm => "rpm",
            Self::RpmRepository => "rpm-repository",
            Self::AppImage => "appimage",
            Self::Tar => "tar",
            Self::Setup => "setup",
            Self::Zip => "zip",
            Self::DiskImage => "dmg",
            Self::Homebrew => "homebrew",
            Self::Winget => "winget",
            Self::Scoop => "scoop",
            Self::Flatpak => "flatpak",
            Self::Aur => "aur",
            Self::Nix => "nix",
            Self::Container => "container",
            Self::Distribution => "distribution",
            Self::Source => "source",
        }
    }

    /// Whether something else than Spot Serve tells of new versions. Such a copy never asks by itself.
    pub fn is_updated_by_shop(self) -> bool {
        match self {
            Self::AptRepository
            | Self::RpmRepository
            | Self::Homebrew
            | Self::Winget
            | Self::Scoop
            | Self::Flatpak
            | Self::Aur
            | Self::Nix
            | Self::Container
            | Self::Distribution => true,
            Self::Deb
            | Self::Rpm
            | Self::AppImage
            | Self::Tar
            | Self::Setup
            | Self::Zip
            | Self::DiskImage
            | Self::Source => false,
        }
    }

    /// Where to get a newer version for this copy.
    pub fn how_to_update(self) -> &'static str {
        match self {
            Self::Deb => {
                "Get the .deb from the page of the release, and install it with `sudo apt install ./spot-serve_*.deb`."
            }
            Self::AptRepository => {
                "Get it with `sudo apt update && sudo apt install --only-upgrade spot-serve`."
            }
            Self::Rpm => {
                "Get the .rpm from the page of the release, and install it with `sudo dnf install ./spot-serve-*.rpm`."
            }
            Self::RpmRepository => "Get it with your updates: `sudo dnf upgrade spot-serve`.",
            Self::AppImage => {
                "Get the AppImage from the page of the release, and put it in the place of this one."
            }
            Self::Tar => {
                "Get the .tar.gz from the page of the release, and unpack it over this one after you quit Spot Serve."
            }
            Self::Setup => "Get the setup program from the page of the release, and run it.",
            Self::Zip => {
                "Get the .zip from the page of the release, and unpack it over this one after you quit Spot Serve."
            }
            Self::DiskImage => {
                "Get the disk image from the page of the release, and move the app to Applications."
            }
            Self::Homebrew => "Get it with `brew upgrade --cask spot-serve`.",
            Self::Winget => "Get it with `winget upgrade SpotServe.SpotServe`.",
            Self::Scoop => "Get it with `scoop update spot-serve`.",
            Self::Flatpak => "Get it with `flatpak update io.github.spot_serve.SpotServe`.",
            Self::Aur => "Get it from the AUR, as you update spot-serve-bin.",
            Self::Nix => "Get it by updating the flake or the channel that this copy came from.",
            Self::Container => "Get it by pulling the image again.",
            Self::Distribution => "Your system has it as soon as its packages do: update as usual.",
            Self::Source => {
                "Get a package from the page of the release, or build it as you built this one."
            }
        }
    }
}

/// The beginning of a small text file.
fn beginning(file: &Path) -> Option<String> {
    let mut text = Vec::new();
    let file = File::open(file).ok()?;
    file.take(READ_MAX).read_to_end(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text).into_owned())
}

fn files_in(dir: PathBuf) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.path())
}

/// Whether apt knows the repository that the releases fill.
fn has_apt_repository(root: &Path) -> bool {
    let lists = files_in(root.join("var/lib/apt/lists"));
    let mut lists = lists.filter(|file| file.to_string_lossy().ends_with("Release"));
    // The origin is one of the first lines.
    lists.any(|list| has_line(&list, "Origin: Spot Serve"))
}

/// Whether dnf or zypper knows it.
fn has_rpm_repository(root: &Path) -> bool {
    ["etc/yum.repos.d", "etc/zypp/repos.d"]
        .into_iter()
        .flat_map(|dir| files_in(root.join(dir)))
        .any(|file| has_line(&file, "[spot-serve]"))
}

fn has_line(file: &Path, line: &str) -> bool {
    beginning(file).is_some_and(|text| text.lines().any(|each| each.trim() == line))
}

/// Whether Homebrew installed the disk image.
fn has_cask(root: &Path) -> bool {
    [
        "opt/homebrew/Caskroom/spot-serve",
        "usr/local/Caskroom/spot-serve",
    ]
    .iter()
    .any(|dir| root.join(dir).is_dir())
}

/// Whether the program is where only the packages of a system put files.
fn is_of_system(program: &Path, root: &Path) -> bool {
    let is_in = |dir: &str| program.starts_with(root.join(dir));
    is_in("app") || is_in("snap") || (is_in("usr") && !is_in("usr/local"))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct System(tempfile::TempDir);

    impl System {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn with(self, file: &str, text: &str) -> Self {
            let file = self.0.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
            self
        }

        /// The installation of a program here, in a folder with this mark.
        fn of(self, program: &str, mark: &str) -> Installation {
            let mark_file = Path::new(program).with_file_name(MARK);
            let system = self
                .with(program, "")
                .with(mark_file.to_str().unwrap(), &format!("{mark}\n"));
            system.without_mark(program)
        }

        fn without_mark(&self, program: &str) -> Installation {
            Installation::of(&self.0.path().join(program), self.0.path())
        }
    }

    const LIB: &str = "usr/lib/spot-serve/spot-serve";

    #[test]
    fn packages_say_what_they_are() {
        for (mark, expected) in [
            ("deb", Installation::Deb),
            ("rpm", Installation::Rpm),
            ("appimage", Installation::AppImage),
            ("tar", Installation::Tar),
            ("setup", Installation::Setup),
            ("winget", Installation::Winget),
            ("zip", Installation::Zip),
            ("dmg", Installation::DiskImage),
            ("flatpak", Installation::Flatpak),
            ("aur", Installation::Aur),
            ("container", Installation::Container),
        ] {
            assert_eq!(System::new().of(LIB, mark), expected);
        }
    }

    #[test]
    fn a_package_from_a_repository_is_updated_by_it() {
        let list = "var/lib/apt/lists/example.org_apt_dists_stable_InRelease";
        let signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nOrigin: Spot Serve\n";
        let apt = System::new().with(list, signed).of(LIB, "deb");
        assert_eq!(apt, Installation::AptRepository);
        let others = System::new().with(list, "Origin: Debian\n").of(LIB, "deb");
        assert_eq!(others, Installation::Deb);
        for dir in ["etc/yum.repos.d", "etc/zypp/repos.d"] {
            let file = format!("{dir}/spot-serve.repo");
            let rpm = System::new().with(&file, "[spot-serve]\nenabled=1\n");
            assert_eq!(rpm.of(LIB, "rpm"), Installation::RpmRepository);
        }
    }

    #[test]
    fn what_a_shop_did_with_a_package_is_seen_around_it() {
        let scoop = System::new().with("scoop/apps/spot-serve/0.1.0/install.json", "{}");
        let scoop = scoop.of("scoop/apps/spot-serve/0.1.0/spot-serve.exe", "zip");
        assert_eq!(scoop, Installation::Scoop);
        let app = "Applications/Spot Serve.app/Contents/MacOS/spot-serve";
        let mark = "Applications/Spot Serve.app/Contents/Resources/installed-as";
        let image = System::new().with(app, "").with(mark, "dmg\n");
        assert_eq!(image.without_mark(app), Installation::DiskImage);
        let cask = image.with("opt/homebrew/Caskroom/spot-serve/.metadata/a", "");
        assert_eq!(cask.without_mark(app), Installation::Homebrew);
    }

    #[test]
    fn a_copy_without_a_mark_is_known_by_its_place() {
        let system = System::new();
        for (program, expected) in [
            (LIB, Installation::Distribution),
            ("usr/bin/spot-serve", Installation::Distribution),
            ("snap/spot-serve/1/spot-serve", Installation::Distribution),
            ("nix/store/abc/bin/.spot-serve-wrapped", Installation::Nix),
            ("usr/local/bin/spot-serve", Installation::Source),
            (
                "home/a/spot-serve/target/release/spot-serve",
                Installation::Source,
            ),
        ] {
            assert_eq!(system.without_mark(program), expected, "{program}");
        }
        let odd = System::new().of("home/a/spot-serve", "something else");
        assert_eq!(odd, Installation::Source);
    }
}
