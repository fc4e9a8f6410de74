//! How many colours a terminal shows, and the nearest of them for a colour that it cannot show.

use std::env;

use ratatui::style::Color;

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Colours are not wanted.
    None,
    Sixteen,
    /// Those sixteen and 240 fixed ones.
    Indexed,
    True,
}

/// The hues, with their first degrees, colours and bright colours.
const HUES: [(f32, Color, Color); 7] = [
    (0.0, Color::Red, Color::LightRed),
    (25.0, Color::Yellow, Color::LightYellow),
    (75.0, Color::Green, Color::LightGreen),
    (165.0, Color::Cyan, Color::LightCyan),
    (210.0, Color::Blue, Color::LightBlue),
    (255.0, Color::Magenta, Color::LightMagenta),
    (330.0, Color::Red, Color::LightRed),
];

/// The values of the six steps of the colour cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Depth {
    /// The depth according to the environment: `NO_COLOR` (<https://no-color.org>), `COLORTERM`, `TERM`.
    pub fn from_environment() -> Self {
        let say = |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        Self::of(say("NO_COLOR").as_deref(), say("COLORTERM").as_deref(), say("TERM").as_deref())
    }

    /// The depth according to these three variables. An empty `NO_COLOR` is ignored.
    pub fn of(no_color: Option<&str>, colorterm: Option<&str>, term: Option<&str>) -> Self {
        let term = term.unwrap_or_default();
        if no_color.is_some_and(|value| !value.is_empty()) {
            Self::None
        } else if matches!(colorterm, Some("truecolor" | "24bit")) || term.ends_with("-direct") {
            Self::True
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }

    /// The colour, or the nearest one that a terminal of this depth shows.
    pub fn nearest(self, colour: Color) -> Color {
        match (self, colour) {
            (Self::Indexed, Color::Rgb(red, green, blue)) => indexed([red, green, blue]),
            (Self::Sixteen, Color::Rgb(red, green, blue)) => of_sixteen([red, green, blue]),
            _ => colour,
        }
    }
}

/// The nearest colour of the cube and the greys. The first sixteen are not fixed, so they are not used.
fn indexed(wanted: [u8; 3]) -> Color {
    let far = |colour: [u8; 3]| -> u32 {
        let parts = colour.iter().zip(wanted);
        parts.map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum()
    };
    let step = |part: u8| {
        STEPS.iter().zip(0_u8..).min_by_key(|(step, _)| step.abs_diff(part)).map_or(0, |(_, at)| at)
    };
    let [red, green, blue] = wanted.map(step);
    let cube = [red, green, blue].map(|at| STEPS.get(usize::from(at)).copied().unwrap_or(0));
    let greys = (0_u8..24).map(|at| (232 + at, [8 + 10 * at; 3]));
    let all = greys.chain([(16 + 36 * red + 6 * green + blue, cube)]);
    all.min_by_key(|(_, colour)| far(*colour)).map_or(Color::Reset, |(at, _)| Color::Indexed(at))
}

/// The one of the sixteen with the same hue. The nearest by distance is often a grey, which loses the meaning.
fn of_sixteen(colour: [u8; 3]) -> Color {
    let [red, green, blue] = colour.map(|part| f32::from(part) / 255.0);
    let (most, least) = (red.max(green).max(blue), red.min(green).min(blue));
    let (lightness, spread) = (f32::midpoint(most, least), most - least);
    let saturation = spread / (1.0 - (2.0 * lightness - 1.0).abs()).max(f32::EPSILON);
    if saturation < 0.25 {
        return match lightness {
            ..0.2 => Color::Black,
            ..0.55 => Color::DarkGray,
            ..0.85 => Color::Gray,
            _ => Color::White,
        };
    }
    let sixth = if red >= green && red >= blue {
        ((green - blue) / spread).rem_euclid(6.0)
    } else if green >= blue {
        (blue - red) / spread + 2.0
    } else {
        (red - green) / spread + 4.0
    };
    let hue = sixth * 60.0;
    let (_, normal, bright) = HUES.into_iter().rfind(|(from, ..)| *from <= hue).unwrap_or(HUES[0]);
    if lightness < 0.45 { normal } else { bright }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(Some("1"), Some("truecolor"), Some("xterm-256color"), Depth::None)]
    #[case(Some(""), Some("truecolor"), None, Depth::True)]
    #[case(None, Some("24bit"), Some("xterm"), Depth::True)]
    #[case(None, None, Some("xterm-direct"), Depth::True)]
    #[case(None, None, Some("screen-256color"), Depth::Indexed)]
    #[case(None, Some("yes"), Some("xterm"), Depth::Sixteen)]
    #[case(None, None, Some("linux"), Depth::Sixteen)]
    #[case(None, None, None, Depth::Sixteen)]
    fn the_environment_says_how_many_there_are(
        #[case] no_color: Option<&str>,
        #[case] colorterm: Option<&str>,
        #[case] term: Option<&str>,
        #[case] depth: Depth,
    ) {
        assert_eq!(Depth::of(no_color, colorterm, term), depth);
    }

    #[rstest]
    #[case(0x009e_ce6a, Color::LightGreen)]
    #[case(0x0011_6329, Color::Green)]
    #[case(0x00e0_af68, Color::LightYellow)]
    #[case(0x007d_4e00, Color::Yellow)]
    #[case(0x00ff_8b98, Color::LightRed)]
    #[case(0x00a4_0e26, Color::Red)]
    #[case(0x007d_cfff, Color::LightCyan)]
    #[case(0x006f_2da8, Color::Magenta)]
    #[case(0x0000_00ff, Color::LightBlue)]
    #[case(0x0000_0000, Color::Black)]
    #[case(0x00ff_ffff, Color::White)]
    #[case(0x005c_6370, Color::DarkGray)]
    fn of_sixteen_the_hue_stays(#[case] colour: u32, #[case] nearest: Color) {
        assert_eq!(Depth::Sixteen.nearest(Color::from_u32(colour)), nearest);
        assert_eq!(Depth::True.nearest(Color::from_u32(colour)), Color::from_u32(colour));
    }

    #[test]
    fn of_256_the_nearest_is_taken() {
        for (colour, index) in [(0x00ff_0000, 196), (0x0080_8080, 244), (0x0000_5f87, 24), (0x0008_0808, 232)]
        {
            assert_eq!(
                Depth::Indexed.nearest(Color::from_u32(colour)),
                Color::Indexed(index),
                "{colour:06x}"
            );
        }
        assert_eq!(Depth::Indexed.nearest(Color::Cyan), Color::Cyan, "the terminal's own stay");
    }
}
