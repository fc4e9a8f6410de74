//! Distinguishes keys typed by a person from text that arrives too fast for one, such as a paste without brackets. It
//! decides which actions may happen when: such text marks, plans and confirms nothing. It reads no clock: each key
//! comes with its time of arrival.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use tokio::time::Instant;

use super::input::{Arrived, Input};
use crate::app::{Context, Hurry, action::Action};

/// Characters closer together than this may be text. A key that confirms a plan must come later than this after any
/// other key.
const FAST: Duration = Duration::from_millis(150);

/// No person types characters closer together than this.
const INHUMAN: Duration = Duration::from_millis(50);

/// This many consecutive fast characters are text.
const RUN: u32 = 4;

/// How long a confirmation waits for another key: in text, more keys follow.
pub const HOLD: Duration = Duration::from_millis(50);

/// The recent keys, as far as needed to judge the pace of the next one.
#[derive(Debug, Default)]
pub struct Typing {
    last: Option<Instant>,
    /// The last character; keys that are no characters may have followed it.
    character: Option<KeyEvent>,
    run: u32,
}

/// The pace of a key.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// The time since the previous key.
    gap: Option<Duration>,
    /// The number of consecutive fast characters up to this one.
    run: u32,
    /// The number of characters that are already there after it.
    following: u32,
    /// Whether it was read alone.
    is_alone: bool,
}

/// The decision about an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Do,
    /// Do it unless another key follows at once.
    Wait,
    /// Do not do it.
    Refuse(Hurry),
}

impl Typing {
    /// Records a key and its action, if it has one, and returns its pace.
    pub fn take(&mut self, key: KeyEvent, arrived: Arrived, action: Option<Action>) -> Pace {
        let gap = self.last.map(|before| arrived.at.saturating_duration_since(before));
        let is_repeat = self.character == Some(key);
        self.last = Some(arrived.at);
        let is_fast = gap.is_some_and(|gap| gap < FAST);
        let is_inhuman = !arrived.is_alone || gap.is_some_and(|gap| gap < INHUMAN);
        self.run = match action {
            // Arrows and control characters amid fast text are part of it, and so is anything that nobody can press so fast.
            // An Esc that somebody presses ends it.
            _ if !is_character(key) && is_fast && (is_inhuman || is_part_of_text(key)) => self.run,
            _ if !is_character(key) => 0,
            // A key that is held down repeats. People also press the same key and a movement in turn.
            _ if is_fast && is_repeat => self.run,
            // People type fast in a text field, but they do not type text into a list.
            Some(Action::Edit(_)) if !is_inhuman => 0,
            Some(Action::Go(_)) if is_fast && !is_inhuman => self.run,
            _ if is_fast => self.run + 1,
            _ => 1,
        };
        let moves = matches!(action, Some(Action::Go(_))) && !is_inhuman;
        if is_character(key) && !moves {
            self.character = Some(key);
        }
        Pace { gap, run: self.run, following: arrived.following, is_alone: arrived.is_alone }
    }
}

/// Counts for each key of some input the characters that follow it faster than a person types.
pub fn count_following(inputs: &mut [(Input, Arrived)]) {
    let mut later: Option<(KeyEvent, Instant, u32)> = None;
    for (input, arrived) in inputs.iter_mut().rev() {
        let Input::Key(key) = input else {
            later = None;
            continue;
        };
        let is_inhuman = |at: &Instant| at.saturating_duration_since(arrived.at) < INHUMAN;
        let (next, count) = match later {
            Some((next, at, count)) if is_inhuman(&at) => (Some(next), count),
            _ => (None, 0),
        };
        // A key that repeats is one of those that are counted.
        arrived.following = count.saturating_sub(u32::from(next == Some(*key)));
        later = Some(match next {
            // Other keys amid text are part of it.
            Some(next) if !is_character(*key) => (next, arrived.at, count),
            Some(next) if next == *key => (*key, arrived.at, count),
            _ => (*key, arrived.at, count + u32::from(is_character(*key))),
        });
    }
}

fn is_part_of_text(key: KeyEvent) -> bool {
    let is_control = matches!(key.code, KeyCode::Char(_)) && key.modifiers.contains(KeyModifiers::CONTROL);
    is_control || matches!(key.code, KeyCode::Up | KeyCode::Down | KeyCode::Left | KeyCode::Right)
}

