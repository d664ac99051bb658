//! The tray of Windows.

use tao::{
    event_loop::{EventLoop, EventLoopBuilder},
    platform::windows::EventLoopBuilderExtWindows,
};
use tray_icon::{Icon, TrayIcon, TrayIconBuilder};
use windows_sys::Win32::{
    System::Threading::GetCurrentThreadId,
    UI::{
        Shell::{
            NIF_INFO, NIIF_RESPECT_QUIET_TIME, NIM_MODIFY, NOTIFYICONDATAW, Shell_NotifyIconW,
        },
        WindowsAndMessaging::{GUI_INMENUMODE, GUITHREADINFO, GetGUIThreadInfo, MSG, WM_CLOSE},
    },
};

use crate::app;

/// tray-icon numbers its icons and doesn't expose the number of the only one.
const ICON_NUMBERS: std::ops::RangeInclusive<u32> = 1..=8;

/// The edge length of a picture in pixels (16 at 300 % scaling), and its pixels.
pub fn rgba(icon: app::Icon) -> (u32, &'static [u8]) {
    let rgba: &[u8] = match icon {
        app::Icon::Idle => include_bytes!("../../../icons/rgba/tray-idle-48.rgba"),
        app::Icon::Busy => include_bytes!("../../../icons/rgba/tray-busy-48.rgba"),
        app::Icon::Online => include_bytes!("../../../icons/rgba/tray-online-48.rgba"),
        app::Icon::Problem => include_bytes!("../../../icons/rgba/tray-problem-48.rgba"),
    };
    (48, rgba)
}

/// `taskkill` asks a program to end with a close message to its hidden windows. Without this
/// hook, the windows would close and the program would keep running without its icon.
pub fn prepare_loop<T>(builder: &mut EventLoopBuilder<T>, quit_requested: fn()) {
    builder.with_msg_hook(move |message| {
        // SAFETY: tao passes a pointer to the message that it has just taken from the queue.
        let message = unsafe { &*message.cast::<MSG>() };
        let is_end = message.message == WM_CLOSE;
        if is_end {
            quit_requested();
        }
        is_end
    });
}

/// Nothing to prepare.
pub fn prepare<T>(_event_loop: &mut EventLoop<T>) {}

pub fn with_picture(builder: TrayIconBuilder, picture: Icon) -> TrayIconBuilder {
    builder.with_icon(picture)
}

pub fn set_picture(icon: &TrayIcon, picture: Icon) -> tray_icon::Result<()> {
    icon.set_icon(Some(picture))
}

/// Whether a menu of this thread is open.
pub fn is_menu_open() -> bool {
    let mut thread = GUITHREADINFO {
        cbSize: size_of::<GUITHREADINFO>() as u32,
        ..Default::default()
    };
    // SAFETY: the structure states its own size and outlives the call. The thread is passed by ID
    // because 0 would mean the foreground thread.
    let known = unsafe { GetGUIThreadInfo(GetCurrentThreadId(), &raw mut thread) };
    known != 0 && thread.flags & GUI_INMENUMODE != 0
}

/// Shows a balloon at the icon, for systems without toasts.
pub fn show_balloon(icon: &TrayIcon, title: &str, body: &str) {
    let mut balloon = NOTIFYICONDATAW {
        cbSize: size_of::<NOTIFYICONDATAW>() as u32,
        hWnd: icon.window_handle(),
        uFlags: NIF_INFO,
        dwInfoFlags: NIIF_RESPECT_QUIET_TIME,
        ..Default::default()
    };
    put(title, &mut balloon.szInfoTitle);
    put(body, &mut balloon.szInfo);
    for number in ICON_NUMBERS {
        balloon.uID = number;
        // SAFETY: the structure states its own size and outlives the call. The window belongs to the
        // icon; a number without an icon only returns an error.
        if unsafe { Shell_NotifyIconW(NIM_MODIFY, &raw const balloon) } != 0 {
            return;
        }
    }
    tracing::warn!(title, "can't show a balloon either");
}

/// Copies as much of the text as fits, and ends it with a zero.
fn put(text: &str, room: &mut [u16]) {
    let last = room.len().saturating_sub(1);
    let mut used = 0;
    for c in text.chars() {
        let end = used + c.len_utf16();
        if end > last {
            break;
        }
        c.encode_utf16(&mut room[used..end]);
        used = end;
    }
}
