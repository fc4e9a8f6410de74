//! Changing the text of a configuration, and writing it while others write it too.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use proptest::prelude::*;
use synod::{
    config::{
        Config, ConfigEntry, Environment, InstanceConfig, check,
        edit::{self, ConfigText, DraftName, EditError, EntryDraft, SecretReference},
        save::{self, SaveError},
    },
    domain::{
        base_url::BaseUrl,
        instance::{EntryPlace, GatewayKind},
        name::Name,
    },
    text::Text,
};
use tempfile::TempDir;

const PATH: &str = "/x/config.toml";

const THREE: &str = "\
# All of it.

# The first.
[[instance]]
name = 'ops' # mine
gateway = \"ryzeapi\"
instance = \"a\"
token = { env = \"A\" } # rotated in May
communities = [
  \"120363400000000001@g.us\", # Harbor
]
[instance.operations]
subgroup_limit = 40

# The second.
[[instance]]
name = \"shop\"
gateway = \"zapi\"
instance = { env = \"B\" }
token = { env = \"C\" }

[ui] # last
mouse = true
";

fn draft(label: &str, instance: &str) -> EntryDraft {
    EntryDraft {
        label: Name::new(label),
        gateway: GatewayKind::RyzeApi,
        base_url: None,
        instance: DraftName::Plain(instance.to_owned()),
        token: SecretReference::Variable("TOKEN".to_owned()),
        client_token: None,
    }
}

fn current(text: &str) -> ConfigText<'_> {
    ConfigText { path: Path::new(PATH), text }
}

fn loaded(text: &str) -> Config {
    let environment = Environment { home: Some(PathBuf::from("/home/ana")), ..Environment::default() };
    Config::of_text(Path::new(PATH), text, None, &environment).unwrap()
}

/// The entry with a name that no other entry has.
fn at(label: &str) -> EntryPlace {
    EntryPlace { label: label.to_owned(), line: 0, version: 0 }
}

fn usable<'a>(config: &'a Config, label: &str) -> &'a InstanceConfig {
    match config.entry(label) {
        Ok(ConfigEntry::Usable(instance)) => instance,
        other => panic!("{other:?}"),
    }
}

fn names(text: &str) -> String {
    let config = loaded(text);
    assert!(config.broken.is_empty(), "{:?}", config.broken);
    config.names()
}

fn said(error: &EditError) -> String {
    Text::english().tell(error)
}

#[test]
fn an_added_entry_is_read_back_and_nothing_before_it_changes() {
    let new = edit::add(current(THREE), &draft("third", "c")).unwrap();
    assert!(new.starts_with(THREE), "{new}");
    assert_eq!(names(&new), "\"ops\", \"shop\", \"third\"");
    let command = SecretReference::Command(vec!["op".to_owned(), "read \"x\"".to_owned(), String::new()]);
    let whole = EntryDraft {
        gateway: GatewayKind::Zapi,
        base_url: Some(BaseUrl::parse("https://host.example/api").unwrap()),
        instance: DraftName::Secret(SecretReference::File("secrets/a b.instance".to_owned())),
        token: command.clone(),
        client_token: Some(SecretReference::Variable("CLIENT".to_owned())),
        ..draft("fourth", "")
    };
    let new = edit::add(current(&new), &whole).unwrap();
    let config = loaded(&new);
    let fourth = usable(&config, "fourth");
    assert_eq!(fourth.base_url.as_str(), "https://host.example/api");
    assert!(fourth.client_token.is_some() && fourth.needs_command());
    assert!(new.contains("instance = { file = \"secrets/a b.instance\" }"), "{new}");
}

#[test]
fn an_entry_is_changed_in_its_place_and_keeps_comments_and_other_keys() {
    let changed = EntryDraft { token: SecretReference::Variable("NEW".to_owned()), ..draft("ops", "a") };
    let new = edit::change(current(THREE), &at("ops"), &changed).unwrap();
    assert_eq!(new, THREE.replace("env = \"A\"", "env = \"NEW\""));
    let renamed = EntryDraft { label: Name::new("first"), ..draft("", "z") };
    let new = edit::change(current(THREE), &at("ops"), &renamed).unwrap();
    assert_eq!(names(&new), "\"first\", \"shop\"");
    assert!(new.contains("name = \"first\" # mine\n") && new.contains("# rotated in May\n"), "{new}");
    assert!(matches!(
        edit::change(current(THREE), &at("none"), &renamed),
        Err(EditError::NoSuchEntry { .. })
    ));
    let taken = edit::change(current(THREE), &at("ops"), &draft("Shop", "a")).unwrap_err();
    assert!(said(&taken).contains("/x/config.toml:16: the name"), "{taken:?}");
}

