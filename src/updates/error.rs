//! Why there is no answer to the question for newer versions.

use crate::http::HttpError;

/// The release feed could not be had, or must not be believed.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error(
        "This copy of Spot Serve doesn't know where its releases are: it was built before the first one. Check where you got it."
    )]
    NoFeed,
    #[error("Couldn't ask for newer versions: {0}. Check your network and try again.")]
    Network(#[from] HttpError),
    #[error(
        "Couldn't ask for newer versions: the server answered {status} for {url}. Try again later."
    )]
    Status { status: u16, url: String },
    #[error("Couldn't ask for newer versions: the answer took too long. Try again later.")]
    TooSlow,
    #[error(
        "The list of releases was refused: it is larger than {0} kB. Something in your network may have replaced it. Try again in another network."
    )]
    TooLarge(usize),
    #[error(
        "The list of releases was refused: it isn't signed by the maintainers of Spot Serve. Something in your network may have replaced it. Try again in another network."
    )]
    NotSigned,
    #[error("The list of releases was refused: {0}. Look at the releases yourself: {1}")]
    Unusable(&'static str, String),
    #[error(
        "The list of releases was refused: it is from {got}, but a newer one from {seen} was seen before. Something in your network may hold back newer versions. Try again in another network."
    )]
    Older { got: String, seen: String },
    #[error(
        "The list of releases was refused: it was valid until {0}. Check the date of this computer. If it is right, something in your network may hold back newer versions. Try again in another network."
    )]
    Expired(String),
}
