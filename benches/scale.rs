//! What a hundred thousand groups cost: a table of medians, each beside a baseline that does the bare minimum of the same
//! work in the same run. `cargo bench --bench scale` prints it; the ratio is what counts.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "scale/cache.rs"]
mod cache;
#[path = "scale/table.rs"]
mod table;
#[path = "../tests/it/support/transport.rs"]
mod transport;
#[path = "scale/world.rs"]
mod world;

use std::{collections::HashMap, hint::black_box, sync::Arc};

use nucleo_matcher::{
    Config, Matcher, Utf32String,
    pattern::{AtomKind, CaseMatching, Normalization, Pattern},
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    widgets::{List, Paragraph},
};
use rusqlite::Connection;
use synod::{
    app::{
        Incoming, State,
        action::{Action, FocusChange, Motion},
        event::AppEvent,
        layout::Pane,
        update,
    },
    domain::{
        community::{Group, GroupList, GroupRef, Groups},
        directory::Slot,
        event::{OperationEvent, Record},
        id::{GroupId, OperationId},
        operation::Operation,
        outcome::Claim,
        plan::{Basis, Plan, Request, Task},
        reading::{Loaded as Part, Readings},
        time::Millis,
    },
    text::Text,
    tui::{
        keymap::Keymap,
        theme::Theme,
        view::{ViewContext, view},
    },
};
use tui_input::InputRequest;

use table::Table;

struct Screen {
    theme: Theme,
    text: Text,
    keys: Keymap,
}

impl Screen {
    fn draw(&self, state: &mut State, terminal: &mut Terminal<TestBackend>) {
        state.settle();
        let look = ViewContext {
            theme: &self.theme,
            text: &self.text,
            keys: &self.keys,
            time: synod::clock::local_time,
        };
        terminal.draw(|frame| view(state, look, frame)).unwrap();
    }
}

fn terminal(columns: u16, rows: u16) -> Terminal<TestBackend> {
    Terminal::new(TestBackend::new(columns, rows)).unwrap()
}

fn act(state: &mut State, action: Action) {
    black_box(update(state, Incoming::Action(action), Millis(1)));
}

fn main() {
    let loaded = world::load();
    let screen = Screen { theme: Theme::default(), text: Text::english(), keys: Keymap::default() };
    let mut table = Table::default();
    table.row("load 100,000 groups in process", &loaded.took, "serde_json alone", &loaded.bare);
    cache::rows(&mut table, &loaded);
    frames(&mut table, &loaded, &screen);
    keys(&mut table, &loaded, &screen);
    refreshes(&mut table, &loaded, &screen);
    operations(&mut table, &loaded);
    table.print();
}

fn frames(table: &mut Table, loaded: &world::Loaded, screen: &Screen) {
    let mut empty = terminal(120, 40);
    let bare = table::time(200, || {
        empty.draw(|frame| frame.render_widget(List::new(Vec::<String>::new()), frame.area())).unwrap();
    });
    let fresh = table::time(9, || {
        let mut state = loaded.state();
        screen.draw(&mut state, &mut terminal(120, 40));
    });
    table.row("first frame, list at hand, 120×40", &fresh, "empty list", &bare);
    for (columns, rows) in [(120, 40), (250, 80)] {
        let mut state = loaded.state();
        state.size = (columns, rows);
        let mut large = terminal(columns, rows);
        screen.draw(&mut state, &mut large);
        let mut empty = terminal(columns, rows);
        let bare = table::time(100, || {
            empty.draw(|frame| frame.render_widget(List::new(Vec::<String>::new()), frame.area())).unwrap();
        });
        let drawn = table::time(100, || screen.draw(&mut state, &mut large));
        table.row(&format!("frame, {columns}×{rows}"), &drawn, "empty list", &bare);
    }
}

