//! Requests from commands, and the replies to them, now and at each change.

use std::path::PathBuf;

use super::selection::{select, select_one};
use crate::{
    app::{Changes, Event, Share, ShareId, State, Status, Target},
    control::{ControlReply, ControlRequest, ShareSelector, server::Replies},
    target,
};

const QUITTING: &str = "Spot Serve is quitting. Try again in a moment.";

/// The requests that are still waiting for something.
#[derive(Debug, Default)]
pub struct Requests(Vec<PendingRequest>);

#[derive(Debug)]
struct PendingRequest {
    replies: Replies,
    waits_for: WaitsFor,
}

#[derive(Debug)]
enum WaitsFor {
    /// News about the share of this target.
    News {
        target: Target,
        last_sent: Option<Box<Status>>,
    },
    /// The settings of this share to be in effect.
    Settings(ShareId),
    /// The end of these shares, which have these names.
    End {
        shares: Vec<ShareId>,
        names: Vec<String>,
    },
    /// The folder dialog to be closed.
    Dialog,
    /// The end of the program, which closes every connection.
    Quit,
}

impl Requests {
    /// Replies to a request, or keeps it until it can be answered. Returns the event that it causes.
    pub fn handle(
        &mut self,
        request: ControlRequest,
        replies: Replies,
        state: &State,
    ) -> Option<Event> {
        match request {
            ControlRequest::Share {
                paths,
                is_agreed,
                changes,
            } => {
                let paths = paths.into_iter().map(PathBuf::from).collect();
                match target::of_chosen(paths) {
                    Some(target) => self.share(target, is_agreed, changes, replies, state),
                    None => refuse(&replies, "Name something to share."),
                }
            }
            ControlRequest::ShareSpooled {
                file,
                is_text,
                is_agreed,
                changes,
            } => {
                let target = if is_text {
                    Target::Text(file.into())
                } else {
                    Target::Spooled(file.into())
                };
                self.share(target, is_agreed, changes, replies, state)
            }
            ControlRequest::ShareSite { port, changes } => {
                self.share(Target::Site(port), true, changes, replies, state)
            }
            ControlRequest::Receive {
                folder,
                is_agreed,
                changes,
            } => {
                let target = Target::Inbox(folder.into());
                self.share(target, is_agreed, changes, replies, state)
            }
            ControlRequest::Set(which, changes) => self.set(&which, changes, replies, state),
            ControlRequest::Pick => {
                if state.quitting {
                    return refuse(&replies, QUITTING);
                }
                self.wait(replies, WaitsFor::Dialog);
                Some(Event::PickFolder)
            }
            // The runtime has answered it.
            ControlRequest::Dashboard => None,
            ControlRequest::List => {
                let shares = state.shares.iter();
                let shares = shares.map(|share| Status::of(share, state.now)).collect();
                send(&replies, ControlReply::Shares(shares));
                None
            }
            ControlRequest::Show(which) => {
                let reply = match select_one(&which, state) {
                    Ok(share) => ControlReply::Share(Status::of(share, state.now)),
                    Err(reply) => *reply,
                };
                send(&replies, reply);
                None
            }
            ControlRequest::Stop(which) => self.stop(&which, replies, state),
            ControlRequest::Quit => {
                self.wait(replies, WaitsFor::Quit);
                Some(Event::Quit)
            }
        }
    }

    fn share(
        &mut self,
        target: Target,
        is_agreed: bool,
        changes: Changes,
        replies: Replies,
        state: &State,
    ) -> Option<Event> {
        if state.quitting {
            return refuse(&replies, QUITTING);
        }
        let share = state.shares.iter().find(|share| share.target == target);
        let refused = share.and_then(|share| share.refused(&changes));
        if let Some(sentence) = refused.filter(|_| !is_agreed) {
            return refuse(&replies, &sentence);
        }
        let news = WaitsFor::News {
            target: target.clone(),
            last_sent: None,
        };
        self.wait(replies, news);
        Some(Event::ShareWith {
            target,
            is_confirmed: is_agreed,
            changes,
        })
    }

    fn set(
        &mut self,
        which: &ShareSelector,
        changes: Changes,
        replies: Replies,
        state: &State,
    ) -> Option<Event> {
        let share = match select_one(which, state) {
            Ok(share) => share,
            Err(reply) => {
                send(&replies, *reply);
                return None;
            }
        };
        if changes.is_empty() && !share.is_password_changing {
            send(&replies, settings(share, state));
            return None;
        }
        if share.phase.is_final() {
            let sentence = format!("{} is about to end. Share it again instead.", share.name());
            return refuse(&replies, &sentence);
        }
        if let Some(sentence) = changes.refused_for(&share.target) {
            return refuse(&replies, sentence);
        }
        if let Some(sentence) = share.refused(&changes) {
            return refuse(&replies, &sentence);
        }
        self.wait(replies, WaitsFor::Settings(share.id));
        Some(Event::Change(share.id, changes))
    }