#[test]
fn a_draft_of_an_entry_changes_nothing_until_somebody_changes_it() {
    let text =
        THREE.replace("token = { env = \"C\" }", "token=\"canary\" # here\nclient_token = { env = 'D' }");
    for text in [text.clone(), text.replace('\n', "\r\n")] {
        for label in ["ops", "shop"] {
            let draft = edit::draft_of(current(&text), &at(label)).unwrap();
            assert!(!format!("{draft:?}").contains("canary"), "{draft:?}");
            assert_eq!(edit::change(current(&text), &at(label), &draft).unwrap(), text);
        }
        let draft = edit::draft_of(current(&text), &at("shop")).unwrap();
        let moved = EntryDraft {
            base_url: Some(BaseUrl::parse("https://host.example").unwrap()),
            client_token: None,
            ..draft
        };
        let new = edit::change(current(&text), &at("shop"), &moved).unwrap();
        assert!(new.contains("token=\"canary\" # here") && !new.contains("client_token"), "{new}");
        assert_eq!(usable(&loaded(&new), "shop").base_url.as_str(), "https://host.example");
        let left = edit::remove(current(&text), &at("ops")).unwrap();
        assert!(left.starts_with("# All of it.") && !left.contains("# The first."), "{left}");
        assert_eq!(left.contains("\r\n"), text.contains("\r\n"));
        assert_eq!(left.matches('\n').count(), left.lines().count());
    }
    assert!(matches!(edit::draft_of(current(THREE), &at("none")), Err(EditError::NoSuchEntry { .. })));
}

#[test]
fn an_entry_is_removed_with_its_own_comments_only() {
    let new = edit::remove(current(THREE), &at("ops")).unwrap();
    assert_eq!(names(&new), "\"shop\"");
    assert!(new.starts_with("# All of it.\n") && !new.contains("# The first."), "{new}");
    assert!(new.contains("# The second.\n[[instance]]") && new.contains("[ui] # last"), "{new}");
    let new = edit::remove(current(THREE), &at("shop")).unwrap();
    assert_eq!(names(&new), "\"ops\"");
    assert!(!new.contains("# The second.") && new.contains("subgroup_limit = 40"), "{new}");
    assert!(matches!(edit::remove(current(THREE), &at("none")), Err(EditError::NoSuchEntry { .. })));
}

#[test]
fn of_entries_with_one_name_the_chosen_one_is_meant_as_long_as_the_file_is_the_same() {
    let entry = |name: &str, at: usize| {
        format!(
            "[[instance]]\nname = {name:?}\ngateway = \"ryzeapi\"\ninstance = \"i{at}\"\ntoken = {{ env = \"A\" }}\n\n"
        )
    };
    let text: String = ["n8", "N8", "n8"].into_iter().zip(0..).map(|(name, at)| entry(name, at)).collect();
    let version = loaded(&text).version;
    for (label, line, gone) in [("n8", 1, "i0"), ("N8", 7, "i1"), ("n8", 13, "i2")] {
        let chosen = EntryPlace { label: label.to_owned(), line, version };
        let left = edit::remove(current(&text), &chosen).unwrap();
        assert_eq!(left.matches("[[instance]]").count(), 2, "{left}");
        assert!(!left.contains(gone), "{label}: {left}");
        let draft = edit::draft_of(current(&text), &chosen).unwrap();
        assert_eq!(draft.instance, DraftName::Plain(gone.to_owned()));
        // Its name can be corrected.
        let renamed = EntryDraft { label: Name::new("n9"), ..draft };
        let new = edit::change(current(&text), &chosen, &renamed).unwrap();
        assert_eq!(new, text.replacen(&entry(label, line / 6), &entry("n9", line / 6), 1));
        // In another file, the line may be that of another entry.
        let swapped = format!("# Mine.\n{text}");
        let removed = edit::remove(current(&swapped), &chosen);
        assert_eq!(removed.is_ok(), label == "N8", "{removed:?}");
    }
}

