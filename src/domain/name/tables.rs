//! Character classes for the cleaning of names: small hand-written tables, based on Unicode 16. It owns no rules; those are in
//! `clean`.

/// Format characters, line and paragraph separators, tags, fillers and all others that are ignorable by default in Unicode;
/// without the joiners and the variation selectors, which have their own rules.
const IGNORED: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180e}', '\u{180e}'),
    ('\u{200b}', '\u{200b}'),
    ('\u{200e}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fdd0}', '\u{fdef}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e00ff}'),
    ('\u{e01f0}', '\u{e0fff}'),
];

/// Pictures that can be part of an emoji sequence. Symbols older than emoji, such as ©, are never joined.
const PICTURES: &[(char, char)] = &[
    ('\u{2194}', '\u{2199}'),
    ('\u{21a9}', '\u{21aa}'),
    ('\u{231a}', '\u{231b}'),
    ('\u{2328}', '\u{2328}'),
    ('\u{23cf}', '\u{23cf}'),
    ('\u{23e9}', '\u{23f3}'),
    ('\u{23f8}', '\u{23fa}'),
    ('\u{25aa}', '\u{25ab}'),
    ('\u{25b6}', '\u{25b6}'),
    ('\u{25c0}', '\u{25c0}'),
    ('\u{25fb}', '\u{25fe}'),
    ('\u{2600}', '\u{2605}'),
    ('\u{2607}', '\u{2612}'),
    ('\u{2614}', '\u{2685}'),
    ('\u{2690}', '\u{2705}'),
    ('\u{2708}', '\u{2712}'),
    ('\u{2714}', '\u{2714}'),
    ('\u{2716}', '\u{2716}'),
    ('\u{271d}', '\u{271d}'),
    ('\u{2721}', '\u{2721}'),
    ('\u{2728}', '\u{2728}'),
    ('\u{2733}', '\u{2734}'),
    ('\u{2744}', '\u{2744}'),
    ('\u{2747}', '\u{2747}'),
    ('\u{274c}', '\u{274c}'),
    ('\u{274e}', '\u{274e}'),
    ('\u{2753}', '\u{2755}'),
    ('\u{2757}', '\u{2757}'),
    ('\u{2763}', '\u{2767}'),
    ('\u{2795}', '\u{2797}'),
    ('\u{27a1}', '\u{27a1}'),
    ('\u{27b0}', '\u{27b0}'),
    ('\u{27bf}', '\u{27bf}'),
    ('\u{2934}', '\u{2935}'),
    ('\u{2b05}', '\u{2b07}'),
    ('\u{2b1b}', '\u{2b1c}'),
    ('\u{2b50}', '\u{2b50}'),
    ('\u{2b55}', '\u{2b55}'),
    ('\u{1f000}', '\u{1f0ff}'),
    ('\u{1f170}', '\u{1f171}'),
    ('\u{1f17e}', '\u{1f17f}'),
    ('\u{1f18e}', '\u{1f18e}'),
    ('\u{1f191}', '\u{1f19a}'),
    ('\u{1f300}', '\u{1f3fa}'),
    ('\u{1f400}', '\u{1f53d}'),
    ('\u{1f546}', '\u{1f64f}'),
    ('\u{1f680}', '\u{1f6ff}'),
    ('\u{1f7d5}', '\u{1f7ff}'),
    ('\u{1f90c}', '\u{1f93a}'),
    ('\u{1f93c}', '\u{1f945}'),
    ('\u{1f947}', '\u{1faff}'),
];

/// Scripts whose letters change their shape at a joiner, one script per row.
const JOINING: &[(char, char)] = &[
    ('\u{620}', '\u{6ff}'),
    ('\u{700}', '\u{74f}'),
    ('\u{750}', '\u{77f}'),
    ('\u{7c0}', '\u{7ff}'),
    ('\u{8a0}', '\u{8ff}'),
    ('\u{900}', '\u{97f}'),
    ('\u{980}', '\u{9ff}'),
    ('\u{a00}', '\u{a7f}'),
    ('\u{a80}', '\u{aff}'),
    ('\u{b00}', '\u{b7f}'),
    ('\u{b80}', '\u{bff}'),
    ('\u{c00}', '\u{c7f}'),
    ('\u{c80}', '\u{cff}'),
    ('\u{d00}', '\u{d7f}'),
    ('\u{d80}', '\u{dff}'),
    ('\u{1780}', '\u{17ff}'),
    ('\u{1800}', '\u{18af}'),
];

