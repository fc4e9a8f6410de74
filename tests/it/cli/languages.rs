//! The requested language, or the language of the environment; and the output that is the same in all of them.

use serde_json::Value;

use super::sandbox::{CliSandbox, Ended};

#[test]
fn the_requested_language_has_precedence_over_the_environment() {
    let sandbox = CliSandbox::new();
    let place = |arguments: &[&str], locale: &[(&str, &str)]| {
        let ended = sandbox
            .run_in(&[arguments, &["list", "groups", "--community", "Harbor Clinics"]].concat(), locale);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.stdout.lines().find(|line| line.contains(" Harbor Clinics ")).unwrap_or_default().to_owned()
    };
    let english = "announcements of Harbor Clinics";
    let translated = "avisos de Harbor Clinics";
    for (arguments, locale, words) in [
        (&["--lang", "pt-BR"][..], &[][..], translated),
        (&["--lang", "en"], &[("LC_ALL", "pt_BR.UTF-8")], english),
        (&[], &[("LANG", "es_MX.UTF-8")], translated),
        (&[], &[("LANG", "pt_BR.UTF-8"), ("LC_ALL", "C.UTF-8")], english),
        (&[], &[("LANG", "C.UTF-8"), ("LC_MESSAGES", "pt_PT.UTF-8")], translated),
        (&[], &[("LANG", "es_ES.UTF-8"), ("LC_MESSAGES", ""), ("LC_ALL", "")], translated),
        (&[], &[("LANG", "ja_JP.UTF-8")], english),
    ] {
        let line = place(arguments, locale);
        assert!(line.contains(words), "{arguments:?} {locale:?}: {line}");
    }
}

#[test]
fn an_unknown_language_is_reported_with_the_known_ones() {
    let sandbox = CliSandbox::new();
    let known = "en (English), pt-BR (português), es (español)";
    let ended = sandbox.run_in(&["list", "instances", "--lang", "de"], &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""));
    assert_eq!(ended.stderr, format!("synod: There is no language “de”. Known languages: {known}.\n"));
    let ended = sandbox.run_in(&["--lang", "x", "doctor"], &[("LANG", "pt_BR.UTF-8")]);
    assert_eq!(ended.stderr, format!("synod: Não existe o idioma “x”. Idiomas: {known}.\n"));
}

#[test]
fn an_operation_is_reported_in_the_language_and_its_codes_stay() {
    let sandbox = CliSandbox::new();
    let arguments = ["link", "Kitchen", "Parking", "--to", "Harbor Clinics", "--yes"];
    let ended = sandbox.run_in(&arguments, &[("LANG", "pt_BR.UTF-8")]);
    assert_eq!(ended.code, Some(3), "{ended:?}");
    for words in [
        "Plano: vincular 2 grupos a Harbor Clinics",
        "✓ verificado",
        "✗ recusado",
        "o número não tem permissão (“not-authorized”)",
        "Operação #1 encerrada: ✓ 1 verificado  ✗ 1 recusado",
    ] {
        assert!(ended.stdout.contains(words), "{words}: {ended:?}");
    }
    let shown = sandbox.run_in(&["operations", "show", "1", "--lang", "es"], &[]);
    assert!(shown.stdout.contains("✗ rechazado"), "{shown:?}");
}

#[test]
fn a_mistake_in_the_configuration_is_reported_in_the_language() {
    let sandbox = CliSandbox::new();
    sandbox.write("config.toml", "[[instance]]\nname = 7\n");
    for (locale, words) in [
        ("C.UTF-8", ", line 1: `gateway` is missing here.\nFor example: gateway = "),
        ("pt_BR.UTF-8", ", linha 1: Falta `gateway` aqui.\nPor exemplo: gateway = "),
        ("es_CO.UTF-8", ", línea 1: Aquí falta `gateway`.\nPor ejemplo: gateway = "),
    ] {
        let ended = sandbox.run_in(&["list", "groups"], &[("LANG", locale)]);
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(words), "{locale}: {}", ended.stderr);
    }
    let none = sandbox.run_in(&["--config", "none.toml", "--lang", "pt"], &[]);
    let checked = sandbox.run_in(&["doctor", "--config", "none.toml", "--lang", "pt"], &[]);
    assert!(none.code == Some(2) && checked.stdout.contains("✗    configuração"), "{none:?} {checked:?}");
    assert!(checked.stdout.contains("Ou escreva a configuração você mesmo: comece com isto"), "{checked:?}");
}

#[test]
fn an_unusable_journal_is_reported_in_the_language() {
    let sandbox = CliSandbox::new();
    sandbox.write("file", "");
    for (locale, words) in [
        ("C.UTF-8", "the state directory file is not a directory: move that file away"),
        ("pt_BR.UTF-8", "a pasta de estado file não é uma pasta: tire dali"),
        ("es_CL.UTF-8", "la carpeta de estado file no es una carpeta: quite lo que hay"),
    ] {
        for command in [&["operations"][..], &["link", "Kitchen", "--to", "Harbor Clinics", "--yes"]] {
            let ended = sandbox.run_in(&[command, &["--state-dir", "file"]].concat(), &[("LANG", locale)]);
            assert_eq!(ended.code, Some(1), "{ended:?}");
            assert!(ended.stderr.contains(words), "{locale}: {}", ended.stderr);
        }
    }
}

#[test]
fn json_is_the_same_in_every_language() {
    // Two runs differ only in the time of each line.
    let lines = |ended: &Ended| {
        let mut events = ended.events();
        for event in &mut events {
            let event = event.as_object_mut().unwrap();
            event.remove("time");
            // The doctor repeats the locale, and reports the remaining requests and disk space.
            let counts = ["locale", "budget", "free_space"];
            if event.get("subject").and_then(Value::as_str).is_some_and(|subject| counts.contains(&subject)) {
                event.remove("words");
            }
        }
        events
    };
    for arguments in [
        &["list", "instances", "--json"][..],
        &["list", "communities", "--json"],
        &["list", "groups", "--json"],
        &["link", "Kitchen", "Class 1A", "--to", "Harbor Clinics", "--dry-run", "--json"],
        &["leave", "Kitchen", "--dry-run", "--json"],
        &["operations", "list", "--json"],
        &["doctor", "--json"],
    ] {
        let sandbox = CliSandbox::new();
        let english = sandbox.run_in(arguments, &[]);
        for locale in ["pt_BR.UTF-8", "es_AR.UTF-8"] {
            let other = sandbox.run_in(arguments, &[("LANG", locale)]);
            assert_eq!(other.code, english.code, "{arguments:?}");
            assert_eq!(lines(&other), lines(&english), "{arguments:?} {locale}");
        }
        assert!(arguments[0] == "operations" || !english.stdout.is_empty());
    }
}
