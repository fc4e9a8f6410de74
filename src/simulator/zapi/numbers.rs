//! The spellings of a phone number that Z-API uses.

use super::super::description::NumberForm;

/// A number in this form; a number that is too short for it is returned as digits.
pub(super) fn spelled(digits: &str, form: NumberForm) -> String {
    let plain = || digits.to_owned();
    match form {
        NumberForm::Digits => plain(),
        NumberForm::International => parts(digits)
            .map_or_else(plain, |[country, area, head, tail]| format!("+{country} {area} {head}-{tail}")),
        NumberForm::National => {
            parts(digits).map_or_else(plain, |[_, area, head, tail]| format!("({area}) {head}-{tail}"))
        }
        NumberForm::WithoutNinth => parts(digits).map_or_else(plain, |[country, area, head, tail]| {
            let head = head.strip_prefix('9').filter(|rest| rest.len() == 4).unwrap_or(head);
            format!("{country}{area}{head}{tail}")
        }),
        NumberForm::CUs => format!("{digits}@c.us"),
        NumberForm::Device => format!("{digits}:12@s.whatsapp.net"),
    }
}

/// Country, area, and the number itself in two parts, as Brazilian numbers have them.
fn parts(digits: &str) -> Option<[&str; 4]> {
    let tail_at = digits.len().checked_sub(4).filter(|at| *at > 4)?;
    Some([digits.get(..2)?, digits.get(2..4)?, digits.get(4..tail_at)?, digits.get(tail_at..)?])
}
