//! Users' expectations of a program in a terminal, each with the tests that prove it. A test checks that the named tests
//! exist.

mod keys;
mod names;
mod sizes;

use std::{collections::BTreeSet, fs, path::Path};

/// A convention, and the tests that prove it: `it::…` in this folder, `synod::…` in `src`.
struct Convention {
    number: usize,
    says: &'static str,
    proofs: &'static [&'static str],
}

const CONVENTIONS: &[Convention] = &[
    Convention {
        number: 1,
        says: "the terminal is given back on quit, error, panic and every signal, before any message is printed",
        proofs: &[
            "it::pty::q_quits_and_restores_the_terminal",
            "it::pty::a_signal_ends_it_and_restores_the_terminal",
            "it::pty::a_panic_restores_the_terminal_before_its_message",
            "it::event_loop::a_failed_frame_ends_it",
            "it::mouse::it_is_released_after_a_signal_and_a_panic",
        ],
    },
    Convention {
        number: 2,
        says: "it ends when the terminal is gone, and the journal is whole",
        proofs: &[
            "it::pty::it_ends_when_the_line_drops",
            "it::pty::it_ends_when_the_terminal_goes_away_without_a_signal",
            "it::pty::it_ends_when_the_terminal_goes_away_with_hangups_ignored",
            "it::deaths::a_terminal_that_closes_during_a_run_loses_nothing",
            "it::flows::control::a_lost_terminal_ends_at_once_with_what_was_in_flight_on_record",
        ],
    },
    Convention {
        number: 3,
        says: "a stranger's name can neither drive the terminal nor forge a row",
        proofs: &[
            "it::conventions::names::no_byte_of_a_strangers_name_controls_the_terminal",
            "it::conventions::names::no_window_of_any_action_shows_terminal_control_characters",
            "it::screens::hostile_names",
            "it::flows::any_keys::property_nothing_is_sent_without_a_confirmed_plan",
            "it::cli::json::a_strangers_name_controls_no_terminal",
        ],
    },
    Convention {
        number: 4,
        says: "a program that waits costs nothing",
        proofs: &[
            "it::pty::an_idle_program_writes_nothing",
            "it::event_loop::nothing_wakes_an_idle_program",
            "it::flows::control::an_idle_program_draws_nothing",
        ],
    },
    Convention {
        number: 5,
        says: "a frame is one write of a few bytes, synchronized, after all input that waits",
        proofs: &[
            "it::painter::a_cursor_move_is_under_a_hundred_bytes",
            "it::painter::a_page_of_other_rows_is_under_fourteen_hundred_bytes",
            "it::painter::an_unchanged_frame_has_no_bytes",
            "it::event_loop::queued_keys_share_one_frame_and_are_drawn_at_once",
            "it::pty::the_first_frame_comes_with_the_screen_and_without_questions",
        ],
    },
    Convention {
        number: 6,
        says: "keys survive being split, and a real Esc acts within 50 ms",
        proofs: &[
            "it::pty::an_arrow_key_survives_being_split",
            "it::event_loop::a_split_arrow_is_one_key_and_a_real_esc_acts_within_fifty_milliseconds",
            "it::tui::input::decoder::a_lone_esc_waits_25_ms_here_and_100_ms_over_a_network",
            "it::tui::input::decoder::a_key_is_put_together",
            "it::tui::input::decoder::a_report_of_the_mouse_is_put_together",
        ],
    },
    Convention {
        number: 7,
        says: "the keys are one table that help, footer, palette and documentation follow, and a mistake in it is told",
        proofs: &[
            "it::conventions::keys::a_mistake_in_the_keys_is_reported_with_its_line_before_the_screen_is_used",
            "it::conventions::keys::the_documentation_has_every_action_with_its_keys",
            "it::conventions::keys::the_keys_that_everyone_tries_do_what_they_expect",
            "it::flows::palette::rebound_keys_are_listed_as_they_are",
            "synod::tui::keymap::a_key_that_needs_a_keyboard_protocol_is_refused",
            "synod::tui::keymap::no_letter_is_a_command_while_a_field_accepts_it",
        ],
    },
    Convention {
        number: 8,
        says: "Esc goes back one level, q quits from the root alone, Ctrl-C stops, Ctrl-Z suspends",
        proofs: &[
            "it::flows::control::quitting_while_something_runs_asks_first",
            "it::flows::control::quitting_when_nothing_runs_does_not_ask_and_escape_never_quits",
            "it::flows::control::ctrl_c_stops_the_operation_and_a_second_one_quits",
            "it::flows::control::suspending_is_refused_while_something_runs",
            "it::pty::a_suspended_program_gives_the_shell_its_terminal_and_repaints_when_it_is_back",
        ],
    },
    Convention {
        number: 9,
        says: "nothing irreversible without names, a count and more than Enter",
        proofs: &[
            "it::flows::safety::enter_does_nothing_irreversible_anywhere",
            "it::flows::safety::a_leave_needs_its_exact_number",
            "it::flows::safety::read_only_plans_and_sends_nothing",
            "it::flows::palette::enter_in_the_palette_confirms_nothing",
        ],
    },
    Convention {
        number: 10,
        says: "all means all shown, marks are by id, and the set that is sent is the set that is shown",
        proofs: &[
            "it::flows::any_keys::property_the_sent_groups_are_the_shown_groups",
            "it::flows::marks::marks_survive_filter_sort_refresh_and_a_change_of_pane",
            "it::flows::marks::all_marks_only_what_the_filter_shows",
            "it::flows::marks::the_plan_lists_marked_groups_that_a_filter_hides",
        ],
    },
    Convention {
        number: 11,
        says: "each group has its outcome with a reason, and a retry takes only what failed",
        proofs: &[
            "it::flows::outcomes::a_refusal_is_shown_with_the_gateways_words",
            "it::flows::outcomes::a_request_lost_twice_is_unknown",
            "it::flows::again::contradicted_items_are_retried_from_the_pane",
            "it::cli::operations_are_listed_shown_exported_and_pruned",
        ],
    },
    Convention {
        number: 12,
        says: "right in sixteen colours, on light and dark, and without colours",
        proofs: &[
            "it::screens::themes",
            "it::screens::without_colours",
            "it::pty::no_color_removes_colours_and_keeps_attributes",
            "it::pty::colours_are_the_terminals_own",
            "it::themes::a_terminal_gets_only_the_colours_that_it_supports",
            "it::tui::theme::every_colour_can_be_read_on_the_background_that_its_theme_assumes",
        ],
    },
    Convention {
        number: 13,
        says: "any size, and all of it at 80×24",
        proofs: &[
            "it::conventions::sizes::every_window_works_at_every_size",
            "it::conventions::sizes::a_terminal_may_change_its_size_at_any_time",
            "it::pty::it_starts_at_any_size",
            "it::pty::it_works_at_any_size",
            "it::flows::verbs::the_same_on_a_small_terminal",
        ],
    },
    Convention {
        number: 14,
        says: "without a terminal a clear error and exit code 2, never a hang; data alone on standard output",
        proofs: &[
            "it::conventions::keys::a_dumb_terminal_is_refused_with_the_commands",
            "it::cli::pipes::a_screen_without_a_terminal_names_the_commands",
            "it::cli::json::every_line_matches_the_schema",
            "it::cli::pipes::a_closed_pipe_ends_quietly",
        ],
    },
    Convention {
        number: 15,
        says: "secrets from the environment, a private file or a command; never in argv, a log, a report or on the screen",
        proofs: &[
            "it::config::secrets_are_read_from_every_source",
            "it::contract_canary::no_answer_reveals_a_secret",
            "it::contract_canary::an_instance_that_cannot_be_opened_shows_no_secret",
            "it::flows::trouble::a_wrong_token",
            "it::cli::doctor::a_sound_setup_has_no_fault_and_shows_no_secret",
        ],
    },
    Convention {
        number: 16,
        says: "the focus and the cursor can be seen without colours",
        proofs: &[
            "it::flows::screen::without_colours_the_focus_and_the_cursor_can_be_seen",
            "it::tui::theme::the_cursor_is_a_bar_over_the_whole_row_at_every_depth",
            "it::tui::theme::the_title_with_the_focus_differs_without_colours",
        ],
    },
    Convention {
        number: 17,
        says: "no reason is cut without a way to read it, and a message covers nothing",
        proofs: &[
            "it::flows::screen::no_reason_is_cut",
            "it::flows::screen::a_message_of_two_lines_covers_nothing",
            "it::flows::walk::a_reason_that_its_row_cuts_is_shown_below",
        ],
    },
];

