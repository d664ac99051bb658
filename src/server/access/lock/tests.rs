use super::*;

const ADDRESS: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1)));
const OTHER: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2)));

fn lock(password: &str) -> Lock {
    let lock = Lock::default();
    lock.set_password(Some(PasswordHash::of(password).unwrap()));
    lock
}

/// As after a restart, when only the hash is known.
fn restored(password: &str) -> Lock {
    let lock = Lock::default();
    let hash = PasswordHash::of(password).unwrap();
    lock.set_password(PasswordHash::parse(hash.as_str()));
    lock
}

#[tokio::test]
async fn only_the_right_password_opens() {
    for lock in [
        lock("quiet-river-lake-sand"),
        restored("quiet-river-lake-sand"),
    ] {
        opens_with_quiet_river_lake_sand(&lock).await;
    }
}

async fn opens_with_quiet_river_lake_sand(lock: &Lock) {
    for wrong in ["", "quiet-river-lake", "quiet-river-lake-sang", "Quiet"] {
        assert_eq!(lock.enter(wrong, ADDRESS).await, Entry::Wrong, "{wrong}");
    }
    for _ in 0..2 {
        let right = lock.enter("Quiet River Lake Sand", ADDRESS).await;
        assert!(matches!(right, Entry::Right(_)));
    }
    lock.set_password(None);
    assert_eq!(lock.enter("anything", ADDRESS).await, Entry::Open);
}

#[tokio::test]
async fn only_the_first_right_password_is_hashed() {
    let lock = lock("right");
    assert!(matches!(
        lock.enter("right", ADDRESS).await,
        Entry::Right(_)
    ));
    // Nothing is waited for.
    let mut again = pin!(lock.enter("right", OTHER));
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    let again = again.as_mut().poll(context);
    assert!(matches!(again, std::task::Poll::Ready(Entry::Right(_))));
}

#[tokio::test]
async fn sessions_and_keys_end_when_the_password_changes() {
    let lock = lock("first");
    let Entry::Right(key) = lock.enter("first", ADDRESS).await else {
        panic!("it is right");
    };
    let secret = lock.begin_session(key).unwrap();
    assert!(lock.session(secret.as_bytes()).is_some());
    assert!(lock.is_known("first") && !lock.is_known("second"));
    // Even if the new password is the same.
    lock.set_password(Some(PasswordHash::of("first").unwrap()));
    assert!(lock.session(secret.as_bytes()).is_none());
    assert_eq!(lock.begin_session(key), None);
    let Entry::Right(key) = lock.enter("first", ADDRESS).await else {
        panic!("it is right");
    };
    let secret = lock.begin_session(key).unwrap();
    lock.set_password(None);
    assert!(lock.session(secret.as_bytes()).is_none());
}

#[tokio::test]
async fn guessing_from_one_address_makes_only_that_one_wait() {
    for lock in [lock("right"), restored("right")] {
        guess_from_one_address(&lock).await;
    }
}

async fn guess_from_one_address(lock: &Lock) {
    for number in 0..10 {
        let wrong = lock.enter(&format!("wrong {number}"), ADDRESS).await;
        assert_eq!(wrong, Entry::Wrong);
    }
    assert!(matches!(lock.enter("right", ADDRESS).await, Entry::Wait(_)));
    assert!(matches!(lock.enter("right", OTHER).await, Entry::Right(_)));
    // Not even when it is known without a hash.
    assert!(matches!(lock.enter("right", ADDRESS).await, Entry::Wait(_)));
}

#[tokio::test]
async fn a_password_that_is_not_looked_at_is_not_reported_as_wrong() {
    let lock = lock("right");
    let (reports, reported) = std::sync::mpsc::channel();
    lock.on_wrong(move |address| {
        let _ = reports.send(address);
    });
    for number in 0..10 {
        lock.enter(&format!("wrong {number}"), ADDRESS).await;
    }
    assert!(matches!(lock.enter("right", ADDRESS).await, Entry::Wait(_)));
    assert!(matches!(lock.enter("right", OTHER).await, Entry::Right(_)));
    let reported: Vec<_> = reported.try_iter().collect();
    assert_eq!(reported, [ADDRESS; 10]);
}

#[tokio::test]
async fn a_program_that_repeats_a_wrong_password_made_one_guess() {
    let lock = lock("right");
    for _ in 0..100 {
        assert_eq!(lock.enter("wrong", ADDRESS).await, Entry::Wrong);
    }
    assert!(matches!(
        lock.enter("right", ADDRESS).await,
        Entry::Right(_)
    ));
}

#[tokio::test]
async fn many_who_repeat_a_wrong_password_are_not_before_a_new_visitor() {
    let lock = restored("right");
    let address = |number: u32| Some(std::net::Ipv4Addr::from_bits(number).into());
    for number in 0..100 {
        assert_eq!(lock.enter("wrong", address(number)).await, Entry::Wrong);
    }
    let passwords: Vec<_> = (0..100).map(|number| format!("wrong {number}")).collect();
    let guesses =
        (passwords.iter().zip(0..)).map(|(password, number)| lock.enter(password, address(number)));
    let mut guesses: Vec<_> = guesses.map(Box::pin).collect();
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    for guess in &mut guesses {
        let _ = guess.as_mut().poll(context);
    }
    let mut visitor = pin!(lock.enter("right", OTHER));
    assert!(visitor.as_mut().poll(context).is_pending(), "turned away");
    // The other guesses leave.
    drop(guesses);
    assert!(matches!(visitor.await, Entry::Right(_)));
}

#[tokio::test]
async fn many_requests_with_the_right_password_at_once_all_get_in() {
    let lock = restored("right");
    let entries = (0..20).map(|_| lock.enter("right", ADDRESS));
    let mut entries: Vec<_> = entries.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        entries.retain_mut(|entry| match entry.as_mut().poll(context) {
            std::task::Poll::Ready(entry) => {
                assert!(matches!(entry, Entry::Right(_)), "{entry:?}");
                false
            }
            std::task::Poll::Pending => true,
        });
        if entries.is_empty() {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

/// The middle of 10,000 times that each of two things takes, in turns.
fn times(mut first: impl FnMut(), mut second: impl FnMut()) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..10_000 {
        let started = Instant::now();
        first();
        let between = Instant::now();
        second();
        times[0].push(between - started);
        times[1].push(between.elapsed());
    }
    times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    })
}

#[tokio::test]
async fn no_time_tells_how_much_of_a_secret_is_right() {
    const LETTERS: usize = 1000;
    let right = "x".repeat(LETTERS);
    let lock = lock(&right);
    let Entry::Right(key) = lock.enter(&right, ADDRESS).await else {
        panic!("it is right");
    };
    let secret = lock.begin_session(key).unwrap();
    let wrong = |right: &str, at: usize| {
        let mut wrong = right.to_owned();
        wrong.replace_range(at..=at, "!");
        wrong
    };
    let (first, last) = (wrong(&right, 0), wrong(&right, LETTERS - 1));
    let passwords = times(
        || assert!(!lock.is_known(&first)),
        || assert!(!lock.is_known(&last)),
    );
    let (first, last) = (wrong(&secret, 0), wrong(&secret, secret.len() - 1));
    let sessions = times(
        || assert!(lock.session(first.as_bytes()).is_none()),
        || assert!(lock.session(last.as_bytes()).is_none()),
    );
    for [first, last] in [passwords, sessions] {
        let (less, more) = (first.min(last), first.max(last));
        assert!(more - less <= more / 5, "{first:?} {last:?}");
    }
}
