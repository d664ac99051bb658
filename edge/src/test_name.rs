//! The name of the running test.

use std::env;

/// The test whose body, a closure or async block written in the test function, has the type `F`.
pub fn of<F>() -> String {
    from_type(std::any::type_name::<F>())
}

/// The test that runs on this thread: the best guess from the arguments and the thread's name.
pub(crate) fn current() -> String {
    let exact = env::args().skip_while(|argument| argument != "--exact");
    let given = exact.skip(1).find(|argument| !argument.starts_with('-'));
    given
        .or_else(|| {
            let thread = std::thread::current();
            let name = thread.name().filter(|name| *name != "main");
            name.map(str::to_owned)
        })
        .unwrap_or_else(|| "a test".to_owned())
}

/// The type's name is the path of the function, after the crate's name and before `{{closure}}`. The
/// test runner uses the path alone.
fn from_type(name: &str) -> String {
    let path = name.trim_end_matches("::{{closure}}");
    path.split_once("::")
        .map_or(path, |(_, name)| name)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_matches_that_of_libtest() {
        let name = from_type("spot_serve::tunnel::tests::a_link_works::{{closure}}");
        assert_eq!(name, "tunnel::tests::a_link_works");
    }
}