/// The tests in a file, by the names of their functions.
fn tests_of(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut is_test = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[test]") || line.starts_with("#[rstest]") || line.starts_with("#[tokio::test") {
            is_test = true;
        }
        let function =
            line.trim_start_matches("pub(crate) ").trim_start_matches("async ").strip_prefix("fn ");
        if let Some(rest) = function {
            let name = rest.split(['(', '<']).next().unwrap_or_default();
            if std::mem::take(&mut is_test) {
                found.insert(name);
            }
        }
    }
    found
}

/// Whether a test of this name exists; the tests of a module may be in a separate file beside it.
pub(crate) fn exists(proof: &str) -> bool {
    let (folder, path) = match proof.split_once("::") {
        Some(("it", path)) => ("tests/it", path),
        Some(("synod", path)) => ("src", path),
        _ => return false,
    };
    let Some((module, name)) = path.rsplit_once("::") else { return false };
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join(module.replace("::", "/"));
    let files = [base.with_extension("rs"), base.join("tests.rs")];
    files.iter().any(|file| fs::read_to_string(file).is_ok_and(|text| tests_of(&text).contains(name)))
}

#[test]
fn every_convention_is_proved_by_tests() {
    let numbers: Vec<usize> = CONVENTIONS.iter().map(|convention| convention.number).collect();
    assert_eq!(numbers, (1..=CONVENTIONS.len()).collect::<Vec<_>>());
    for Convention { number, says, proofs } in CONVENTIONS {
        assert!(!proofs.is_empty(), "{number}: {says}");
        for proof in *proofs {
            assert!(exists(proof), "{number}, {says}: there is no test {proof}");
        }
    }
}

#[test]
fn the_rule_of_conventions_can_fail() {
    for missing in
        ["it::pty::no_such_test", "it::pty::demo", "synod::tui::keymap::check", "it::nothing::at_all", "x"]
    {
        assert!(!exists(missing), "{missing}");
    }
    assert_eq!(
        tests_of("#[test]\nfn one() {}\nfn two() {}\n#[rstest]\n#[case(1)]\nasync fn three<T>()"),
        ["one", "three"].into()
    );
}
