//! The arguments. Their `--help` is the manual.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::{
    app::{
        Limit,
        duration::{self, DurationError},
        size::{self, SizeError},
        speed::{self, SpeedError},
    },
    process::child_lifetime::GUARD_COMMAND,
};

const AFTER_HELP: &str = "\
Environment:
  SPOT_SERVE_LOG  what to write to the log file: off, error, warn, info (the default), debug or
                  trace, or MODULE=LEVEL, such as spot_serve::tunnel=debug

Exit codes:
  0  success
  1  failure; standard error says why
  2  wrong usage
  3  shared on this computer only, without a public link";

/// The longest message to visitors, in characters.
const MESSAGE_MAX: usize = 1000;

/// The fields of [`Status`](crate::app::Status).
const LIST_JSON: &str = "\
With --json, prints an array with an object for each share:
  name            its name, unique among the shares
  paths           the files and folders it shares; empty for a local site
  port            the port of the local site, or null
  state           starting, asking (waits for your answer, because it contains private files),
                  connecting, online, reconnecting, local-only, ending (a limit was reached, and
                  running downloads may finish) or stopping
  status_text     the state in words
  link            the public link, or null
  local_link      the address on this computer, or null
  protected       true if visitors need a password
  ends_in_s       the seconds until it ends by itself, or null
  downloads_left  the complete downloads after which it ends by itself, or null
  deliveries_left the complete deliveries after which it ends by itself, or null
  inbox           true if visitors only hand in files, and see nothing
  uploads         true if visitors may hand in files
  hidden          true if visitors see hidden files, too
  cors            true if scripts of other websites may read it while it needs no password
  show_places     true if visitors are told where photos were taken
  has_places      true if photos in it say where they were taken (a few of each folder were read);
                  null until Spot Serve has looked
  lan             true if it is also meant to be on the local network
  network_links   the links there, the one that most likely works first; empty if it isn't open
  network_problem why it isn't open there, or null
  max_size        the bytes that visitors may hand in together, or null
  message         what visitors who hand in files read
  limit           the bytes a second that all visitors are sent together, or null
  receiving       the files that are coming in: \"files\", their number; \"received\", the bytes so
                  far; and \"expected\", all their bytes, or null
  received        the files that have come in: \"files\" and \"bytes\"
  under_way       the visitors' requests that are being answered and keep the disk busy: \"count\",
                  and \"visitors\", their addresses (of an IPv6 /64 network, the first)
  reachable       false if the files are missing, or visitors can't see the local site
  problem         what is wrong, or null: why there is no link, why visitors can't see the local
                  site, which files are missing, or which private files it would make public";

/// The fields of [`Entry`](crate::history::Entry).
const ACTIVITY_JSON: &str = "\
With --json, prints an object on each line, the oldest first:
  id       a number; later entries have higher ones
  time     when it happened, such as 2026-07-08T09:10:11.123Z
  kind     share-started, share-ended, visit, download (complete), broken-download (in part, and not
           continued within 10 minutes), file-received, delivery (everything that a visitor hands in
           together) or password-refused
  share    the same text whenever the same folder, files or site are shared
  name     the name that the share had
  count    how many visits, files or passwords; 1 for a single one
  visitor  the visitor's address
  sender   the name that the visitor gave
  file     the name of the file
  bytes    the bytes of the files, or those that were sent
  size     the bytes of the whole file, for broken-download
  reason   why the share ended by itself
Fields that are unknown or make no sense are left out. What one visitor does many times within a
minute is one entry.";