fn is_character(key: KeyEvent) -> bool {
    let is_plain = (key.modifiers - KeyModifiers::SHIFT).is_empty();
    matches!(key.code, KeyCode::Char(_) | KeyCode::Enter | KeyCode::Tab) && is_plain
}

/// Decides about an action from the pace of its key. `confirms` says whether it would carry out the plan on the screen.
pub fn judge(action: Action, context: Context, confirms: bool, pace: Pace) -> Verdict {
    let Pace { gap, run, following, is_alone } = pace;
    let is_text = run + following >= RUN;
    let comes_within = |time: Duration| !is_alone || gap.is_some_and(|gap| gap < time);
    match action {
        Action::Edit(_) if confirms => {
            if is_text || comes_within(INHUMAN) {
                Verdict::Refuse(Hurry::Typed)
            } else {
                Verdict::Wait
            }
        }
        Action::Confirm => match (is_text || comes_within(FAST), confirms) {
            (true, _) => Verdict::Refuse(Hurry::Confirm),
            (false, true) => Verdict::Wait,
            (false, false) => Verdict::Do,
        },
        // People press Enter as fast as they type.
        Action::Accept if is_text && comes_within(INHUMAN) && acts(context) => Verdict::Refuse(Hurry::Act),
        Action::Mark(_)
        | Action::Plan(_)
        | Action::FollowUp(_)
        | Action::Run(_)
        | Action::SkipChecks
        | Action::ChangeTarget
        | Action::TurnIntoMoves
        | Action::FindCommunities
        | Action::ForgetCommunity
        | Action::Connect(_)
        | Action::Quit
            if is_text =>
        {
            Verdict::Refuse(Hurry::Act)
        }
        _ => Verdict::Do,
    }
}

/// Whether Enter does more in a context than open something or keep a filter.
fn acts(context: Context) -> bool {
    matches!(
        context,
        Context::Target
            | Context::Palette
            | Context::ConnectNumber
            | Context::FindingAdd
            | Context::FileName
            | Context::StateFile
            | Context::Entry
    )
}

#[cfg(test)]
mod tests {
    use tui_input::InputRequest;

    use super::*;
    use crate::app::action::{Marking, Motion, Planned};

    const MARK: Action = Action::Mark(Marking::Toggle);

    /// The end of a line, or a bell, amid fast text.
    #[test]
    fn a_control_character_within_fast_text_is_part_of_it() {
        for milliseconds in [0, 9, 40, 90] {
            let (mut typing, mut at) = (Typing::default(), Instant::now());
            let mut run = 0;
            let letters = "wxyz".chars().map(|letter| (letter, KeyModifiers::NONE));
            for (code, modifiers) in letters.chain([('j', KeyModifiers::CONTROL), ('l', KeyModifiers::NONE)])
            {
                at += Duration::from_millis(milliseconds);
                let key = KeyEvent::new(KeyCode::Char(code), modifiers);
                run = typing.take(key, Arrived::alone(at), None).run;
            }
            assert!(run >= RUN, "{milliseconds} ms: {run}");
        }
    }

    #[test]
    fn an_arrow_amid_fast_text_does_not_end_it() {
        let (mut typing, mut at, mut run) = (Typing::default(), Instant::now(), 0);
        for letter in "wxyz".chars() {
            for code in [KeyCode::Down, KeyCode::Char(letter)] {
                at += Duration::from_millis(90);
                run = typing.take(code.into(), Arrived::alone(at), None).run;
            }
        }
        assert!(run >= RUN, "{run}");
    }

    /// Somebody marks one row after another, with the arrows or with `j`.
    #[test]
    fn marking_and_moving_in_turn_are_no_text() {
        for down in [KeyCode::Down, KeyCode::Char('j')] {
            let (mut typing, mut at) = (Typing::default(), Instant::now());
            let mut press = |key: KeyCode, action| {
                at += Duration::from_millis(90);
                judge(
                    action,
                    Context::Panes,
                    false,
                    typing.take(key.into(), Arrived::alone(at), Some(action)),
                )
            };
            for _ in 0..10 {
                assert_eq!(press(KeyCode::Char(' '), MARK), Verdict::Do);
                press(down, Action::Go(Motion::Down));
            }
            let link = Action::Plan(Planned::Link);
            assert_eq!(press(KeyCode::Char('l'), link), Verdict::Do, "{down:?}");
        }
    }

