//! A cloudflared begins: whether it may, which one it is, and what it is told.

use std::{env, sync::Arc};

use tokio::time::Instant;

use super::{Running, Supervisor, TunnelSource};
use crate::{
    app::Problem,
    tunnel::{
        api_error::ApiError,
        cloudflared::Cloudflared,
        invocation::{self, Invocation, Whose},
        machine::{Input, RunnerId},
        named_tunnel::{Credentials, NamedTunnel},
        problem,
        sidecar::SidecarError,
        transport::Transport,
    },
};

impl Supervisor {
    pub(super) async fn start(&mut self, id: RunnerId, transport: Transport) {
        // What is mended before there is a link helps it to one.
        if self.link.is_none() {
            self.take_settings();
        }
        if let Some(error) = self.must_wait() {
            self.later(Input::Refused(error));
            return;
        }
        match self.start_process(id, transport).await {
            Ok(process) => {
                let running = Running {
                    process,
                    metrics: None,
                    visits: Some(0),
                    probed_at: Instant::now(),
                };
                self.running.insert(id, running);
            }
            Err(problem) => self.later(Input::CantStart(id, problem)),
        }
    }

    /// The service said 429 not long ago and would have to be asked.
    fn must_wait(&mut self) -> Option<ApiError> {
        let TunnelSource::Quick(proxy) = &self.source else {
            return None;
        };
        if std::mem::take(&mut self.insists) || proxy.has_tunnel() {
            return None;
        }
        let wait = self.setup.cooldown.left()?;
        Some(ApiError::TooManyBefore { wait })
    }

    async fn start_process(
        &self,
        id: RunnerId,
        transport: Transport,
    ) -> Result<Cloudflared, Problem> {
        let (setup, settings) = (Arc::clone(&self.setup), Arc::clone(&self.settings));
        // On a thread that may wait: a pinned one is read whole.
        let found = tokio::task::spawn_blocking(move || setup.find_sidecar_of(&settings)).await;
        let sidecar = match found {
            Ok(found) => found.map_err(|error| self.no_sidecar(&error))?,
            Err(_) => return Err(self.no_sidecar(&SidecarError::Missing)),
        };
        let tunnel = match &self.source {
            TunnelSource::Quick(proxy) => Whose::Quick {
                proxy: &proxy.url().map_err(|error| problem::no_port(&error))?,
            },
            TunnelSource::NamedTunnel(own, _) => match &own.proof {
                Credentials::Token(_) => Whose::Token,
                Credentials::Credentials { file, id } => Whose::Credentials { file, id },
            },
        };
        let arguments = Invocation {
            origin: &self.origin,
            transport,
            tunnel,
            empty_config: self.setup.empty_config(),
            extra: &self.settings.args,
        }
        .arguments();
        let mut environment: Vec<_> = invocation::environment(env::vars_os()).collect();
        if let TunnelSource::NamedTunnel(
            NamedTunnel {
                proof: Credentials::Token(token),
                ..
            },
            _,
        ) = &self.source
        {
            environment.push(("TUNNEL_TOKEN".into(), token.reveal().into()));
        }
        tracing::info!(program = %sidecar.program.display(), source = ?sidecar.source, protocol = transport.flag(), "starting cloudflared");
        let events = self.event.clone();
        Cloudflared::start(
            id,
            &sidecar.program,
            arguments,
            environment.into_iter(),
            events,
        )
        .map_err(|error| problem::not_started(&sidecar.program, &error))
    }

    fn no_sidecar(&self, error: &SidecarError) -> Problem {
        problem::no_sidecar(error, self.setup.is_cured_by_download(error))
    }
}
