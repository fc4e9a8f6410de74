//! One test binary, one file a concern.

mod config;
