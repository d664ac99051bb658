//! Injects faults: opens and closes ports, ends and freezes links.

use std::{io, sync::Arc, time::Duration};

use quinn::Endpoint;

use crate::{
    events::EventKind,
    faults::{Api, Fault, Port},
    listener::Listener,
    state::State,
    udp_socket::FaultySocket,
};

#[derive(Debug, thiserror::Error)]
pub enum FaultError {
    #[error("can't reopen the port: {0}")]
    Reopen(#[from] io::Error),
    #[error("there is no tunnel {0:?} to forget")]
    NoTunnel(String),
    #[error("the edge has stopped")]
    Stopped,
}

/// One of the edge's UDP ports.
pub(crate) struct QuicPort {
    pub(crate) socket: Arc<FaultySocket>,
    pub(crate) endpoint: Endpoint,
}

pub(crate) struct FaultInjector {
    pub(crate) state: Arc<State>,
    pub(crate) api: Listener,
    pub(crate) tcp: [Listener; 2],
    pub(crate) udp: [QuicPort; 2],
    pub(crate) accepting: quinn::ServerConfig,
    pub(crate) rejecting: quinn::ServerConfig,
}

impl FaultInjector {
    /// Injects a fault. It is in effect when this returns.
    ///
    /// # Errors
    /// When a port can't be reopened, or there is no such tunnel.
    pub(crate) async fn inject(&mut self, fault: Fault) -> Result<(), FaultError> {
        self.state.events.push(EventKind::FaultSet {
            fault: serde_json::to_value(&fault).unwrap_or_default(),
        });
        let state = self.state.clone();
        let switch = &state.switches;
        match fault {
            Fault::Api(api) => {
                switch.send_modify(|s| s.api = api);
                self.api.set_open(api != Api::Refused).await?;
            }
            Fault::Tcp(port) => {
                switch.send_modify(|s| s.tcp = port);
                for listener in &mut self.tcp {
                    listener.set_open(port != Port::Closed).await?;
                }
            }
            Fault::Udp(port) => self.set_udp(port)?,
            Fault::Registration(registration) => {
                switch.send_modify(|s| s.registration = registration);
            }
            Fault::PublishAfterMs(ms) => {
                switch.send_modify(|s| s.publish_after = Duration::from_millis(ms));
            }
            Fault::MaxBodyBytes(bytes) => switch.send_modify(|s| s.max_body_bytes = bytes),
            Fault::KeepLinksOpen(keep) => switch.send_modify(|s| s.keep_links_open = keep),
            Fault::Cut(which) => {
                for link in state.links(which) {
                    link.end.cancel();
                }
            }
            Fault::Swallow(which) => {
                for link in state.links(which) {
                    link.freeze();
                    let protocol = link.protocol();
                    let link = link.id;
                    state.events.push(EventKind::LinkFrozen { link, protocol });
                }
            }
            Fault::Forget(hostname) => {
                let links = state.tunnels.forget(&hostname);
                for link in links.ok_or(FaultError::NoTunnel(hostname))? {
                    link.end.cancel();
                }
            }
        }
        Ok(())
    }

    fn set_udp(&mut self, port: Port) -> io::Result<()> {
        let config = if port == Port::Rejected {
            &self.rejecting
        } else {
            &self.accepting
        };
        for quic in &self.udp {
            quic.endpoint.set_server_config(Some(config.clone()));
            quic.socket
                .set(port != Port::Closed, port == Port::BlackHole)?;
        }
        Ok(())
    }
}
