//! How the parts of the running program tell the main loop what happened.

use tokio::sync::mpsc;

use super::server_report::ServerReport;
use crate::{
    app::{Event, ShareId},
    config::{Config, ConfigError},
    control::{ControlRequest, server::Replies},
    lan::Addresses,
};

/// The sending end of the main loop's inbox.
#[derive(Debug, Clone)]
pub struct Events(mpsc::UnboundedSender<Message>);

/// What arrives in the inbox.
#[derive(Debug)]
pub enum Message {
    Event(Event),
    Server(ShareId, ServerReport),
    /// This computer has these addresses in the local network now.
    Addresses(Addresses),
    /// Something that couldn't be opened there may be possible now.
    RetryNetwork,
    /// Another host in the local network has the host name that was wanted for a share.
    NetworkName {
        wanted: String,
        given: String,
    },
    /// The settings have changed on disk.
    Settings(Result<Config, ConfigError>),
    /// A command has sent a request.
    Request(ControlRequest, Replies),
}

impl Events {
    pub fn channel() -> (Self, mpsc::UnboundedReceiver<Message>) {
        let (sender, inbox) = mpsc::unbounded_channel();
        (Self(sender), inbox)
    }

    pub fn send(&self, event: Event) {
        self.send_message(Message::Event(event));
    }

    pub fn send_message(&self, message: Message) {
        // Fails if the program is ending and nothing matters any more.
        let _ = self.0.send(message);
    }
}
