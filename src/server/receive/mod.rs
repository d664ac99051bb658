//! Files that visitors hand in, from their first byte to their place in the folder.
//!
//! Bytes go to a part in a hidden folder of the share. What a visitor was told to be here survives the end
//! of the program at any moment: the bytes are in the system's memory, and a record says what they are
//! part of. A complete file is written to the disk and then renamed, so it is whole in its place or not
//! there at all.
//!
//! ```text
//! inbox      the uploads of one share
//! clock      what happens when nothing happens
//! close      the end of a share
//! recover    what was there before
//! writer     writes the body of one request
//! create     begins uploads
//! finish     the end of a request
//! make_folder, made_folders
//!            folders that are made before anything is in them, and how many
//! shared     what all uploads of a share have in common
//! table      what is known about uploads, in memory
//! entry      an upload that is not in its place yet
//! opening    the right to write, and an open part
//! lease      the right to write to an upload
//! landing    what becomes of complete files
//! placer     writes complete files to the disk, together
//! place      puts complete files in their places
//! parts      the hidden folder
//! inventory  what is in it
//! record     what is kept on the disk about an upload
//! notes      what is kept there about deliveries that the owner knows of, and lost files
//! crowd      whether another upload may be open
//! deliveries, folders, remembered, reserved
//!            what was handed in together, folders of visitors, complete files, and names
//! space      whether the disk has room
//! names      makes names harmless
//! exclusive, private, sync, mark
//!            moving without replacing, private files, writing to the disk, files of strangers
//! checksum   whether bytes arrived as they were sent
//! upload     what is known about uploads and deliveries
//! id         names of uploads and deliveries
//! error      why something is not taken
//! ```

mod checksum;
mod clock;
mod close;
mod create;
mod crowd;
mod deliveries;
mod entry;
mod error;
mod exclusive;
#[cfg_attr(
    any(target_os = "linux", target_vendor = "apple"),
    path = "exclusive_unix.rs"
)]
#[cfg_attr(
    not(any(target_os = "linux", target_vendor = "apple")),
    path = "exclusive_elsewhere.rs"
)]
mod exclusive_system;
mod finish;
mod folders;
mod id;
mod inbox;
mod inventory;
mod landing;
mod lease;
mod made_folders;
mod make_folder;
#[cfg_attr(target_os = "linux", path = "mark_linux.rs")]
#[cfg_attr(target_os = "macos", path = "mark_macos.rs")]
#[cfg_attr(windows, path = "mark_windows.rs")]
#[cfg_attr(
    not(any(target_os = "linux", target_os = "macos", windows)),
    path = "mark_elsewhere.rs"
)]
mod mark_system;
mod names;
mod notes;
mod opening;
mod parts;
mod place;
mod placer;
mod private;
mod record;
mod recover;
mod remembered;
mod reserved;
mod shared;
mod space;
#[cfg_attr(unix, path = "space_unix.rs")]
#[cfg_attr(windows, path = "space_windows.rs")]
mod space_system;
mod sync;
#[cfg_attr(target_os = "linux", path = "sync_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "sync_elsewhere.rs")]
mod sync_system;
mod table;
#[cfg(test)]
mod tests;
mod upload;
mod writer;

pub use checksum::Checksum;
pub use close::OpenUploads;
pub use error::ReceiveError;
pub use id::{DeliveryId, UploadId};
pub use inbox::Inbox;
pub use made_folders::FolderMade;
pub use names::{harmless_path, is_harmless, is_shown_as_page, leading_down};
pub use reserved::Reserved;
pub use upload::{DeliveryStatus, NewUpload, ReceivedFile, UploadStatus, Written};
pub use writer::{Begun, PartWriter};
