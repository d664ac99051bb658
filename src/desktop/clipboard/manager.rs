//! X11: what was copied goes with the program that has copied it, unless a clipboard manager fetches it
//! first. Those of Xfce, MATE and Cinnamon fetch all formats with one request (`MULTIPLE`), which arboard
//! doesn't answer. So this owns the clipboard while they do.

use std::{
    error::Error,
    thread,
    time::{Duration, Instant},
};

use x11rb::{
    COPY_DEPTH_FROM_PARENT, COPY_FROM_PARENT, CURRENT_TIME, NONE,
    connection::Connection,
    protocol::{
        Event,
        xproto::{
            Atom, AtomEnum, ConnectionExt as _, CreateWindowAux, EventMask, PropMode,
            SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, WindowClass,
        },
    },
    rust_connection::RustConnection,
    wrapper::ConnectionExt as _,
};

/// How long a clipboard manager may take.
const LIMIT: Duration = Duration::from_secs(1);

/// How long one may take that doesn't own the clipboard itself afterwards: it fetches in its own time.
const GRACE: Duration = Duration::from_millis(300);

/// How often its requests are looked for.
const PAUSE: Duration = Duration::from_millis(2);

/// More is not handed over.
const MOST_BYTES: usize = 64 * 1024;

/// How many formats a manager may ask for at once, in units of four bytes.
const MOST_PAIRS: u32 = 1024;

struct Atoms {
    clipboard: Atom,
    manager: Atom,
    save_targets: Atom,
    saved: Atom,
    targets: Atom,
    multiple: Atom,
    atom_pair: Atom,
    /// The formats of a text.
    texts: [Atom; 2],
}

impl Atoms {
    fn new(display: &RustConnection) -> Result<Self, Box<dyn Error>> {
        let atom = |name: &str| -> Result<Atom, Box<dyn Error>> {
            Ok(display.intern_atom(false, name.as_bytes())?.reply()?.atom)
        };
        Ok(Self {
            clipboard: atom("CLIPBOARD")?,
            manager: atom("CLIPBOARD_MANAGER")?,
            save_targets: atom("SAVE_TARGETS")?,
            saved: atom("SPOT_SERVE_SAVED")?,
            targets: atom("TARGETS")?,
            multiple: atom("MULTIPLE")?,
            atom_pair: atom("ATOM_PAIR")?,
            texts: [atom("UTF8_STRING")?, atom("text/plain;charset=utf-8")?],
        })
    }
}

/// Gives a text that is on the clipboard to the clipboard manager. False if there is none, or it doesn't
/// own the clipboard afterwards.
pub fn give(text: &str) -> Result<bool, Box<dyn Error>> {
    let (display, screen) = x11rb::connect(None)?;
    let atoms = Atoms::new(&display)?;
    let manager = display.get_selection_owner(atoms.manager)?.reply()?.owner;
    if manager == NONE || text.len() > MOST_BYTES {
        return Ok(false);
    }
    let root = display.setup().roots[screen].root;
    let window = display.generate_id()?;
    display.create_window(
        COPY_DEPTH_FROM_PARENT,
        window,
        root,
        0,
        0,
        1,
        1,
        0,
        WindowClass::INPUT_ONLY,
        COPY_FROM_PARENT,
        &CreateWindowAux::new(),
    )?;
    display.set_selection_owner(window, atoms.clipboard, CURRENT_TIME)?;
    display.convert_selection(
        window,
        atoms.manager,
        atoms.save_targets,
        atoms.saved,
        CURRENT_TIME,
    )?;
    display.flush()?;
    let mut give_up = Instant::now() + LIMIT;
    while Instant::now() < give_up {
        match display.poll_for_event()? {
            Some(Event::SelectionRequest(request)) => answer(&display, &atoms, &request, text)?,
            Some(Event::SelectionNotify(notice)) if notice.selection == atoms.manager => {
                let owner = display.get_selection_owner(atoms.clipboard)?.reply()?.owner;
                if owner != window {
                    return Ok(true);
                }
                give_up = Instant::now() + GRACE;
            }
            Some(_) => {}
            None => thread::sleep(PAUSE),
        }
    }
    Ok(false)
}

fn answer(
    display: &RustConnection,
    atoms: &Atoms,
    request: &SelectionRequestEvent,
    text: &str,
) -> Result<(), Box<dyn Error>> {
    let is_answered = if request.target == atoms.multiple {
        answer_all(display, atoms, request, text)?;
        true
    } else {
        put(
            display,
            atoms,
            request,
            request.target,
            request.property,
            text,
        )?
    };
    let notice = SelectionNotifyEvent {
        response_type: SELECTION_NOTIFY_EVENT,
        sequence: 0,
        time: request.time,
        requestor: request.requestor,
        selection: request.selection,
        target: request.target,
        property: if is_answered { request.property } else { NONE },
    };
    display.send_event(false, request.requestor, EventMask::NO_EVENT, notice)?;
    display.flush()?;
    Ok(())
}

/// Answers a request for several formats, each with a property of its own.
fn answer_all(
    display: &RustConnection,
    atoms: &Atoms,
    request: &SelectionRequestEvent,
    text: &str,
) -> Result<(), Box<dyn Error>> {
    let asked = display
        .get_property(
            false,
            request.requestor,
            request.property,
            AtomEnum::ANY,
            0,
            MOST_PAIRS,
        )?
        .reply()?;
    let mut pairs: Vec<Atom> = asked.value32().into_iter().flatten().collect();
    for pair in pairs.chunks_exact_mut(2) {
        if !put(display, atoms, request, pair[0], pair[1], text)? {
            pair[1] = NONE;
        }
    }
    display.change_property32(
        PropMode::REPLACE,
        request.requestor,
        request.property,
        atoms.atom_pair,
        &pairs,
    )?;
    Ok(())
}

/// Puts the text in this format there; false if there is no such format.
fn put(
    display: &RustConnection,
    atoms: &Atoms,
    request: &SelectionRequestEvent,
    format: Atom,
    property: Atom,
    text: &str,
) -> Result<bool, Box<dyn Error>> {
    let to = request.requestor;
    if format == atoms.targets {
        let mut formats = vec![atoms.targets, atoms.multiple, atoms.save_targets];
        formats.extend(atoms.texts);
        display.change_property32(PropMode::REPLACE, to, property, AtomEnum::ATOM, &formats)?;
    } else if atoms.texts.contains(&format) {
        display.change_property8(PropMode::REPLACE, to, property, format, text.as_bytes())?;
    } else {
        return Ok(false);
    }
    Ok(true)
}
