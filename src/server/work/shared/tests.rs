use std::{
    future::{pending, ready},
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc::{self, Receiver, Sender},
    },
};

use tokio::runtime::Builder;

use super::*;

const LIMITS: Limits = Limits {
    time: Duration::from_secs(600),
    entries: 0,
    bytes: 0,
};

fn shared() -> SharedWork<&'static str, usize> {
    SharedWork::new(Arc::new(Semaphore::new(1)), LIMITS)
}

fn run(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_time().build();
    runtime.unwrap().block_on(test);
}

/// Work that counts how often it started, and ends when told to.
fn work(
    begun: &Arc<AtomicUsize>,
    go_on: Receiver<()>,
    keep: Keep,
) -> impl FnOnce(&Budget) -> io::Result<(usize, Keep)> + Send + use<> {
    let begun = Arc::clone(begun);
    move |_| {
        let before = begun.fetch_add(1, Ordering::Relaxed);
        let _ = go_on.recv();
        Ok((before, keep))
    }
}

fn held_up() -> (Sender<()>, Receiver<()>) {
    mpsc::channel()
}

fn not_held_up() -> Receiver<()> {
    held_up().1
}

#[test]
fn everyone_who_asks_at_the_same_time_gets_one_result() {
    run(async {
        let (shared, begun) = (shared(), Arc::default());
        let asked = |go_on, keep| shared.get("key", pending(), work(&begun, go_on, keep));
        for keep in [Keep::No, Keep::WhileUsed] {
            let (go_on, wait) = held_up();
            let mut first = Box::pin(asked(wait, keep));
            tokio::select! {
                biased;
                _ = &mut first => panic!("it is held up"),
                () = ready(()) => {}
            }
            let second = asked(not_held_up(), keep);
            drop(go_on);
            let (first, second) = tokio::join!(first, second);
            let (first, second) = (first.unwrap(), second.unwrap());
            assert!(Arc::ptr_eq(&first, &second));
            // Those who ask later get it only if it may be kept.
            let later = asked(not_held_up(), Keep::No).await.unwrap();
            assert_eq!(Arc::ptr_eq(&first, &later), keep != Keep::No);
        }
        assert_eq!(begun.load(Ordering::Relaxed), 3);
        asked(not_held_up(), Keep::For(LIMITS.time)).await.unwrap();
        assert_eq!(*asked(not_held_up(), Keep::No).await.unwrap(), 3);
    });
}

#[test]
fn work_continues_until_the_last_visitor_has_left() {
    run(async {
        let shared = shared();
        let (ended, end) = held_up();
        let work = move |budget: &Budget| {
            let _ended = ended;
            loop {
                budget.check()?;
                std::thread::yield_now();
            }
        };
        let mut first = Box::pin(shared.get("key", ready(()), work));
        let never = |_: &Budget| panic!("it is under way");
        let mut second = Box::pin(shared.get("key", pending(), never));
        let error = tokio::select! {
            biased;
            first = &mut first => first.unwrap_err(),
            _ = &mut second => panic!("it has no end"),
        };
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
        assert_eq!(end.try_recv(), Err(mpsc::TryRecvError::Empty));
        drop((first, second));
        assert_eq!(end.recv(), Err(mpsc::RecvError));
        // It no longer holds a turn.
        let next = shared.get("key", pending(), |_| Ok((1, Keep::No)));
        assert_eq!(*next.await.unwrap(), 1);
        assert!(lock(&shared.jobs).is_empty());
    });
}

#[test]
fn work_that_nobody_waits_for_is_never_begun() {
    run(async {
        let (shared, begun) = (shared(), Arc::default());
        let (go_on, wait) = held_up();
        let mut first = Box::pin(shared.get("first", pending(), work(&begun, wait, Keep::No)));
        let mut others: Vec<_> = ["second", "third"]
            .into_iter()
            .map(|key| {
                let work = work(&begun, not_held_up(), Keep::No);
                Box::pin(shared.get(key, pending(), work))
            })
            .collect();
        for other in &mut others {
            tokio::select! {
                biased;
                _ = &mut first => panic!("it is held up"),
                _ = other => panic!("it has no turn"),
                () = ready(()) => {}
            }
        }
        drop(others);
        drop(go_on);
        first.await.unwrap();
        tokio::task::yield_now().await;
        assert_eq!(begun.load(Ordering::Relaxed), 1);
        assert!(lock(&shared.jobs).is_empty());
    });
}

#[test]
fn everyone_gets_an_error_and_a_panic_ends_nothing_else() {
    run(async {
        let shared = shared();
        let failing = |_: &Budget| Err(io::ErrorKind::PermissionDenied.into());
        let (one, other) = tokio::join!(
            shared.get("key", pending(), failing),
            shared.get("key", pending(), failing)
        );
        for result in [one, other] {
            assert_eq!(result.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        }
        let panicking = shared.get("key", pending(), |_| panic!("as it is to"));
        assert!(panicking.await.is_err());
        let next = shared.get("key", pending(), |_| Ok((1, Keep::No)));
        assert_eq!(*next.await.unwrap(), 1);
    });
}