fn keys(table: &mut Table, loaded: &world::Loaded, screen: &Screen) {
    let mut state = loaded.state();
    let mut shown = terminal(120, 40);
    act(&mut state, Action::Focus(FocusChange::Next));
    act(&mut state, Action::Focus(FocusChange::Next));
    screen.draw(&mut state, &mut shown);
    let mut plain = terminal(120, 40);
    let bare = table::time(200, || {
        plain.draw(|frame| frame.render_widget(Paragraph::new("\u{25b8}"), frame.area())).unwrap();
    });
    let moved = table::time(200, || {
        act(&mut state, Action::Go(Motion::Down));
        screen.draw(&mut state, &mut shown);
    });
    table.row("cursor move", &moved, "one cell", &bare);

    let nucleo = Nucleo::new(loaded);
    act(&mut state, Action::Filter);
    let mut typed = String::new();
    for (name, letter, matched) in [("first letter", 'a', "a"), ("second letter", 'v', "av")] {
        let took = table::time_after(
            15,
            &mut state,
            |state| {
                // As far as the letter before, from scratch: nothing that this letter let through is remembered.
                act(state, Action::Edit(InputRequest::DeleteLine));
                for letter in typed.chars() {
                    act(state, Action::Edit(InputRequest::InsertChar(letter)));
                }
            },
            |state| {
                act(state, Action::Edit(InputRequest::InsertChar(letter)));
                screen.draw(state, &mut shown);
            },
        );
        let alone = nucleo.time(matched);
        table.row(&format!("filter, {name}"), &took, "nucleo alone", &alone);
        typed.push(letter);
    }
    for letter in "isos no".chars() {
        act(&mut state, Action::Edit(InputRequest::InsertChar(letter)));
        typed.push(letter);
    }
    let last = table::time_after(
        15,
        &mut state,
        |state| act(state, Action::Edit(InputRequest::DeletePrevChar)),
        |state| {
            act(state, Action::Edit(InputRequest::InsertChar('o')));
            screen.draw(state, &mut shown);
        },
    );
    table.row("filter, last letter", &last, "nucleo alone", &nucleo.time(&typed));
    let back = table::time_after(
        15,
        &mut state,
        |state| act(state, Action::Edit(InputRequest::InsertChar('r'))),
        |state| {
            act(state, Action::Edit(InputRequest::DeletePrevChar));
            screen.draw(state, &mut shown);
        },
    );
    table.row("filter, backspace", &back, "nucleo alone", &nucleo.time(&typed));
    for term in
        ["is:standalone", "is:full", "is:duplicate", "is:notadmin", "is:marked", "in:a", "members:>50"]
    {
        let (start, last) = term.split_at(term.len() - 1);
        let took = table::time_after(
            15,
            &mut state,
            |state| {
                act(state, Action::Edit(InputRequest::DeleteLine));
                start.chars().for_each(|letter| act(state, Action::Edit(InputRequest::InsertChar(letter))));
            },
            |state| {
                last.chars().for_each(|letter| act(state, Action::Edit(InputRequest::InsertChar(letter))));
                screen.draw(state, &mut shown);
            },
        );
        table.row(&format!("filter, {term}"), &took, "nucleo alone", &nucleo.time("a"));
    }
}

/// One turn of the loop in which a newer list arrives while somebody types into the filter: taking it, and the next frame.
fn refreshes(table: &mut Table, loaded: &world::Loaded, screen: &Screen) {
    let (mut state, ticket) = loaded.loading();
    let mut shown = terminal(120, 40);
    act(&mut state, Action::Focus(FocusChange::Next));
    act(&mut state, Action::Focus(FocusChange::Next));
    act(&mut state, Action::Filter);
    "avis".chars().for_each(|letter| act(&mut state, Action::Edit(InputRequest::InsertChar(letter))));
    screen.draw(&mut state, &mut shown);
    let held = |state: &State| state.instances[0].directory.groups().cloned().unwrap();
    let again: Vec<Group> = loaded.list.groups.iter().map(GroupRef::to_group).collect();
    let mut other = again.clone();
    other
        .iter_mut()
        .step_by(1000)
        .for_each(|group| group.id = GroupId::parse(&format!("9{}", group.id)).unwrap());
    let bare = table::time(5, || {
        let ids: Vec<&str> = loaded.list.groups.iter().map(GroupRef::id).collect();
        black_box(ids == again.iter().map(|group| group.id.as_str()).collect::<Vec<_>>());
    });
    for (name, groups) in [("an equal list", vec![again.clone()]), ("a list with others", vec![other, again])]
    {
        let mut groups = groups.iter().cycle();
        let mut next = None;
        let turn = table::time_after(
            10,
            &mut (&mut state, &mut next),
            |(state, next)| {
                let list = held(state);
                let groups = Groups::from(groups.next().unwrap().clone()).replacing(&list.groups);
                let list = GroupList { groups, begun: Millis(list.begun.0 + 1), ..GroupList::clone(&list) };
                **next = Some(Arc::new(list));
            },
            |(state, next)| {
                let part = Part::Groups(Ok(next.take().unwrap()));
                update(state, Incoming::Event(AppEvent::Loaded { ticket, part }), Millis(2));
                screen.draw(state, &mut shown);
            },
        );
        table.row(&format!("a refresh brings {name}"), &turn, "comparing the ids", &bare);
    }
}