/// The fields of [`Report`](crate::doctor::report::Report).
const DOCTOR_JSON: &str = "\
With --json, prints an object:
  sharing_works  whether a share would get a link that works
  checks         an array with an object for each check:
    check        what was checked
    level        ok, warning (sharing works anyway) or problem (it doesn't)
    message      what was found
    advice       what to do about it; only for a warning or problem

Exit codes:
  0  sharing works
  1  sharing doesn't work";

/// What `update check` prints.
const UPDATE_JSON: &str = "\
With --json, prints an object:
  current          the version of this copy
  newest           the newest version, or null if it is this one
  notes            an array of sentences about what is new since this version
  installed_as     how this copy was installed: deb, apt, rpm, rpm-repository, appimage, tar, setup, zip,
                   dmg, homebrew, winget, scoop, flatpak, aur, nix, container, distribution or source
  updated_by_shop  true if something else updates this copy, so that Spot Serve never asks by itself
  how              how to get a newer version for this copy, in words
  page             the page of the newest release, or null";

const STATUS_EXIT: &str = "\
Exit codes:
  0  everything that is shared has a link that works
  1  a link doesn't work, or nothing is shared";

const CONFIG_EXIT: &str = "Exits with 1 if the settings have a mistake.";

/// Share a folder with one click and get a public link
///
/// Without a command, Spot Serve starts in the system tray.
#[derive(Debug, Parser)]
#[command(name = "spot-serve", version, about, long_about, after_help = AFTER_HELP)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Write more to the log file; -vv writes even more
    #[arg(long, short, action = ArgAction::Count, global = true)]
    pub verbose: u8,
    /// Started by the desktop at login, possibly before its panel
    #[arg(long, hide = true)]
    pub at_login: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Share a folder, files, a local site or standard input, and print the link once it works
    ///
    /// Asks the tray app to share it, starting the app if needed. Where the desktop shows no tray
    /// icons, and with --foreground, shares from this terminal until you press Ctrl-C.
    ///
    /// With -, reads standard input to its end and shares it as a file, which is kept only as long as it
    /// is shared.
    ///
    /// Prints only the link on standard output; everything else goes to standard error.
    Share(ShareArgs),
    /// Receive files: print a link through which visitors can only hand in files
    ///
    /// They see nothing of the folder, and can't change or replace what is in it. A folder that is
    /// missing is made; one that stays empty is removed again.
    ///
    /// Otherwise like `share`: asks the tray app, or receives from this terminal until you press
    /// Ctrl-C.
    Receive(ReceiveArgs),
    /// Choose a folder to share in a dialog
    Pick,
    /// List what is shared, with the links
    #[command(after_help = LIST_JSON)]
    List(JsonArgs),
    /// Check that what is shared has a link that works, also in terminals
    ///
    /// For services and containers, so that they can be restarted when it fails.
    #[command(after_help = STATUS_EXIT)]
    Status,
    /// Stop sharing
    ///
    /// Without arguments, stops the only share. Exits with 0 if nothing is shared, and with 1 if the
    /// named share doesn't exist.
    Stop(StopArgs),
    /// Show or change the settings of a share
    ///
    /// The link stays the same. Without options, shows the settings, including the
    /// password. Without a share, uses the only one.
    Set(SetArgs),
    /// Show the QR code of a link, for phones
    ///
    /// Draws it in the terminal, or writes pictures. Without arguments, uses the only share.
    Qr(QrArgs),
    /// Show what has happened: visits, downloads, received files and refused passwords
    ///
    /// The history has up to 10,000 entries from the last 90 days, in a file that only you can read. It
    /// is there whether or not Spot Serve is running.
    #[command(after_help = ACTIVITY_JSON)]
    Activity(ActivityArgs),
    /// Open the dashboard: see and control everything that is shared, in your browser
    ///
    /// It is a page on this computer that nobody else can read. The tray app is started if needed. Where
    /// there is no desktop, and with --print, prints the address instead. It can be opened once, within
    /// ten minutes.
    Dashboard(DashboardArgs),
    /// Stop all sharing and quit Spot Serve
    Quit,
    /// Check that sharing works, and suggest fixes
    #[command(after_help = DOCTOR_JSON)]
    Doctor(JsonArgs),
    /// Show where the settings are stored and what they are, and check them
    #[command(after_help = CONFIG_EXIT)]
    Config,
    /// Manage the sidecar: cloudflared, which creates the public links
    #[command(subcommand)]
    Sidecar(SidecarCommand),
    /// Check for newer versions, which Spot Serve never installs
    #[command(subcommand)]
    Update(UpdateCommand),
    /// Runs a program that ends when standard input closes; used by Spot Serve itself
    #[command(name = GUARD_COMMAND, hide = true)]
    GuardChild {
        program: OsString,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

#[derive(Debug, Subcommand)]
pub enum SidecarCommand {
    /// Download cloudflared (40 MB), or resume an interrupted download
    Fetch,
    /// Check that the cloudflared in use is the official one; exits with 1 if not
    Verify,
    /// Print the path of the cloudflared in use
    Path,
}

#[derive(Debug, Subcommand)]
pub enum UpdateCommand {
    /// Ask whether there is a newer version, what is new, and where to get it for this copy
    ///
    /// Downloads the signed list of releases from the page of the project, and nothing else. Exits with 1
    /// if it can't be had or must not be believed.
    #[command(after_help = UPDATE_JSON)]
    Check(JsonArgs),
}

#[derive(Debug, Args)]
pub struct JsonArgs {
    /// Print JSON, for scripts
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct DashboardArgs {
    /// Print the address instead of opening it
    #[arg(long)]
    pub print: bool,
}

#[derive(Debug, Args)]
pub struct ActivityArgs {
    /// Keep printing new entries until Ctrl-C
    #[arg(long, short)]
    pub follow: bool,
    /// Print JSON, one object a line, for scripts
    #[arg(long)]
    pub json: bool,
    /// Clear the history
    #[arg(long, conflicts_with_all = ["follow", "json"])]
    pub clear: bool,
}

#[derive(Debug, Args)]
pub struct ShareArgs {
    /// A folder, several files and folders, the port or address of a local site, or - for standard input
    #[arg(
        required_unless_present = "clipboard",
        value_name = "PATH|PORT|ADDRESS|-"
    )]
    pub paths: Vec<PathBuf>,
    /// Show standard input as a text, on a page that copies it
    #[arg(long)]
    pub text: bool,
    /// Share what is on the clipboard: a text (on a page that copies it), a picture, or files
    #[arg(long, conflicts_with_all = ["paths", "name", "text"])]
    pub clipboard: bool,
    /// The name that visitors see for standard input. By default, stdin with an ending that fits
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Share from this terminal until Ctrl-C, without the tray
    #[arg(long)]
    pub foreground: bool,
    /// Share without asking: even if private files such as keys would become public. Downloads cloudflared
    /// if it is missing
    #[arg(long, short)]
    pub yes: bool,
    /// Also draw the link's QR code on standard error
    #[arg(long, conflicts_with = "desktop")]
    pub qr: bool,
    #[command(flatten)]
    pub access: AccessArgs,
    #[command(flatten)]
    pub downloads: DownloadsArgs,
    #[command(flatten)]
    pub uploads: UploadsArgs,
    #[command(flatten)]
    pub hidden: HiddenArgs,
    #[command(flatten)]
    pub cors: CorsArgs,
    #[command(flatten)]
    pub places: PlacesArgs,
    #[command(flatten)]
    pub lan: LanArgs,
    #[command(flatten)]
    pub receiving: ReceivingArgs,
    /// Record the requests to a local site from the start, for the dashboard
    #[arg(long)]
    pub inspect: bool,
    /// Ask and report on the desktop; for file managers
    #[arg(long, hide = true, conflicts_with = "foreground")]
    pub desktop: bool,
}

#[derive(Debug, Args)]
pub struct ReceiveArgs {
    /// Where files go. By default, the folder in the settings, or Received Files in your Downloads
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Receive in this terminal until Ctrl-C, without the tray
    #[arg(long)]
    pub foreground: bool,
    /// Receive without asking, even where files from strangers could do harm. Downloads cloudflared if it
    /// is missing
    #[arg(long, short)]
    pub yes: bool,
    /// Also draw the link's QR code on standard error
    #[arg(long)]
    pub qr: bool,
    #[command(flatten)]
    pub access: AccessArgs,
    #[command(flatten)]
    pub deliveries: DeliveriesArgs,
    #[command(flatten)]
    pub lan: LanArgs,
    #[command(flatten)]
    pub receiving: ReceivingArgs,
}

#[derive(Debug, Args)]
pub struct SetArgs {
    /// The share: its name, path, port or link
    #[arg(value_name = "NAME|PATH|PORT|LINK")]
    pub share: Option<OsString>,
    #[command(flatten)]
    pub access: AccessArgs,
    #[command(flatten)]
    pub downloads: DownloadsArgs,
    #[command(flatten)]
    pub deliveries: DeliveriesArgs,
    #[command(flatten)]
    pub uploads: UploadsArgs,
    #[command(flatten)]
    pub hidden: HiddenArgs,
    #[command(flatten)]
    pub cors: CorsArgs,
    #[command(flatten)]
    pub places: PlacesArgs,
    #[command(flatten)]
    pub lan: LanArgs,
    #[command(flatten)]
    pub receiving: ReceivingArgs,
}

/// Who may see a share, how long, and how fast.
#[derive(Debug, Args)]
pub struct AccessArgs {
    /// Require a password. Without =PASSWORD, asks you for it, or reads it from standard input if that is
    /// not a terminal; an empty answer generates one
    ///
    /// Other users of this computer can see a password that is given here. Use --password-file in
    /// scripts.
    #[arg(long, value_name = "PASSWORD", num_args = 0..=1, require_equals = true, group = "access")]
    pub password: Option<Option<String>>,
    /// Require the password in this file (- for standard input)
    #[arg(long, value_name = "FILE", group = "access")]
    pub password_file: Option<PathBuf>,
    /// Require no password
    #[arg(long, group = "access")]
    pub no_password: bool,
    /// Stop sharing after this time, such as 90m, 2h, 3d or 1w; "never" removes the limit
    #[arg(long = "for", value_name = "TIME", value_parser = stop_after)]
    pub stop_after: Option<Limit<Duration>>,
    /// Send all visitors together no more than this, such as 2MB/s; "unlimited" removes the limit
    ///
    /// It is divided evenly among the visitors who download.
    #[arg(long = "limit", value_name = "SPEED", value_parser = speed_limit)]
    pub speed_limit: Option<Limit<u64>>,
}

#[derive(Debug, Args)]
pub struct DownloadsArgs {
    /// Stop sharing after this many complete downloads; "unlimited" removes the limit
    #[arg(long, value_name = "COUNT", value_parser = count)]
    pub downloads: Option<Limit<u32>>,
}

#[derive(Debug, Args)]
pub struct DeliveriesArgs {
    /// Stop receiving after this many complete deliveries; "unlimited" removes the limit
    ///
    /// A delivery is everything that a visitor hands in together.
    #[arg(long, value_name = "COUNT", value_parser = count)]
    pub deliveries: Option<Limit<u32>>,
}

#[derive(Debug, Args)]
pub struct UploadsArgs {
    /// Let visitors add files to the folder. They can't change or replace what is there
    #[arg(long, overrides_with = "no_uploads")]
    pub uploads: bool,
    /// Don't let visitors add files
    #[arg(long)]
    pub no_uploads: bool,
}

impl UploadsArgs {
    /// Whether visitors may add files, if that was said.
    pub fn wanted(&self) -> Option<bool> {
        (self.uploads || self.no_uploads).then_some(self.uploads)
    }
}

#[derive(Debug, Args)]
pub struct HiddenArgs {
    /// Show visitors hidden files, too
    #[arg(long, overrides_with = "no_hidden")]
    pub hidden: bool,
    /// Don't show visitors hidden files
    #[arg(long)]
    pub no_hidden: bool,
}

impl HiddenArgs {
    /// Whether visitors see hidden files, if that was said.
    pub fn wanted(&self) -> Option<bool> {
        (self.hidden || self.no_hidden).then_some(self.hidden)
    }
}

#[derive(Debug, Args)]
pub struct CorsArgs {
    /// Let scripts of other websites read it while it needs no password (CORS)
    #[arg(long, overrides_with = "no_cors")]
    pub cors: bool,
    /// Don't let scripts of other websites read it
    #[arg(long)]
    pub no_cors: bool,
}

impl CorsArgs {
    /// Whether such scripts may read it, if that was said.
    pub fn wanted(&self) -> Option<bool> {
        (self.cors || self.no_cors).then_some(self.cors)
    }
}

#[derive(Debug, Args)]
pub struct PlacesArgs {
    /// Show visitors where photos were taken. The files contain it either way
    #[arg(long = "show-places", overrides_with = "no_places")]
    pub places: bool,
    /// Don't show visitors where photos were taken
    #[arg(long = "no-show-places")]
    pub no_places: bool,
}

impl PlacesArgs {
    /// Whether visitors are told, if that was said.
    pub fn wanted(&self) -> Option<bool> {
        (self.places || self.no_places).then_some(self.places)
    }
}

#[derive(Debug, Args)]
pub struct LanArgs {
    /// Also open it to the local network: faster there, and without the internet
    ///
    /// People in the same network reach it at a private address of this computer, such as
    /// http://192.168.1.5:48630, without encryption.
    #[arg(long, overrides_with = "no_lan")]
    pub lan: bool,
    /// Don't open it to the local network
    #[arg(long)]
    pub no_lan: bool,
}

impl LanArgs {
    /// Whether it is open to the local network, if that was said.
    pub fn wanted(&self) -> Option<bool> {
        (self.lan || self.no_lan).then_some(self.lan)
    }
}

/// What visitors may hand in.
#[derive(Debug, Args)]
pub struct ReceivingArgs {
    /// How much visitors may hand in together, such as 20GB or 500MB; "unlimited" removes the limit
    #[arg(long = "max", value_name = "SIZE", value_parser = max_size)]
    pub max_size: Option<Limit<u64>>,
    /// What visitors who hand in files read; empty for nothing
    #[arg(long, value_name = "TEXT", value_parser = message)]
    pub message: Option<String>,
}

fn stop_after(text: &str) -> Result<Limit<Duration>, DurationError> {
    match text {
        "never" => Ok(Limit::None),
        _ => duration::parse(text).map(Limit::After),
    }
}

fn count(text: &str) -> Result<Limit<u32>, &'static str> {
    match (text, text.parse()) {
        ("unlimited", _) => Ok(Limit::None),
        (_, Ok(count)) if count > 0 => Ok(Limit::After(count)),
        _ => Err("write a number, 1 or more, or unlimited"),
    }
}

