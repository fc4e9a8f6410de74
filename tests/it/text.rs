//! Texts for people: each file tests the file of `src/text` with the same path.

mod format;
mod language;
mod width;
