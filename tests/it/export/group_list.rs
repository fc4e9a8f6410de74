//! Lists of groups from files and commands, in every form.

use proptest::prelude::*;
use rstest::rstest;

use synod::export::group_list::*;

/// The last meaning of each line.
fn meant(content: &str) -> Vec<(usize, String)> {
    let last = |line: Line| (line.number, line.readings.last().cloned().unwrap_or_default());
    read(content).into_iter().map(last).collect()
}

fn named(names: &[(usize, &str)]) -> Vec<(usize, String)> {
    names.iter().map(|(number, name)| (*number, (*name).to_owned())).collect()
}

#[rstest]
#[case::text("\u{feff}Board\r\n\n  Choir \n", &[(1, "Board"), (3, "Choir")])]
#[case::decorated("- Board\n1. Radiology\nLab results;41\n", &[(1, "Board"), (2, "Radiology"), (3, "Lab results")])]
#[case::quoted("\"Lab, results\",41\n\"The \"\"Board\"\"\"\n", &[(1, "Lab, results"), (2, "The \"Board\"")])]
#[case::id_and_name("120363400000000011@g.us;Board\n", &[(1, "120363400000000011@g.us")])]
#[case::carriage_returns("Board\r\rChoir\r", &[(1, "Board"), (3, "Choir")])]
#[case::table_of_carriage_returns("Nome;Membros\rBoard;41\rChoir;3", &[(2, "Board"), (3, "Choir")])]
#[case::empty_column("Board;\nChoir,,\n", &[(1, "Board"), (2, "Choir")])]
#[case::own_table(
    "operation,verb,group,name,community\r\n1,link,120363400000000011@g.us,\"A, B\",x\r\n",
    &[(2, "120363400000000011@g.us")]
)]
#[case::other_table("Nome;Membros\n'=1+1;41\n\"a\nb\";2\nChoir;3\n", &[(2, "=1+1"), (3, "a\nb"), (5, "Choir")])]
#[case::separator("sep=;\r\nGrupo;Membros\r\nBoard, old;41\r\n", &[(3, "Board, old")])]
#[case::separator_alone("\u{feff}SEP=,\nBoard\n", &[(2, "Board")])]
#[case::in_english("Group;Members\nBoard;3\n", &[(2, "Board")])]
#[case::in_spanish("Nombre;Miembros\nBoard;3\n", &[(2, "Board")])]
#[case::in_portuguese("Grupo\tMembros\nBoard\t3\n", &[(2, "Board")])]
#[case::formula_within("name,members\n\"a;'=1\",3\n", &[(2, "a;=1")])]
#[case::array("[\"Board\",\n \"Lab, results\", \"\"]\n", &[(1, "Board"), (2, "Lab, results")])]
#[case::objects(
    "[{\"id\":\"120363400000000011@g.us\",\"name\":\"Board\"},\n{\"name\":\"Choir\"}]",
    &[(1, "120363400000000011@g.us"), (2, "Choir")]
)]
#[case::no_array("[Board] old\n[1]\n", &[(1, "[Board] old"), (2, "[1]")])]
#[case::own_list(
    "Lab results  120363400000000011@g.us  41\nBoard        -                        3\n",
    &[(1, "Lab results"), (2, "Board")]
)]
#[case::open_quote("name,members\n\"Board,3\nChoir,4\n", &[(2, "\"Board"), (3, "Choir")])]
#[case::json(
    "{\"v\":1,\"event\":\"group\",\"group\":\"120363400000000011@g.us\",\"name\":\"Board\",\"kind\":\"ordinary\"}\n\
     {\"v\":1,\"event\":\"group\",\"group\":\"120363400000000012@g.us\",\"kind\":\"announcements\"}\n\
     {\"v\":1,\"event\":\"plan\",\"groups\":[]}\n{ not json\n",
    &[(1, "120363400000000011@g.us"), (2, ""), (3, ""), (4, "{ not json")]
)]
fn lists_are_read_in_every_form(#[case] content: &str, #[case] expected: &[(usize, &str)]) {
    assert_eq!(meant(content), named(expected));
}

#[test]
fn comments_and_headings_need_not_name_anything() {
    let lines = read("name\n# the clinics\nBoard\n#general\n");
    let optional: Vec<bool> = lines.iter().map(|line| line.is_optional).collect();
    assert_eq!(optional, [true, true, false, true]);
    assert_eq!(lines[3].readings, ["#general"], "which may be a name all the same");
}

#[test]
fn an_id_in_a_column_of_its_own_comes_before_the_name() {
    let line = "Lab results  41  120363400000000011@g.us";
    assert_eq!(read(line)[0].readings[..2], [line, "120363400000000011@g.us"]);
}

#[test]
fn a_name_that_begins_with_a_formula_sign_is_a_name() {
    for name in ["=1+1", "+55 11", "-Board", "@home", "'quoted"] {
        assert_eq!(read(name)[0].readings[0], name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn property_a_table_that_is_written_is_read(names in prop::collection::vec("[a\",;'=\n\t \r#{]{1,6}", 1..6)) {
        let quoted = |name: &String| format!("\"{}\",41\r\n", name.replace('"', "\"\""));
        let table: String = names.iter().map(quoted).collect();
        let read: Vec<String> =
            read(&format!("name,members\r\n{table}")).into_iter().map(|line| line.readings[0].clone()).collect();
        let expected: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn property_nothing_that_is_read_is_lost(content in "[a-c\",;'=\n\t \r#{}\\[\\]-]{0,60}") {
        let content = if content.contains('\n') { content } else { content.replace('\r', "\n") };
        let lines = content.lines().filter(|line| !line.trim().is_empty()).count();
        prop_assert!(read(&content).len() <= lines);
        for line in read(&content) {
            prop_assert!(!line.readings.is_empty());
            prop_assert!(line.number <= content.matches('\n').count() + 1);
        }
    }
}
