//! Commands that ask the running program: what they are answered, now and at each change.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
};

use crate::{
    app::{Event, Phase, Share, ShareId, State, Status, Target},
    control::{ControlReply, ControlRequest, ShareSelector, server::Replies},
    target,
};

/// The commands that wait for something.
#[derive(Debug, Default)]
pub struct Followers(Vec<Follower>);

#[derive(Debug)]
struct Follower {
    answers: Replies,
    waits_for: Waits,
}

#[derive(Debug)]
enum Waits {
    /// For news of the share of this target.
    News {
        target: Target,
        told: Option<Status>,
    },
    /// For the end of these shares.
    End(Vec<ShareId>),
    /// For the end of the program, which ends every conversation.
    Quit,
}

impl Followers {
    /// Takes a request, and gives what it makes happen.
    pub fn take(
        &mut self,
        request: ControlRequest,
        answers: Replies,
        state: &State,
    ) -> Option<Event> {
        match request {
            ControlRequest::Share { paths, is_agreed } => {
                let paths = paths.into_iter().map(PathBuf::from).collect();
                match target::of_real(paths) {
                    Some(target) => self.share(target, is_agreed, answers, state),
                    None => refuse(&answers, "Nothing was named to share."),
                }
            }
            ControlRequest::ShareSite(port) => self.share(Target::Site(port), true, answers, state),
            ControlRequest::Pick => {
                say(&answers, ControlReply::Done);
                Some(Event::PickFolder)
            }
            ControlRequest::List => {
                let shares = state.shares.iter().map(Status::of).collect();
                say(&answers, ControlReply::Shares(shares));
                None
            }
            ControlRequest::Stop(which) => self.stop(&which, answers, state),
            ControlRequest::Quit => {
                self.wait(answers, Waits::Quit);
                Some(Event::Quit)
            }
        }
    }

    fn share(
        &mut self,
        target: Target,
        is_agreed: bool,
        answers: Replies,
        state: &State,
    ) -> Option<Event> {
        if state.quitting {
            return refuse(&answers, "Spot Serve is quitting. Try again in a moment.");
        }
        let news = Waits::News {
            target: target.clone(),
            told: None,
        };
        self.wait(answers, news);
        Some(match is_agreed {
            true => Event::ShareAnyway(target),
            false => Event::Share(target),
        })
    }

    fn stop(&mut self, which: &ShareSelector, answers: Replies, state: &State) -> Option<Event> {
        let meant: Vec<&Share> = match which {
            ShareSelector::All => state.shares.iter().collect(),
            ShareSelector::Only if state.shares.len() > 1 => {
                return refuse(
                    &answers,
                    "Several things are shared. Say which, or --all; spot-serve list names them.",
                );
            }
            ShareSelector::Only => state.shares.iter().collect(),
            ShareSelector::Named(name) => named(state, name),
            ShareSelector::Asking(paths) => state
                .shares
                .iter()
                .filter(|share| matches!(share.phase, Phase::Asking(_)))
                .filter(|share| share.target.paths().eq(paths.iter().map(Path::new)))
                .collect(),
        };
        match (&meant[..], which) {
            ([], ShareSelector::Named(name)) => {
                let sentence = format!(
                    "{} is not shared. spot-serve list names what is.",
                    name.display()
                );
                say(&answers, ControlReply::NotShared(sentence));
                None
            }
            ([], _) => {
                say(&answers, ControlReply::Done);
                None
            }
            ([only], _) => {
                let id = only.id;
                self.wait(answers, Waits::End(vec![id]));
                Some(Event::Stop(id))
            }
            (_, ShareSelector::All) => {
                let all = meant.iter().map(|share| share.id).collect();
                self.wait(answers, Waits::End(all));
                Some(Event::StopAll)
            }
            (several, _) => {
                let all: Vec<String> = several.iter().map(|share| one_of_several(share)).collect();
                let sentence = format!(
                    "Several shares have that name. Say which: {}",
                    all.join(", ")
                );
                refuse(&answers, &sentence)
            }
        }
    }

    fn wait(&mut self, answers: Replies, waits_for: Waits) {
        self.0.push(Follower { answers, waits_for });
    }

    /// Tells everybody who waits what is new.
    pub fn tell(&mut self, state: &State) {
        self.0.retain_mut(|follower| follower.go_on(state));
    }

    /// A share could not be started: those who wait for it are told why before it is gone.
    pub fn tell_failure(&mut self, share: ShareId, sentence: &str, state: &State) {
        let Some(failed) = state.share(share) else {
            return;
        };
        self.0.retain(|follower| match &follower.waits_for {
            Waits::News { target, .. } if *target == failed.target => {
                say(
                    &follower.answers,
                    ControlReply::Gone(Some(sentence.to_owned())),
                );
                false
            }
            _ => true,
        });
    }
}

impl Follower {
    /// False when there is nothing more to say, or nobody listens.
    fn go_on(&mut self, state: &State) -> bool {
        if self.answers.is_closed() {
            return false;
        }
        match &mut self.waits_for {
            Waits::Quit => true,
            Waits::End(ids) => {
                let is_over = ids.iter().all(|id| state.share(*id).is_none());
                if is_over {
                    say(&self.answers, ControlReply::Done);
                }
                !is_over
            }
            Waits::News { target, told } => {
                let share = state.shares.iter().find(|share| share.target == *target);
                let Some(share) = share else {
                    say(&self.answers, ControlReply::Gone(None));
                    return false;
                };
                let now = Status::of(share);
                if told.as_ref() != Some(&now) {
                    say(&self.answers, ControlReply::Share(now.clone()));
                    *told = Some(now);
                }
                true
            }
        }
    }
}

/// The shares with this name, path or link. What is shared alone comes before what only begins
/// with the same path.
fn named<'a>(state: &'a State, name: &OsStr) -> Vec<&'a Share> {
    let alone = |share: &&Share| share.target.paths().eq([Path::new(name)]);
    match state.shares.iter().find(alone) {
        Some(share) => vec![share],
        None => {
            let all = state.shares.iter();
            all.filter(|share| is_named(share, name)).collect()
        }
    }
}

fn is_named(share: &Share, name: &OsStr) -> bool {
    let is_text = |text: &str| name == OsStr::new(text);
    // Browsers copy it with a slash behind it, and commands print it without.
    let is_link = |link: &str| {
        let name = name.to_str().unwrap_or_default();
        name.trim_end_matches('/') == link.trim_end_matches('/')
    };
    is_text(&share.name())
        || share.target.path().is_some_and(|path| path == name)
        || share.offered_link().is_some_and(is_link)
        || share.local_link().as_deref().is_some_and(is_link)
        || matches!(share.target, Target::Site(port) if is_text(&port.to_string()))
}

/// What names this share and no other: its path where it has only one, else its link.
fn one_of_several(share: &Share) -> String {
    let mut paths = share.target.paths();
    match (paths.next(), paths.next()) {
        (Some(only), None) => only.display().to_string(),
        _ => share
            .offered_link()
            .map(str::to_owned)
            .or_else(|| share.local_link())
            .unwrap_or_else(|| share.name()),
    }
}

fn say(answers: &Replies, answer: ControlReply) {
    // An error means that nobody listens any more.
    let _ = answers.send(answer);
}

fn refuse(answers: &Replies, sentence: &str) -> Option<Event> {
    say(answers, ControlReply::Refused(sentence.to_owned()));
    None
}
