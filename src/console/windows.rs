//! Windows: joins the console of the shell that started the program, and keeps what that shell
//! has redirected.

use std::ptr;

use windows_sys::{
    Win32::{
        Foundation::{
            GENERIC_READ, GENERIC_WRITE, GetLastError, HANDLE, INVALID_HANDLE_VALUE, NO_ERROR,
            SetLastError,
        },
        Storage::FileSystem::{
            CreateFileW, FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_TYPE_UNKNOWN, GetFileType,
            OPEN_EXISTING,
        },
        System::Console::{
            ATTACH_PARENT_PROCESS, AttachConsole, FreeConsole, GetStdHandle, STD_ERROR_HANDLE,
            STD_HANDLE, STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, SetStdHandle,
        },
        UI::WindowsAndMessaging::{MB_ICONINFORMATION, MB_OK, MB_SETFOREGROUND, MessageBoxW},
    },
    core::w,
};

const STREAMS: [STD_HANDLE; 3] = [STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE];

/// Joins the console of the program's parent. A stream that leads to a file or a pipe stays as
/// it is. Without such a console nothing happens.
pub fn attach() {
    let redirected = STREAMS.map(open_stream);
    // SAFETY: takes no pointers.
    if unsafe { AttachConsole(ATTACH_PARENT_PROCESS) } == 0 {
        return;
    }
    for (stream, before) in STREAMS.into_iter().zip(redirected) {
        // Joining may put the console's own handles in the place of those that were there.
        if let Some(handle) = before
            .or_else(|| open_stream(stream))
            .or_else(|| console(stream))
        {
            // SAFETY: the handle is open and stays so for as long as the program runs.
            unsafe { SetStdHandle(stream, handle) };
        }
    }
}

/// Leaves the console: it may be closed, or get Ctrl-C, and the program goes on.
pub fn detach() {
    // SAFETY: takes no pointers. Without a console it fails, and changes nothing.
    unsafe { FreeConsole() };
}

/// Shows `words` in a box if what is written to standard error is seen by nobody: the program
/// was started by a click.
pub fn show_dialog_unless_attached(words: &str) {
    if open_stream(STD_ERROR_HANDLE).is_some() {
        return;
    }
    let words: Vec<u16> = words.encode_utf16().chain([0]).collect();
    // SAFETY: both texts end with a zero and outlive the call; no window owns the box.
    unsafe {
        MessageBoxW(
            ptr::null_mut(),
            words.as_ptr(),
            w!("Spot Serve"),
            MB_OK | MB_ICONINFORMATION | MB_SETFOREGROUND,
        )
    };
}

/// The handle of a standard stream, if it leads anywhere.
fn open_stream(stream: STD_HANDLE) -> Option<HANDLE> {
    // SAFETY: takes no pointers.
    let handle = unsafe { GetStdHandle(stream) };
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return None;
    }
    // A file of an unknown type is told from a handle of nothing by the error alone.
    // SAFETY: takes no pointers; a handle that is not open is an error and no more.
    let kind = unsafe {
        SetLastError(NO_ERROR);
        GetFileType(handle)
    };
    // SAFETY: takes no pointers.
    (kind != FILE_TYPE_UNKNOWN || unsafe { GetLastError() } == NO_ERROR).then_some(handle)
}

/// The console itself, for a stream that leads nowhere.
fn console(stream: STD_HANDLE) -> Option<HANDLE> {
    let name = match stream {
        STD_INPUT_HANDLE => w!("CONIN$"),
        _ => w!("CONOUT$"),
    };
    // SAFETY: the name ends with a zero; no attributes and no template are allowed.
    let handle = unsafe {
        CreateFileW(
            name,
            GENERIC_READ | GENERIC_WRITE,
            FILE_SHARE_READ | FILE_SHARE_WRITE,
            ptr::null(),
            OPEN_EXISTING,
            0,
            ptr::null_mut(),
        )
    };
    (handle != INVALID_HANDLE_VALUE).then_some(handle)
}
