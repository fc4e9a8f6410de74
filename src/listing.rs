//! All reading for the screen and for plans: loading an instance, what a plan needs read afresh, and the search for
//! communities that nobody named.
//!
//! It decides what is read, how much of it side by side, and when to give up; it keeps nothing. Reads that fail for a
//! passing reason are repeated below it, by the gateway that it is given.

mod discover;
mod load;
mod read;
mod reserve;

pub use discover::{Discovered, discover};
pub use load::{Loaded, load};
pub use read::{Progress, no_more, read};

/// How many reads of one instance go side by side.
const SIDE_BY_SIDE: usize = 4;
