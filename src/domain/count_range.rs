//! A range of counts as an operator writes it: `500`, `>500`, `<=20`, `100..200`, `100..`.

/// A range of counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountRange {
    least: u64,
    most: u64,
}

/// Why a text is no range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountRangeError {
    /// More characters can still make it one.
    Unfinished,
    Invalid,
}

impl CountRange {
    /// Contains no count.
    const NOTHING: Self = Self { least: 1, most: 0 };

    /// Reads a range.
    pub fn parse(text: &str) -> Result<Self, CountRangeError> {
        let range = |least, most| Ok(Self { least, most });
        let invalid_unless = |is_beginning: bool| {
            Err(if is_beginning { CountRangeError::Unfinished } else { CountRangeError::Invalid })
        };
        if let Some((least, most)) = text.split_once("..") {
            return match (number(least), number(most)) {
                (Some(least), Some(most)) if least <= most => range(least, most),
                // The second number may be unfinished.
                (Some(_), Some(_)) => invalid_unless(true),
                (Some(least), None) if most.is_empty() => range(least, u64::MAX),
                (None, Some(most)) if least.is_empty() => range(0, most),
                _ => invalid_unless(least.is_empty() && most.is_empty()),
            };
        }
        let is_sign = |letter: char| matches!(letter, '<' | '>' | '=');
        let (sign, digits) = text.split_at(text.find(|letter| !is_sign(letter)).unwrap_or(text.len()));
        let Some(count) = number(digits) else {
            let begins = |digits: &str| digits.is_empty() || number(digits).is_some();
            let is_range = digits.strip_suffix('.').is_some_and(|digits| begins(digits) && sign.is_empty());
            let is_sign = digits.is_empty() && ["", "<", ">", "=", "<=", ">="].contains(&sign);
            return invalid_unless(is_sign || is_range);
        };
        match sign {
            "" | "=" => range(count, count),
            ">" => range(count.saturating_add(1), u64::MAX),
            ">=" => range(count, u64::MAX),
            "<" => count.checked_sub(1).map_or(Ok(Self::NOTHING), |most| range(0, most)),
            "<=" => range(0, count),
            _ => Err(CountRangeError::Invalid),
        }
    }

    /// Whether a count is in the range.
    pub fn contains(self, count: u64) -> bool {
        (self.least..=self.most).contains(&count)
    }
}

fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}