/// The matcher by itself over the same names, scoring each from scratch.
struct Nucleo(Vec<Utf32String>);

impl Nucleo {
    fn new(loaded: &world::Loaded) -> Self {
        Self(loaded.list.groups.iter().map(|group| Utf32String::from(group.name().shown())).collect())
    }

    fn time(&self, text: &str) -> table::Times {
        let pattern = Pattern::new(text, CaseMatching::Smart, Normalization::Smart, AtomKind::Fuzzy);
        let mut matcher = Matcher::new(Config::DEFAULT);
        table::time(15, || {
            let score = |name: &&Utf32String| pattern.score(name.slice(..), &mut matcher).is_some();
            black_box(self.0.iter().filter(score).count());
        })
    }
}

fn operations(table: &mut Table, loaded: &world::Loaded) {
    let state = loaded.state();
    let instance = state.instance().unwrap();
    let marks: Vec<_> = loaded
        .list
        .groups
        .iter()
        .filter_map(|group| instance.mark_of(Pane::Groups, Slot::at(group.place())))
        .take(10_000)
        .collect();
    let request = Request::new(instance.key().clone(), &Task::Unlink, marks);
    let listings = loaded.listings.iter().map(|listing| (listing.community.clone(), Ok(Arc::clone(listing))));
    let readings = Readings {
        groups: Some(Ok(loaded.list.clone())),
        communities: listings.collect(),
        ..Readings::default()
    };
    let busy = instance.busy_groups();
    let basis = Basis {
        readings: &readings,
        directory: &instance.directory,
        capabilities: &instance.profile.capabilities,
        subgroup_limit: 50,
        busy: &busy,
        skipped: false,
        now: Millis(2),
    };
    let planned = table::time(5, || {
        black_box(Plan::make(request.clone(), basis));
    });
    let bare = table::time(5, || {
        let by_id: HashMap<_, _> = loaded.list.groups.iter().map(|group| (group.id(), group)).collect();
        black_box(by_id.len());
    });
    table.row("plan over 10,000 marks", &planned, "one map of the list", &bare);
    let mut plan = Plan::make(request.clone(), basis);
    let all: Vec<usize> = (0..plan.rows.len()).collect();
    let toggled = table::time(5, || {
        black_box(plan.toggle_all(&all));
    });
    let bare = table::time(5, || {
        let by_id: HashMap<_, _> = plan.rows.iter().map(|row| (row.group.bare(), row)).collect();
        black_box(by_id.len());
    });
    table.row("include or leave out 10,000 rows", &toggled, "one map of the rows", &bare);

    let order = Plan::make(request, basis).order();
    let record = |sequence: u64, event: OperationEvent| Record {
        instance: instance.key().clone(),
        operation: OperationId(1),
        sequence,
        at: Millis(3),
        writer: None,
        event,
    };
    let mut operation = Operation::begin(&record(0, OperationEvent::Created(Box::new(order)))).unwrap();
    let (mut sequence, items) = (0, operation.items.len());
    let folded = table::time(2_000, || {
        sequence += 1;
        let item = usize::try_from(sequence).unwrap() % items;
        let event = OperationEvent::Answered { item, claim: Claim::Yes, failure: None };
        operation.apply(&record(sequence, event));
    });
    let database = Connection::open_in_memory().unwrap();
    database.execute("CREATE TABLE events (sequence INTEGER PRIMARY KEY, event TEXT)", ()).unwrap();
    let mut insert = database.prepare("INSERT INTO events (event) VALUES (?1)").unwrap();
    let bare = table::time(2_000, || {
        insert.execute(["{\"event\":\"answered\",\"item\":1,\"claim\":\"yes\"}"]).unwrap();
    });
    table.row("fold an event, 10,000 items", &folded, "SQLite, one row in memory", &bare);
}
