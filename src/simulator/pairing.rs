//! Codes for phones that do not exist: each differs from the previous one, and is as long as a real one.

use super::state::chance;

/// The text of a QR code: a reference and three keys, as phones get them.
pub(crate) fn qr(seed: u64, count: u32) -> String {
    let mut rng = chance(seed, 7, count.into());
    let mut part = |length: usize| -> String { (0..length).map(|_| rng.alphanumeric()).collect() };
    let reference = part(64);
    let keys: Vec<String> = (0..3).map(|_| format!("{}=", part(43))).collect();
    format!("2@{reference},{}", keys.join(","))
}

/// A code to type on a phone.
pub(crate) fn code(seed: u64, count: u32) -> String {
    const LETTERS: &[u8] = b"123456789ABCDEFGHJKLMNPQRSTVWXYZ";
    let mut rng = chance(seed, 8, count.into());
    (0..8).map(|_| char::from(LETTERS[rng.usize(..LETTERS.len())])).collect()
}

/// One grey dot; a field for a picture promises nothing more.
pub(crate) const PNG: &str = "data:image/png;base64,\
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
