//! All reading for the screen and for plans: the load of an instance, the fresh reads for a plan, and the search for unknown
//! communities.
//!
//! It decides what to read, how many reads run concurrently, and when to give up; it keeps nothing. The caller's gateway
//! repeats reads that fail for a temporary reason.

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
