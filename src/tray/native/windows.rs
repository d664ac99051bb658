//! What is particular to the tray of Windows.

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

/// tray-icon numbers icons and their names, and does not tell the number of our only icon.
const ICON_NUMBERS: std::ops::RangeInclusive<u32> = 1..=8;

/// Edge length of a picture in pixels, and its pixels: large enough for 300 % scaling of 16.
pub fn rgba(icon: app::Icon) -> (u32, &'static [u8]) {
    let rgba: &[u8] = match icon {
        app::Icon::Idle => include_bytes!("../../../icons/rgba/tray-idle-48.rgba"),
        app::Icon::Busy => include_bytes!("../../../icons/rgba/tray-busy-48.rgba"),
        app::Icon::Online => include_bytes!("../../../icons/rgba/tray-online-48.rgba"),
        app::Icon::Problem => include_bytes!("../../../icons/rgba/tray-problem-48.rgba"),
    };
    (48, rgba)
}

/// A program without a window is asked to end by a close message to the windows that nobody
/// sees (`taskkill`). They would be gone, and the program would stay without its icon.
pub fn prepare_loop<T>(builder: &mut EventLoopBuilder<T>, asked_to_end: fn()) {
    builder.with_msg_hook(move |message| {
        // SAFETY: tao gives a pointer to the message that it has just taken from the queue.
        let message = unsafe { &*message.cast::<MSG>() };
        let is_end = message.message == WM_CLOSE;
        if is_end {
            asked_to_end();
        }
        is_end
    });
}

/// Nothing to prepare here.
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
    // SAFETY: 0 is the thread of the foreground, so this one is named; the structure says its
    // own size and outlives the call.
    let known = unsafe { GetGUIThreadInfo(GetCurrentThreadId(), &raw mut thread) };
    known != 0 && thread.flags & GUI_INMENUMODE != 0
}

/// Shows a balloon at the icon: what toasts were before there were toasts.
pub fn tell(icon: &TrayIcon, title: &str, body: &str) {
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
        // SAFETY: the structure says its own size and outlives the call; the window is the
        // icon's, and a number that no icon of it has is an error and no more.
        if unsafe { Shell_NotifyIconW(NIM_MODIFY, &raw const balloon) } != 0 {
            return;
        }
    }
    tracing::warn!(title, "no balloon was shown either");
}

/// Copies what there is room for, with a zero at its end.
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
