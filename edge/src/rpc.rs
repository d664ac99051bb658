//! Registers cloudflared connections, over either protocol: the `RegistrationServer` of
//! schema/tunnel.capnp.

use std::{rc::Rc, sync::Arc, time::Duration};

use capnp_rpc::{RpcSystem, rpc_twoparty_capnp::Side, twoparty};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};
use uuid::Uuid;

use crate::{
    events::EventKind, faults::Registration, link::Link, state::State,
    tunnel_capnp::registration_server as server,
};

/// The real edge's message for a new tunnel that has not propagated yet.
const REFUSED: &str = "Unauthorized: Record for tunnel not found";

/// The edge's end of one link's control stream.
#[derive(Clone)]
pub(crate) struct Registrar {
    state: Arc<State>,
    link: Arc<Link>,
}

/// Answers RPC until cloudflared closes the stream. Then closes the link, unless it is to stay open.
pub(crate) async fn serve<R, W>(reader: R, writer: W, registrar: Registrar)
where
    R: AsyncRead + Unpin + 'static,
    W: AsyncWrite + Unpin + 'static,
{
    let network = twoparty::VatNetwork::new(
        reader.compat(),
        writer.compat_write(),
        Side::Server,
        capnp::message::ReaderOptions::default(),
    );
    let client: server::Client = capnp_rpc::new_client(registrar.clone());
    // The error doesn't matter: the acceptor reports links that are lost.
    let _ = RpcSystem::new(Box::new(network), Some(client.client)).await;
    registrar.close_when_drained().await;
}

impl Registrar {
    pub(crate) fn new(state: Arc<State>, link: Arc<Link>) -> Self {
        Self { state, link }
    }

    async fn close_when_drained(&self) {
        let keeps_open = self.state.switches.borrow().keep_links_open;
        // After a refusal, or a response that came too late, cloudflared keeps an HTTP/2 link open
        // and retries only once the edge closes it.
        let is_refused = self.state.tunnels.hostname_of_link(self.link.id).is_none();
        if !keeps_open || is_refused {
            self.link.drained().await;
            self.link.end.cancel();
        }
    }

    /// Decides on a registration: the tunnel's hostname, or the cause of the refusal.
    async fn decide(&self, params: &Params) -> Result<String, String> {
        let mut registration = Registration::Accept;
        self.state
            .switches
            .send_modify(|switches| registration = switches.next_registration());
        match registration {
            Registration::Accept | Registration::RefuseTimes(_) => {}
            Registration::Refuse => return Err(REFUSED.to_owned()),
            Registration::Hang => std::future::pending().await,
            Registration::DelayMs(ms) => tokio::time::sleep(Duration::from_millis(ms)).await,
        }
        let tunnels = &self.state.tunnels;
        tunnels
            .authorize(&params.tunnel_id, &params.account_tag, &params.secret)
            .map_err(str::to_owned)
    }
}

/// The parts of a registration that the edge uses.
struct Params {
    account_tag: String,
    secret: Vec<u8>,
    tunnel_id: Vec<u8>,
    conn: u8,
    version: String,
}

impl Params {
    fn read(params: &server::RegisterConnectionParams) -> Result<Self, capnp::Error> {
        let params = params.get()?;
        let auth = params.get_auth()?;
        Ok(Self {
            account_tag: auth.get_account_tag()?.to_string()?,
            secret: auth.get_tunnel_secret()?.to_vec(),
            tunnel_id: params.get_tunnel_id()?.to_vec(),
            conn: params.get_conn_index(),
            version: params
                .get_options()?
                .get_client()?
                .get_version()?
                .to_string()?,
        })
    }
}

impl server::Server for Registrar {
    async fn register_connection(
        self: Rc<Self>,
        params: server::RegisterConnectionParams,
        mut results: server::RegisterConnectionResults,
    ) -> Result<(), capnp::Error> {
        let params = Params::read(&params)?;
        let (link, protocol) = (self.link.id, self.link.protocol());
        let hostname = self.state.tunnels.hostname_of(&params.tunnel_id);
        self.state.events.push(EventKind::RegistrationAttempt {
            link,
            protocol,
            hostname: hostname.clone(),
            conn: params.conn,
            version: params.version.clone(),
        });
        let decision = self.decide(&params).await;
        let response = results.get().init_result().init_result();
        match decision {
            Ok(hostname) => {
                let mut details = response.init_connection_details();
                details.set_uuid(Uuid::new_v4().as_bytes());
                details.set_location_name("loc01");
                // Locally managed: cloudflared's command line names the origin.
                details.set_tunnel_is_remotely_managed(false);
                self.state.tunnels.add_link(&hostname, self.link.clone());
                self.state.events.push(EventKind::Registered {
                    link,
                    protocol,
                    hostname,
                    conn: params.conn,
                });
            }
            Err(cause) => {
                let mut error = response.init_error();
                error.set_cause(&cause);
                // cloudflared retries anyway.
                error.set_should_retry(false);
                self.state.events.push(EventKind::RegistrationRefused {
                    link,
                    protocol,
                    hostname,
                    cause,
                });
            }
        }
        Ok(())
    }

    async fn unregister_connection(
        self: Rc<Self>,
        _: server::UnregisterConnectionParams,
        _: server::UnregisterConnectionResults,
    ) -> Result<(), capnp::Error> {
        self.link.set_unregistered();
        if let Some(hostname) = self.state.tunnels.hostname_of_link(self.link.id) {
            self.state.events.push(EventKind::Unregistered {
                link: self.link.id,
                protocol: self.link.protocol(),
                hostname,
            });
        }
        Ok(())
    }

    async fn update_local_configuration(
        self: Rc<Self>,
        _: server::UpdateLocalConfigurationParams,
        _: server::UpdateLocalConfigurationResults,
    ) -> Result<(), capnp::Error> {
        Ok(())
    }
}