#[test]
fn entries_in_a_list_are_read_and_not_changed() {
    let list =
        "# One.\ninstance = [{ name = 'a', gateway = 'ryzeapi', instance = 'b', token = { env = 'X' } }]\n";
    assert_eq!(names(list), "\"a\"");
    for error in [
        edit::add(current(list), &draft("c", "d")).unwrap_err(),
        edit::remove(current(list), &at("a")).unwrap_err(),
    ] {
        assert!(said(&error).contains("/x/config.toml:2: `instance` is a list here"), "{error:?}");
    }
}

#[test]
fn what_is_there_already_is_named_with_its_line() {
    let error = edit::add(current(THREE), &draft("OPS", "c")).unwrap_err();
    assert!(said(&error).contains("/x/config.toml:4: the name “OPS” is taken"), "{error:?}");
    let error = edit::add(current(THREE), &draft("third", "a")).unwrap_err();
    assert!(said(&error).contains("/x/config.toml:4: the entry in this line is the same"), "{error:?}");
    let broken = THREE.replace("gateway = \"zapi\"", "gateway = \"none\"");
    let error = edit::add(current(&broken), &draft("shop", "c")).unwrap_err();
    assert!(said(&error).contains("/x/config.toml:16: the name"), "{error:?}");
    for (text, words) in
        [("a = b", "line 1: This line is not valid TOML"), ("instance = 5", "double brackets")]
    {
        let error = edit::add(current(text), &draft("a", "b")).unwrap_err();
        assert!(said(&error).contains(words), "{error:?}");
    }
    // Another table's mistake does not prevent it.
    edit::add(current("[ui]\nmouse = 5\n"), &draft("a", "b")).unwrap();
}

proptest! {
    #[test]
    fn property_any_valid_name_is_written_as_it_is_read(label in "\\PC{1,40}", instance in "\\PC{1,60}") {
        let (Ok(label), Ok(instance)) = (check::label(&label), check::instance(&instance)) else { return Ok(()) };
        let draft = EntryDraft { label: label.clone(), ..draft("", &instance) };
        let text = edit::add(current("# first"), &draft).unwrap();
        let config = loaded(&text);
        prop_assert_eq!(config.instances[0].label.exact(), label.exact());
        let left = edit::remove(current(&text), &at(label.exact())).unwrap();
        prop_assert!(left.starts_with("# first"), "{}", left);
    }
}

#[test]
fn a_change_made_meanwhile_survives() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    for before in [Some("# old\n"), None] {
        if let Some(before) = before {
            fs::write(&path, before).unwrap();
        } else {
            fs::remove_file(&path).unwrap();
        }
        let mut seen = Vec::new();
        save::save(&path, |current| {
            seen.push(current.text.to_owned());
            if seen.len() <= 3 {
                // Somebody saves the file in an editor.
                fs::write(&path, format!("# edit {}\n", seen.len())).unwrap();
            }
            edit::add(current, &draft("ops", "a"))
        })
        .unwrap();
        assert_eq!(seen[1..], ["# edit 1\n", "# edit 2\n", "# edit 3\n"]);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("# edit 3\n") && text.contains("name = \"ops\""), "{text}");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_file_that_never_rests_is_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config.toml");
    let mut count = 0;
    let error = save::save(&path, |current| {
        count += 1;
        fs::write(&path, format!("# edit {count}\n")).unwrap();
        edit::add(current, &draft("ops", "a"))
    });
    assert!(matches!(error, Err(SaveError::Busy { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), format!("# edit {count}\n"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_secret_file_is_private_never_overwrites_and_goes_if_it_is_not_kept() {
    let folder = TempDir::new().unwrap();
    let config = folder.path().join("config.toml");
    let create = |label: &str, secret: &str| {
        save::SecretFile::create(&config, label, "token", &check::secret("token", secret).unwrap()).unwrap()
    };
    drop(create("ops", "one"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    create("../ops/", "one").keep();
    let second = create("..ops", "two");
    assert_eq!(second.reference(), SecretReference::File("secrets/ops-2.token".to_owned()));
    second.keep();
    create("\u{1f3b6}", "three").keep();
    let read = |name: &str| fs::read_to_string(folder.path().join("secrets").join(name)).unwrap();
    assert_eq!(
        (read("ops.token"), read("ops-2.token"), read("instance.token")),
        ("one\n".into(), "two\n".into(), "three\n".into())
    );
}
