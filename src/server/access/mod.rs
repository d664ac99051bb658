//! Who may see a share, and until when.
//!
//! ```text
//! door      decides about each request to a share with a password
//! lock      the password, and who has entered it
//! forms     forms that have not arrived yet
//! cookie, form
//!           how visitors show their session, and send the password
//! sessions  visitors who have entered the password
//! guesses   passwords that wait to be checked
//! throttle  how often one may guess
//! guilt     who has entered wrong passwords
//! standings who waits, and since when
//! visits    who opens the share
//! cors      whether scripts of other websites may read it
//! places    whether visitors are told where photos were taken
//! source    whom a guess comes from
//! digest    recognises secrets
//! password  the hash of a password
//! hashing   how many hashes are computed at a time
//! ```

mod cookie;
mod cors;
mod digest;
mod door;
mod form;
mod forms;
mod guesses;
mod guilt;
mod hashing;
mod lock;
mod password;
mod places;
mod sessions;
mod source;
mod standings;
mod throttle;
mod visits;

use std::sync::Arc;

use super::{
    downloads::Downloads, live::Live, offer::Offers, traffic::Traffic, transport::Pace,
    uploads::Uploads,
};

pub use cookie::{secrets, without_secrets};
pub use cors::Cors;
pub use door::{Closed, Decision, Knock, Submitted};
pub use form::{MAX_FORM_BYTES, basic_password, password};
pub use forms::Forms;
pub use lock::{Lock, LockChanges};
pub use password::{MAX_PASSWORD_BYTES, PasswordHash, UnusablePassword};
pub use places::Places;
pub use sessions::Session;
pub use visits::Visits;

/// What the owner allows visitors of one share. Can be changed while the share is online. Clones
/// belong to the same share. By default, everyone may see everything.
#[derive(Clone, Debug, Default)]
pub struct Access(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    lock: Lock,
    forms: Forms,
    traffic: Traffic,
    downloads: Downloads,
    uploads: Uploads,
    visits: Visits,
    live: Live,
    pace: Pace,
    cors: Cors,
    places: Places,
    offers: Offers,
}

impl Default for Rules {
    fn default() -> Self {
        let traffic = Traffic::default();
        Self {
            lock: Lock::default(),
            forms: Forms::default(),
            downloads: Downloads::of(traffic.clone()),
            uploads: Uploads::of(traffic.clone()),
            visits: Visits::default(),
            live: Live::default(),
            pace: Pace::default(),
            cors: Cors::default(),
            places: Places::default(),
            offers: Offers::default(),
            traffic,
        }
    }
}

impl Access {
    /// The password, and who has entered it.
    pub fn lock(&self) -> &Lock {
        &self.0.lock
    }

    /// Forms with a password that have not arrived yet.
    pub fn forms(&self) -> &Forms {
        &self.0.forms
    }

    /// What is under way, how much of it may be, and the end.
    pub fn traffic(&self) -> &Traffic {
        &self.0.traffic
    }

    /// Complete downloads, and how many there may be.
    pub fn downloads(&self) -> &Downloads {
        &self.0.downloads
    }

    /// What visitors may hand in, and what has come in.
    pub fn uploads(&self) -> &Uploads {
        &self.0.uploads
    }

    /// Who opens it.
    pub fn visits(&self) -> &Visits {
        &self.0.visits
    }

    /// Who is looking at it, and what is on its way.
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    /// Whether scripts of other websites may read it.
    pub fn cors(&self) -> &Cors {
        &self.0.cors
    }

    /// Whether visitors are told where photos were taken.
    pub fn places(&self) -> &Places {
        &self.0.places
    }

    /// What visitors read about who shares it, and until when.
    pub fn offers(&self) -> &Offers {
        &self.0.offers
    }

    /// How fast it may send.
    pub fn pace(&self) -> &Pace {
        &self.0.pace
    }
}