fn max_size(text: &str) -> Result<Limit<u64>, SizeError> {
    match text {
        "unlimited" => Ok(Limit::None),
        _ => size::parse(text).map(Limit::After),
    }
}

fn speed_limit(text: &str) -> Result<Limit<u64>, SpeedError> {
    match text {
        "unlimited" => Ok(Limit::None),
        _ => speed::parse(text).map(Limit::After),
    }
}

fn message(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > MESSAGE_MAX {
        return Err(format!("it must be at most {MESSAGE_MAX} characters"));
    }
    Ok(text.to_owned())
}

#[derive(Debug, Args)]
pub struct StopArgs {
    /// The share to stop: its name, path, port or link
    #[arg(value_name = "NAME|PATH|PORT|LINK", conflicts_with = "all")]
    pub share: Option<OsString>,
    /// Stop all sharing
    #[arg(long)]
    pub all: bool,
}

#[derive(Debug, Args)]
pub struct QrArgs {
    /// The share: its name, path, port or link
    #[arg(value_name = "NAME|PATH|PORT|LINK")]
    pub share: Option<OsString>,
    /// Save the QR code as an SVG file (- for standard output)
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
    /// Save the QR code as a PNG file (- for standard output)
    #[arg(long, value_name = "FILE")]
    pub png: Option<PathBuf>,
}
