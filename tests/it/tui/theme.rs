//! Rules that hold for every theme.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::{Color, Modifier, Style},
};
use synod::tui::theme::{Depth, Theme};

fn named(name: &str) -> Theme {
    Theme::named(name).unwrap()
}

fn all() -> impl Iterator<Item = Theme> {
    Theme::names().map(named)
}

/// The themes that choose each colour themselves.
fn with_own_colours() -> [Theme; 3] {
    ["dark", "light", "contrast"].map(named)
}

fn styles(mut theme: Theme) -> Vec<(&'static str, Style)> {
    Theme::roles().map(|name| (name, *theme.role_mut(name).unwrap())).collect()
}

/// The relative luminance of a colour, as defined by WCAG 2.2.
fn luminance(colour: Color) -> f64 {
    let Color::Rgb(red, green, blue) = colour else { panic!("{colour:?} depends on the terminal") };
    let part = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
}

fn contrast(one: Color, other: Color) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The backgrounds that a theme is designed for, from the easiest to the hardest, and the contrast that it must reach.
fn assumed(theme: &Theme) -> ([u32; 2], f64) {
    match theme.name {
        "dark" => ([0x0000_0000, 0x0030_3446], 4.5),
        "light" => ([0x00ff_ffff, 0x00ee_eeee], 4.5),
        "contrast" => ([0x0000_0000, 0x0000_0000], 7.0),
        name => panic!("{name} assumes nothing"),
    }
}

#[test]
fn every_colour_can_be_read_on_the_background_that_its_theme_assumes() {
    for theme in with_own_colours() {
        let (backgrounds, least) = assumed(&theme);
        for (role, style) in styles(theme) {
            for background in backgrounds {
                let background = style.bg.unwrap_or(Color::from_u32(background));
                let Some(colour) = style.fg else { continue };
                let found = contrast(colour, background);
                assert!(found >= least, "{}: {role} has {found:.2} on {background}", theme.name);
            }
        }
    }
}

#[test]
fn the_measure_of_contrast_is_that_of_wcag() {
    assert!((contrast(Color::from_u32(0x00ff_ffff), Color::from_u32(0)) - 21.0).abs() < 0.001);
    assert!((contrast(Color::from_u32(0x0076_7676), Color::from_u32(0x00ff_ffff)) - 4.54).abs() < 0.01);
}

#[test]
fn mono_has_no_colour() {
    assert!(styles(named("mono")).iter().all(|(_, style)| style.fg.is_none() && style.bg.is_none()));
}

#[test]
fn the_default_theme_is_right_on_light_and_dark() {
    let readable = [Color::Red, Color::Green, Color::Yellow, Color::Blue, Color::Magenta, Color::Cyan];
    for (role, style) in styles(named("terminal")) {
        assert_eq!(style.bg, None, "the background is the terminal's own");
        assert!(style.fg.is_none_or(|colour| readable.contains(&colour)), "{role}");
    }
}

/// A row with a bright name, a faint number and a coloured state, under the cursor.
fn barred(theme: &Theme) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 1));
    for (at, style) in [(0, theme.title), (1, theme.text), (2, theme.dim), (3, theme.error)] {
        buffer[(at, 0)].set_style(style);
    }
    theme.bar(buffer.area, &mut buffer);
    buffer
}

#[test]
fn the_cursor_is_a_bar_over_the_whole_row_at_every_depth() {
    for theme in all() {
        for depth in [Depth::True, Depth::Indexed, Depth::Sixteen, Depth::None] {
            let buffer = barred(&theme.at(depth));
            for cell in &buffer.content {
                let is_bar = cell.modifier.contains(Modifier::REVERSED) || cell.bg != Color::Reset;
                assert!(
                    is_bar && !cell.modifier.contains(Modifier::DIM),
                    "{} at {depth:?}: {cell:?}",
                    theme.name
                );
            }
            let reversed = buffer.content.iter().filter(|cell| cell.modifier.contains(Modifier::REVERSED));
            assert!(
                reversed.clone().all(|cell| cell.fg == Color::Reset),
                "a coloured letter would be a patch"
            );
        }
    }
}

