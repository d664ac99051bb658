//! Who is looking at a share and what is on its way, right now.
//!
//! What a small request needs is one look at a number: visitors are remembered only while somebody
//! watches, and long transfers always, so that whoever begins to watch sees them. A visitor who is
//! blocked stays so, whoever watches.
//!
//! ```text
//! front      the share as a whole: watching, ending, blocking
//! transfers  everything that is on its way
//! transfer   a transfer, from its first byte to its last
//! roster     visitors who were seen, and those who are blocked
//! caller     who sends a request
//! agent      a user agent in words
//! view       what the owner sees, as data
//! ```

mod agent;
mod caller;
mod front;
mod roster;
mod transfer;
mod transfers;
mod view;

pub use agent::Agent;
pub use caller::Caller;
pub use front::{Live, LiveGuard, LiveTransfer, LiveVisitor};
pub use transfer::Subject;
pub use view::{Direction, LiveView, TransferId, TransferView, VisitorId, VisitorView};