/// The signs of those scripts that Unicode does not count as letters, but that may precede a joiner: the viramas.
const VIRAMAS: &[char] = &[
    '\u{94d}', '\u{9cd}', '\u{a4d}', '\u{acd}', '\u{b4d}', '\u{bcd}', '\u{c4d}', '\u{ccd}', '\u{d4d}',
    '\u{dca}', '\u{17d2}',
];

/// Blocks written from right to left.
const RIGHT_TO_LEFT: &[(char, char)] = &[
    ('\u{590}', '\u{8ff}'),
    ('\u{fb1d}', '\u{fdff}'),
    ('\u{fe70}', '\u{fefe}'),
    ('\u{10800}', '\u{10fff}'),
    ('\u{1e800}', '\u{1efff}'),
];

/// Characters that always begin a cluster and that only marks can join: most characters of all names.
const SIMPLE: &[(char, char)] = &[
    (' ', '~'),
    ('\u{a1}', '\u{ac}'),
    ('\u{ae}', '\u{2ff}'),
    ('\u{370}', '\u{482}'),
    ('\u{48a}', '\u{52f}'),
    ('\u{5d0}', '\u{5ea}'),
    ('\u{621}', '\u{63a}'),
    ('\u{641}', '\u{64a}'),
    ('\u{2010}', '\u{2027}'),
    ('\u{2030}', '\u{205e}'),
    ('\u{2400}', '\u{2426}'),
    ('\u{2600}', '\u{27bf}'),
    ('\u{3041}', '\u{3096}'),
    ('\u{30a1}', '\u{30fa}'),
    ('\u{4e00}', '\u{9fff}'),
    ('\u{ac00}', '\u{d7a3}'),
    ('\u{1f300}', '\u{1f3fa}'),
    ('\u{1f400}', '\u{1faff}'),
];

fn within(table: &[(char, char)], c: char) -> Option<usize> {
    let after = table.partition_point(|&(first, _)| first <= c);
    let row = after.checked_sub(1)?;
    (c <= table[row].1).then_some(row)
}

/// Whether the character is dropped in any position.
pub(super) fn is_ignored(c: char) -> bool {
    // The last two of every plane are noncharacters.
    u32::from(c) & 0xfffe == 0xfffe || within(IGNORED, c).is_some()
}

/// Whether it can be part of an emoji sequence.
pub(super) fn is_picture(c: char) -> bool {
    within(PICTURES, c).is_some()
}

/// Whether it sets the skin tone of the emoji before it.
pub(super) fn is_skin_tone(c: char) -> bool {
    matches!(c, '\u{1f3fb}'..='\u{1f3ff}')
}

/// Whether it selects a variant of the character before it.
pub(super) fn is_variation_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether it is in a block of combining marks, which can follow any letter.
pub(super) fn is_common_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}')
        || matches!(c, '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Whether it is the joiner or the non-joiner.
pub(super) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Whether a joiner has meaning between these two: letters of one script that joins its letters.
pub(super) fn join_their_letters(left: char, right: char) -> bool {
    let letter = |c: char| c.is_alphabetic() || VIRAMAS.contains(&c);
    let script = within(JOINING, left);
    script.is_some() && script == within(JOINING, right) && letter(left) && letter(right)
}

/// Whether it is invisible but takes space.
pub(super) fn is_blank(c: char) -> bool {
    // The blank Braille pattern and the null notehead are the two symbols drawn as nothing.
    c.is_whitespace() || matches!(c, '\u{2800}' | '\u{1d159}')
}

/// Whether it is a letter written from right to left.
pub(super) fn is_right_to_left(c: char) -> bool {
    within(RIGHT_TO_LEFT, c).is_some()
}

/// Whether it always begins a cluster and only marks can join it.
pub(super) fn is_simple(c: char) -> bool {
    within(SIMPLE, c).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_in_order_and_without_overlap() {
        for table in [IGNORED, PICTURES, JOINING, RIGHT_TO_LEFT, SIMPLE] {
            assert!(table.iter().all(|(first, last)| first <= last));
            assert!(table.windows(2).all(|pair| pair[0].1 < pair[1].0), "{table:?}");
        }
    }
}