#[test]
fn every_colour_can_be_read_on_the_bar() {
    for theme in ["dark", "light"].map(named) {
        let bar = theme.selected.bg.unwrap();
        // No line is ever on a bar.
        for (role, style) in styles(theme).into_iter().filter(|(role, _)| !role.contains("border")) {
            let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
            buffer[(0, 0)].set_style(style);
            theme.bar(buffer.area, &mut buffer);
            let colour = buffer[(0, 0)].fg;
            let found = if colour == Color::Reset { f64::INFINITY } else { contrast(colour, bar) };
            assert!(found >= 4.5, "{}: {role} has {found:.2}", theme.name);
        }
    }
}

#[test]
fn the_title_with_the_focus_differs_without_colours() {
    for theme in all() {
        let is_marked = |style: Style| style.add_modifier.contains(Modifier::UNDERLINED);
        assert!(is_marked(theme.focused_title()) && !is_marked(theme.title), "{}", theme.name);
    }
}

#[test]
fn only_a_theme_with_a_background_of_its_own_relies_on_none() {
    for theme in all() {
        let own = styles(theme).iter().any(|(role, style)| *role != "selected" && style.bg.is_some());
        assert_eq!(own, theme.name == "contrast", "{}", theme.name);
    }
}

#[test]
fn themes_are_found_by_name() {
    assert!(Theme::names().all(|name| Theme::named(name).is_some_and(|theme| theme.name == name)));
    assert_eq!(Theme::named("no such"), None);
}

#[test]
fn with_sixteen_colours_states_that_differ_still_differ() {
    for theme in with_own_colours() {
        let shown = theme.at(Depth::Sixteen);
        let states = [shown.ok, shown.warning, shown.error, shown.unknown, shown.pending];
        for (at, one) in states.iter().enumerate() {
            assert!(states[at + 1..].iter().all(|other| one.fg != other.fg), "{}: {states:?}", theme.name);
        }
        let fixed = |colour: Option<Color>| matches!(colour, Some(Color::Rgb(..) | Color::Indexed(_)));
        assert!(styles(shown).iter().all(|(_, style)| !fixed(style.fg) && !fixed(style.bg)));
    }
}

#[test]
fn without_colours_there_is_one_theme() {
    assert_eq!(named("dark").at(Depth::None), named("mono"));
    assert_eq!(named("contrast").with_others(Depth::None), [named("mono")]);
    let names = |themes: Vec<Theme>| themes.iter().map(|theme| theme.name).collect::<Vec<_>>();
    assert_eq!(
        names(named("light").with_others(Depth::True)),
        ["light", "terminal", "dark", "contrast", "mono"]
    );
}

#[test]
fn every_role_can_be_named_once() {
    let mut theme = named("mono");
    for name in Theme::roles() {
        let style = theme.role_mut(name).unwrap();
        assert_eq!(style.bg, None, "{name} is another role's too");
        *style = style.bg(Color::Red);
    }
    assert!(styles(theme).iter().all(|(_, style)| style.bg == Some(Color::Red)));
    assert!(theme.role_mut("okk").is_none());
}

#[test]
fn a_background_of_its_own_reaches_every_cell_that_nobody_coloured() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
    buffer[(1, 0)].set_fg(Color::Red);
    let plain = buffer.clone();
    named("terminal").paint(&mut buffer);
    assert_eq!(buffer, plain);
    named("contrast").paint(&mut buffer);
    assert_eq!((buffer[(0, 0)].fg, buffer[(0, 0)].bg), (Color::Rgb(255, 255, 255), Color::Rgb(0, 0, 0)));
    assert_eq!((buffer[(1, 0)].fg, buffer[(1, 0)].bg), (Color::Red, Color::Rgb(0, 0, 0)));
}
