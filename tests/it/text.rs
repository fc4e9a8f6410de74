//! Texts for people: each file tests the file of `src/text` with the same path.

mod format;
mod language;
mod width;

use synod::{
    domain::{
        community::CommunityRef,
        id::{CommunityId, GroupId},
        message::Message,
        name::Name,
        plan::Verb,
    },
    text::*,
};

#[test]
fn a_name_without_visible_characters_shows_the_tail_of_its_id() {
    let text = Text::english();
    assert_eq!(shown_name(&text, &Name::new("\u{200b}"), "0001"), "(no name) …0001");
    assert_eq!(shown_name(&text, &Name::new("Choir"), "0001"), "Choir");
    let id = GroupId::parse("120363400000000011@g.us").unwrap();
    assert_eq!(text.name_or_tail(None::<&Name>, &id), "(no name) …0011");
    assert_eq!(text.name_or_tail(Some(&Name::new("")), &id), "(no name) …0011");
}

#[test]
fn nothing_invisible_surrounds_variables() {
    let text = Text::english();
    let said = text.with("name-none", &[("tail", "12".into())]);
    assert!(!said.contains(['\u{2068}', '\u{2069}']), "{said:?}");
}

/// An undo takes groups back to several communities.
#[test]
fn a_change_names_its_community_only_if_there_is_one_for_all_groups() {
    let id = CommunityId::parse("120363400000000001@g.us").unwrap();
    let harbor = CommunityRef { id, name: Some(Name::new("Harbor")) };
    for (language, to_one, to_several) in [
        (Language::English, "move 2 groups to Harbor", "move 2 groups"),
        (Language::Portuguese, "mover 2 grupos para Harbor", "mover 2 grupos"),
        (Language::Spanish, "mover 2 grupos a Harbor", "mover 2 grupos"),
    ] {
        let text = Text::of(language);
        assert_eq!(text.task(Verb::Move, 2, Some(&harbor), false), to_one);
        assert_eq!(text.task(Verb::Move, 2, None, false), to_several);
    }
    assert_eq!(Text::english().task(Verb::Link, 1, None, false), "link 1 group");
}

#[test]
fn a_proxys_page_is_shown_with_its_status_if_known() {
    use synod::domain::failure::{Failure, FailureKind::NotJson};
    let page = Failure::new(NotJson).with_status(403);
    for (language, words) in [
        (Language::English, "a proxy or protection page answered with 403"),
        (Language::Portuguese, "uma página de proxy ou de proteção respondeu com 403"),
        (Language::Spanish, "una página de proxy o de protección respondió con 403"),
    ] {
        assert_eq!(Text::of(language).failure(&page), words);
    }
    let unknown = Text::english().failure(&Failure::new(NotJson));
    assert_eq!(unknown, "the answer is not JSON, probably a proxy's page");
}

#[test]
fn a_message_is_displayed_in_english() {
    let inner = Message::new("file-system").put("why", "no such device");
    let message = Message::new("store-not-writable").put("file", "/state/synod.db").put("why", inner);
    let shown = message.to_string();
    assert!(shown.contains("/state/synod.db") && shown.contains("no such device"), "{shown}");
    assert!(!shown.contains("store-not-writable"), "{shown}");
}

#[test]
fn a_missing_key_shows_itself() {
    let missing = "no-such-key";
    assert_eq!(Text::english().say(missing), "no-such-key");
}
