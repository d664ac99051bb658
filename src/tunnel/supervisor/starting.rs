//! A cloudflared begins: whether it may, which one it is, and what it is told.

use std::{env, sync::Arc};

use tokio::time::Instant;

use super::{Ours, Running, Supervisor};
use crate::{
    app::Problem,
    tunnel::{
        SidecarError,
        cloudflared::Cloudflared,
        invocation::{self, Invocation, Whose},
        machine::{Input, RunnerId},
        own::{Own, Proof},
        reason,
        refusal::Refusal,
        wire::Wire,
    },
};

impl Supervisor {
    pub(super) async fn start(&mut self, id: RunnerId, wire: Wire) {
        // What is mended before there is a link helps it to one.
        if self.link.is_none() {
            self.take_settings();
        }
        if let Some(refusal) = self.must_wait() {
            self.later(Input::Refused(refusal));
            return;
        }
        match self.start_process(id, wire).await {
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
    fn must_wait(&mut self) -> Option<Refusal> {
        let Ours::Quick(keeper) = &self.whose else {
            return None;
        };
        if std::mem::take(&mut self.insists) || keeper.has_ticket() {
            return None;
        }
        let wait = self.setup.cooldown.left()?;
        Some(Refusal::TooManyBefore { wait })
    }

    async fn start_process(&self, id: RunnerId, wire: Wire) -> Result<Cloudflared, Problem> {
        let (setup, settings) = (Arc::clone(&self.setup), Arc::clone(&self.settings));
        // On a thread that may wait: a pinned one is read whole.
        let found = tokio::task::spawn_blocking(move || setup.find_sidecar_of(&settings)).await;
        let sidecar = match found {
            Ok(found) => found.map_err(|error| self.no_sidecar(&error))?,
            Err(_) => return Err(self.no_sidecar(&SidecarError::Missing)),
        };
        let tunnel = match &self.whose {
            Ours::Quick(keeper) => Whose::Quick {
                keeper: &keeper.url().map_err(|error| reason::no_keeper(&error))?,
            },
            Ours::Own(own, _) => match &own.proof {
                Proof::Token(_) => Whose::Token,
                Proof::Credentials { file, id } => Whose::Credentials { file, id },
            },
        };
        let arguments = Invocation {
            origin: &self.origin,
            wire,
            tunnel,
            empty_config: self.setup.empty_config(),
            extra: &self.settings.args,
        }
        .arguments();
        let mut environment: Vec<_> = invocation::environment(env::vars_os()).collect();
        if let Ours::Own(
            Own {
                proof: Proof::Token(token),
                ..
            },
            _,
        ) = &self.whose
        {
            environment.push(("TUNNEL_TOKEN".into(), token.reveal().into()));
        }
        tracing::info!(program = %sidecar.program.display(), source = ?sidecar.source, protocol = wire.flag(), "starting cloudflared");
        let happenings = self.happening.clone();
        Cloudflared::start(
            id,
            &sidecar.program,
            arguments,
            environment.into_iter(),
            happenings,
        )
        .map_err(|error| reason::not_started(&sidecar.program, &error))
    }

    fn no_sidecar(&self, error: &SidecarError) -> Problem {
        reason::no_sidecar(error, self.setup.is_cured_by_download(error))
    }
}
