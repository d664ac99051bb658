//! Which connection has to leave, in favour of somebody who waits.
//!
//! 1. The one that has been idle the longest, if a place is needed.
//! 2. One whose visitor has received next to nothing of an answer, or sent next to nothing of a body,
//!    for a minute.
//! 3. The slowest upload of the visitor who sends the most at once, if these are more than
//!    [`MAX_BODIES`]. A body costs its visitor nothing, and only its visitor knows when it ends.
//! 4. The slowest answer of the visitor with the most, if these are more than a fair share, in favour
//!    of one who has fewer.

use std::{collections::BTreeMap, time::Instant};

use super::{patience::Patience, seat::Occupation, visitor::Visitor};

/// How many bodies each visitor may send at once, whoever waits.
const MAX_BODIES: usize = 16;

/// Somebody who waits.
#[derive(Clone, Copy, Debug)]
pub struct Asking {
    /// Who it is, if known.
    pub visitor: Option<Visitor>,
    pub needs: Needs,
    pub patience: Patience,
    pub now: Instant,
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The place of any connection, of so many, including those that were already told to leave.
    Place { of: usize },
    /// That one request less comes through the tunnel.
    Tunnel,
}

/// A connection that may have to leave, and since when it is too slow.
#[derive(Clone, Copy, Debug)]
struct Candidate<S> {
    since: Instant,
    seat: S,
    occupation: Occupation,
}

/// Connections that are doing something for one visitor.
type Group<S> = Vec<Candidate<S>>;

/// Which of these seats has to be left, and what it is used for at the moment.
pub fn choose<S: Copy>(
    seats: impl IntoIterator<Item = (S, Occupation)>,
    asking: &Asking,
) -> Option<(S, Occupation)> {
    let age = |since| asking.now.duration_since(since);
    let (mut idle, mut stalled) = (None, None);
    let mut answers = BTreeMap::<Visitor, Group<S>>::new();
    let mut bodies = BTreeMap::<Visitor, Group<S>>::new();
    let mut requests = 0;
    for (seat, occupation) in seats {
        let candidate = |since| Candidate {
            since,
            seat,
            occupation,
        };
        match occupation {
            Occupation::Idle { since, has_asked } => {
                let may_leave = has_asked || age(since) >= asking.patience.grace;
                if may_leave && asking.needs != Needs::Tunnel {
                    earlier(&mut idle, candidate(since));
                }
            }
            Occupation::Answering {
                visitor,
                blocked,
                is_receiving,
            } => {
                let is_of_tunnel = visitor.is_some_and(|it| !it.address().is_loopback());
                if asking.needs == Needs::Tunnel && !is_of_tunnel {
                    continue;
                }
                requests += 1;
                let candidate = candidate(blocked.unwrap_or(asking.now));
                if blocked.is_some_and(|since| age(since) >= asking.patience.stall) {
                    earlier(&mut stalled, candidate);
                }
                if let Some(visitor) = visitor {
                    answers.entry(visitor).or_default().push(candidate);
                    if is_receiving {
                        bodies.entry(visitor).or_default().push(candidate);
                    }
                }
            }
        }
    }
    let candidate = idle
        .or(stalled)
        .or_else(|| too_many(&bodies, asking.visitor?, MAX_BODIES))
        .or_else(|| {
            let visitor = asking.visitor?;
            let all = match asking.needs {
                Needs::Place { of } => of,
                Needs::Tunnel => requests,
            };
            let visitors = answers.len() + usize::from(!answers.contains_key(&visitor));
            too_many(&answers, visitor, all / visitors)
        })?;
    Some((candidate.seat, candidate.occupation))
}

fn earlier<S: Copy>(earliest: &mut Option<Candidate<S>>, candidate: Candidate<S>) {
    if earliest.is_none_or(|it| candidate.since < it.since) {
        *earliest = Some(candidate);
    }
}

/// The slowest of the visitor with the most, if these are more than `fair` and `visitor` would still
/// have fewer.
fn too_many<S: Copy>(
    by_visitor: &BTreeMap<Visitor, Group<S>>,
    visitor: Visitor,
    fair: usize,
) -> Option<Candidate<S>> {
    let own = by_visitor.get(&visitor).map_or(0, Vec::len);
    let most = by_visitor.values().max_by_key(|group| group.len())?;
    let is_unfair = most.len() > fair.max(own + 1);
    let slowest = most.iter().min_by_key(|candidate| candidate.since).copied();
    slowest.filter(|_| is_unfair)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn visitor(number: u8) -> Visitor {
        Visitor::new([192, 0, 2, number].into())
    }

    fn asking(number: u8, needs: Needs) -> Asking {
        Asking {
            visitor: Some(visitor(number)),
            needs,
            patience: Patience::default(),
            now: Instant::now(),
        }
    }

    fn of(number: u8, is_receiving: bool, blocked: Option<Instant>) -> Occupation {
        Occupation::Answering {
            visitor: Some(visitor(number)),
            blocked,
            is_receiving,
        }
    }

    fn chosen(occupations: &[Occupation], asking: &Asking) -> Option<usize> {
        let seats = occupations.iter().copied().enumerate();
        choose(seats, asking).map(|(seat, _)| seat)
    }

    #[test]
    fn the_slowest_upload_of_a_visitor_with_too_many_goes_first() {
        for needs in [Needs::Place { of: 58 }, Needs::Tunnel] {
            let asking = asking(3, needs);
            let before = |seconds| Some(asking.now - Duration::from_secs(seconds));
            // Somebody has more downloads, and each of them is slower.
            let mut occupations = vec![of(2, false, before(30)); 40];
            occupations.extend(vec![of(1, true, None); 16]);
            assert_eq!(chosen(&occupations, &asking), Some(0), "16 are allowed");
            occupations.push(of(1, true, before(20)));
            occupations.push(of(1, true, before(10)));
            assert_eq!(chosen(&occupations, &asking), Some(56));
        }
    }

    #[test]
    fn nobody_makes_room_for_more_of_their_own_uploads() {
        let occupations = [of(1, true, None); 20];
        for needs in [Needs::Place { of: 20 }, Needs::Tunnel] {
            assert_eq!(chosen(&occupations, &asking(1, needs)), None);
            assert!(chosen(&occupations, &asking(2, needs)).is_some());
            let unknown = Asking {
                visitor: None,
                ..asking(2, needs)
            };
            assert_eq!(chosen(&occupations, &unknown), None);
        }
    }

    #[test]
    fn only_requests_through_the_tunnel_make_room_in_it() {
        let asking = asking(2, Needs::Tunnel);
        let long_ago = asking.now - Duration::from_secs(600);
        let local = Occupation::Answering {
            visitor: Some(Visitor::new([127, 0, 0, 1].into())),
            blocked: Some(long_ago),
            is_receiving: true,
        };
        let idle = Occupation::Idle {
            since: long_ago,
            has_asked: true,
        };
        let mut occupations = vec![local; 30];
        occupations.push(idle);
        assert_eq!(chosen(&occupations, &asking), None);
        occupations.push(of(1, true, Some(long_ago)));
        assert_eq!(chosen(&occupations, &asking), Some(31));
        let place = Asking {
            needs: Needs::Place { of: 32 },
            ..asking
        };
        assert_eq!(chosen(&occupations, &place), Some(30));
    }
}
