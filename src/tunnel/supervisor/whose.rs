//! Whose a tunnel is: the service gives out a quick one, or the person has one of their own.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::{
    app::Problem,
    config,
    tunnel::{
        Setup, invocation,
        keeper::{Keeper, Told},
        own::{Claim, Own, OwnError},
        probe::Probe,
        reason,
    },
};

/// Whose tunnel it is, with what that takes.
pub(super) enum Ours {
    Quick(Keeper),
    Own(
        Own,
        #[expect(dead_code, reason = "it is given back at the end")] Claim,
    ),
}

impl Ours {
    /// Makes ready what a share's tunnel takes before its first cloudflared.
    pub(super) async fn prepare(
        setup: &Setup,
        settings: &config::TunnelConfig,
        share: Option<&str>,
        told: mpsc::UnboundedSender<Told>,
    ) -> Result<Self, Problem> {
        if let Some(share) = share {
            setup.kept.begin(share);
        }
        if let Some(flag) = invocation::reserved(&settings.args) {
            return Err(reason::reserved_flag(flag));
        }
        if let Some(own) = Own::of(settings).map_err(|error| error.problem())? {
            let claim = Claim::take(&setup.own_in_use)
                .ok_or_else(|| OwnError::InUse(own.hostname.clone()).problem())?;
            return Ok(Self::Own(own, claim));
        }
        let keeper = Keeper::start(
            &settings.service,
            setup.client.clone(),
            Arc::clone(&setup.cooldown),
            share.and_then(|share| setup.kept.ticket(share)),
            told,
        );
        keeper
            .await
            .map(Self::Quick)
            .map_err(|error| reason::no_keeper(&error))
    }

    /// What finds out whether its link works.
    pub(super) fn probe(&self, setup: &Setup, settings: &config::TunnelConfig) -> Option<Probe> {
        let known = match self {
            Self::Quick(_) => settings.service.clone(),
            Self::Own(own, _) => own.link(),
        };
        Probe::through(setup.client.clone(), &known)
    }
}