    fn stop(&mut self, which: &ShareSelector, replies: Replies, state: &State) -> Option<Event> {
        let shares = match select(which, ", or use --all", state) {
            Ok(shares) => shares,
            Err(reply) => {
                send(&replies, *reply);
                return None;
            }
        };
        let event = match &shares[..] {
            [] => {
                send(&replies, ControlReply::Stopped(Vec::new()));
                return None;
            }
            [only] => Event::Stop(only.id),
            _ => Event::StopAll,
        };
        self.wait(replies, WaitsFor::end_of(&shares));
        Some(event)
    }

    fn wait(&mut self, replies: Replies, waits_for: WaitsFor) {
        self.0.push(PendingRequest { replies, waits_for });
    }

    /// Sends news to the requests that wait for it.
    pub fn report_changes(&mut self, state: &State) {
        self.0.retain_mut(|pending| pending.report(state));
    }

    /// A share couldn't be started: replies the requests for it before the share is gone.
    pub fn fail_share(&mut self, share: ShareId, sentence: &str, state: &State) {
        let Some(failed) = state.share(share) else {
            return;
        };
        self.0.retain(|pending| match &pending.waits_for {
            WaitsFor::News { target, .. } if *target == failed.target => {
                send(
                    &pending.replies,
                    ControlReply::Gone(Some(sentence.to_owned())),
                );
                false
            }
            _ => true,
        });
    }

    /// The folder dialog couldn't be shown.
    pub fn fail_pick(&mut self, sentence: &str) {
        self.0.retain(|pending| match pending.waits_for {
            WaitsFor::Dialog => {
                send(&pending.replies, ControlReply::Refused(sentence.to_owned()));
                false
            }
            _ => true,
        });
    }

    /// The password of a share couldn't be changed.
    pub fn fail_change(&mut self, share: ShareId, sentence: &str) {
        self.0.retain(|pending| match &pending.waits_for {
            WaitsFor::Settings(id) if *id == share => {
                send(&pending.replies, ControlReply::Refused(sentence.to_owned()));
                false
            }
            _ => true,
        });
    }
}

impl WaitsFor {
    fn end_of(shares: &[&Share]) -> Self {
        Self::End {
            shares: shares.iter().map(|share| share.id).collect(),
            names: shares.iter().map(|share| share.name()).collect(),
        }
    }
}

impl PendingRequest {
    /// Sends what is new; false if the request is done, or the command is gone.
    fn report(&mut self, state: &State) -> bool {
        if self.replies.is_closed() {
            return false;
        }
        match &mut self.waits_for {
            WaitsFor::Quit => true,
            WaitsFor::Dialog => {
                if state.picking.is_none() {
                    send(&self.replies, ControlReply::Done);
                }
                state.picking.is_some()
            }
            WaitsFor::Settings(id) => match state.share(*id) {
                Some(share) if share.is_password_changing => true,
                Some(share) => {
                    send(&self.replies, settings(share, state));
                    false
                }
                None => {
                    send(&self.replies, ControlReply::Gone(None));
                    false
                }
            },
            WaitsFor::End { shares, names } => {
                let is_over = shares.iter().all(|id| state.share(*id).is_none());
                if is_over {
                    send(&self.replies, ControlReply::Stopped(names.clone()));
                }
                !is_over
            }
            WaitsFor::News { target, last_sent } => {
                let share = state.shares.iter().find(|share| share.target == *target);
                let Some(share) = share else {
                    send(&self.replies, ControlReply::Gone(None));
                    return false;
                };
                let now = Status::of(share, state.now);
                if last_sent.as_deref() != Some(&now) {
                    send(&self.replies, ControlReply::Share(now.clone()));
                    *last_sent = Some(Box::new(now));
                }
                true
            }
        }
    }
}

fn settings(share: &Share, state: &State) -> ControlReply {
    ControlReply::Settings(
        Status::of(share, state.now),
        share.known_password().map(Into::into),
    )
}

fn send(replies: &Replies, reply: ControlReply) {
    // Fails if the command is gone.
    let _ = replies.send(reply);
}

fn refuse(replies: &Replies, sentence: &str) -> Option<Event> {
    send(replies, ControlReply::Refused(sentence.to_owned()));
    None
}