    #[test]
    fn what_follows_at_once_is_counted_and_repeats_and_pauses_are_not() {
        let count = |text: &str, milliseconds: u64| {
            let begun = Instant::now();
            let arrived = |place: u32| Arrived::alone(begun + place * Duration::from_millis(milliseconds));
            let keys = text.chars().map(|letter| Input::Key(KeyCode::Char(letter).into()));
            let mut inputs: Vec<_> = keys.zip((0..).map(arrived)).collect();
            count_following(&mut inputs);
            inputs.iter().map(|(_, arrived)| arrived.following).collect::<Vec<_>>()
        };
        assert_eq!(count("a lb", 0), [3, 2, 1, 0]);
        assert_eq!(count("    ", 0), [0, 0, 0, 0]);
        assert_eq!(count(" jj ", 49), [2, 1, 1, 0]);
        assert_eq!(count("a lb", 50), [0, 0, 0, 0]);
    }

    /// The verdict on the last of some keys that arrive at a steady pace.
    fn last(keys: &[(char, Action)], milliseconds: u64, confirms: bool) -> Verdict {
        let (mut typing, mut at) = (Typing::default(), Instant::now());
        let mut verdict = Verdict::Do;
        for (letter, action) in keys {
            at += Duration::from_millis(milliseconds);
            let key = KeyEvent::from(KeyCode::Char(*letter));
            let pace = typing.take(key, Arrived::alone(at), Some(*action));
            verdict = judge(*action, Context::Plan, confirms, pace);
        }
        verdict
    }

    #[test]
    fn four_fast_characters_are_text_and_three_are_not() {
        let text =
            [('O', Action::Operations), ('n', Action::Help), ('l', Action::Plan(Planned::Link)), (' ', MARK)];
        assert_eq!(last(&text, 149, false), Verdict::Refuse(Hurry::Act));
        assert_eq!(last(&text, 150, false), Verdict::Do);
        assert_eq!(last(&text[1..], 1, false), Verdict::Do);
    }

    #[test]
    fn held_keys_and_movement_are_not_text() {
        assert_eq!(last(&[(' ', MARK); 40], 30, false), Verdict::Do);
        let (down, up) = (('j', Action::Go(Motion::Down)), ('k', Action::Go(Motion::Up)));
        assert_eq!(last(&[down, up, down, up, down, (' ', MARK)], 60, false), Verdict::Do);
        assert_eq!(last(&[down, up, down, up, down, (' ', MARK)], 1, false), Verdict::Refuse(Hurry::Act));
    }

    #[test]
    fn text_typed_into_a_field_is_ignored() {
        let edit = |letter| (letter, Action::Edit(InputRequest::InsertChar(letter)));
        let typed = [edit('a'), edit('b'), edit('c'), edit('d'), ('a', Action::Mark(Marking::All))];
        assert_eq!(last(&typed, 90, false), Verdict::Do);
        assert_eq!(last(&typed, 5, false), Verdict::Refuse(Hurry::Act));
        assert_eq!(last(&typed[..4], 90, true), Verdict::Wait, "a number that people type");
        assert_eq!(last(&typed[..2], 5, true), Verdict::Refuse(Hurry::Typed));
    }

    #[test]
    fn a_plan_is_confirmed_by_a_separate_and_late_key() {
        let keys = [('j', Action::Go(Motion::Down)), ('y', Action::Confirm)];
        assert_eq!(last(&keys, 149, true), Verdict::Refuse(Hurry::Confirm));
        assert_eq!(last(&keys, 150, true), Verdict::Wait);
        let arrived = Arrived { is_alone: false, ..Arrived::alone(Instant::now()) };
        let pace = Typing::default().take(KeyCode::Char('y').into(), arrived, Some(Action::Confirm));
        assert_eq!(judge(Action::Confirm, Context::Plan, true, pace), Verdict::Refuse(Hurry::Confirm));
    }
}
