//! One test binary, one file a concern.

mod engine;
mod engine_limits;
mod engine_truth;
mod store;
mod support;
