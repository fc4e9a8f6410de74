//! The terminal's input and its themes: each file tests the file of `src/tui` with the same path.

mod input {
    mod decoder;
}
mod theme;
