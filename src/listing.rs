//! All reading for the screen and for plans: loading an instance, reading afresh what a plan needs, and searching for
//! communities that nobody named.
//!
//! It decides what to read, how many reads run concurrently, and when to give up; it keeps nothing. The gateway that it is
//! given repeats reads that fail for a temporary reason.

mod discover;
mod load;
mod read;
mod reserve;

pub use discover::{Discovered, discover, known_first};
pub use load::{WhichListings, load};
pub use read::{ReadProgress, no_more, read};
pub use reserve::wait_for_half;

/// How many reads of one instance run concurrently.
const SIDE_BY_SIDE: usize = 4;
