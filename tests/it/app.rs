//! The state behind the screen: each file tests the file of `src/app` with the same path.

mod filter;
