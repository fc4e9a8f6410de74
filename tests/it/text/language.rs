//! Which language a locale, a tag or an environment chooses.

use synod::text::Language;

#[test]
fn locales_and_tags_name_their_language() {
    for (locale, language) in [
        ("pt", Language::Portuguese),
        ("pt_BR.UTF-8", Language::Portuguese),
        ("pt_PT", Language::Portuguese),
        ("es", Language::Spanish),
        ("es_AR.UTF-8", Language::Spanish),
        ("es_ES@euro", Language::Spanish),
        ("es_419", Language::Spanish),
        ("en_GB.UTF-8", Language::English),
        ("C", Language::English),
        ("C.UTF-8", Language::English),
        ("POSIX", Language::English),
        ("de_DE.UTF-8", Language::English),
        ("est", Language::English),
        ("", Language::English),
    ] {
        assert_eq!(Language::of_locale(locale), language, "{locale}");
    }
    assert_eq!(Language::of_tag("PT-br"), Some(Language::Portuguese));
    for none in ["", "C", "de", "portuguese", "es-", "es ", "pt_BR.UTF-8"] {
        assert_eq!(Language::of_tag(none), None, "{none}");
    }
    for language in Language::ALL {
        assert_eq!(Language::of_tag(language.tag()), Some(language));
    }
}

#[test]
fn the_first_variable_that_holds_anything_decides() {
    let chosen = |set: &[(&str, &str)]| {
        Language::of_environment(|name| {
            set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    };
    assert_eq!(chosen(&[]), Language::English);
    assert_eq!(chosen(&[("LANG", "pt_BR.UTF-8")]), Language::Portuguese);
    assert_eq!(chosen(&[("LC_MESSAGES", "es_CL"), ("LANG", "pt_BR")]), Language::Spanish);
    assert_eq!(chosen(&[("LC_ALL", "C"), ("LC_MESSAGES", "es"), ("LANG", "pt")]), Language::English);
    assert_eq!(chosen(&[("LC_ALL", ""), ("LC_MESSAGES", ""), ("LANG", "pt")]), Language::Portuguese);
    assert_eq!(chosen(&[("LC_CTYPE", "pt_BR.UTF-8")]), Language::English);
}
