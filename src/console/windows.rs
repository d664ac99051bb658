//! Windows: attaches to the console of the shell that started the program, and keeps the
//! redirections of that shell.

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

/// Attaches to the console of the parent process, if it has one. Streams that are redirected to a
/// file or pipe stay redirected.
pub fn attach() {
    let redirected = STREAMS.map(open_stream);
    // SAFETY: takes no pointers.
    if unsafe { AttachConsole(ATTACH_PARENT_PROCESS) } == 0 {
        return;
    }
    for (stream, before) in STREAMS.into_iter().zip(redirected) {
        // Attaching may have replaced the handles with those of the console.
        if let Some(handle) = before
            .or_else(|| open_stream(stream))
            .or_else(|| console(stream))
        {
            // SAFETY: the handle is open and stays so for as long as the program runs.
            unsafe { SetStdHandle(stream, handle) };
        }
    }
}

/// Detaches from the console, so that closing it or Ctrl-C doesn't end the program.
pub fn detach() {
    // SAFETY: takes no pointers. Without a console it fails, and changes nothing.
    unsafe { FreeConsole() };
}

/// Shows `text` in a dialog if nobody sees standard error, because the program was started with a
/// click.
pub fn show_dialog_unless_attached(text: &str) {
    if open_stream(STD_ERROR_HANDLE).is_some() {
        return;
    }
    let text: Vec<u16> = text.encode_utf16().chain([0]).collect();
    // SAFETY: both texts end with a zero and outlive the call. The dialog has no owner window.
    unsafe {
        MessageBoxW(
            ptr::null_mut(),
            text.as_ptr(),
            w!("Spot Serve"),
            MB_OK | MB_ICONINFORMATION | MB_SETFOREGROUND,
        )
    };
}

/// The handle of a standard stream, if it is open.
fn open_stream(stream: STD_HANDLE) -> Option<HANDLE> {
    // SAFETY: takes no pointers.
    let handle = unsafe { GetStdHandle(stream) };
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return None;
    }
    // Only the error tells a file of unknown type from an invalid handle.
    // SAFETY: takes no pointers. An invalid handle only results in an error.
    let kind = unsafe {
        SetLastError(NO_ERROR);
        GetFileType(handle)
    };
    // SAFETY: takes no pointers.
    (kind != FILE_TYPE_UNKNOWN || unsafe { GetLastError() } == NO_ERROR).then_some(handle)
}

/// The console itself, for a stream that is not open.
fn console(stream: STD_HANDLE) -> Option<HANDLE> {
    let name = match stream {
        STD_INPUT_HANDLE => w!("CONIN$"),
        _ => w!("CONOUT$"),
    };
    // SAFETY: the name ends with a zero. Attributes and template may be null.
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
