//! Synod.
