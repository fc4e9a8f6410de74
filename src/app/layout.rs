//! The position of everything on the screen. It is pure, so the state (which rows are visible) and the view (where they
//! are drawn) can use the same answer.

use super::filter::Searched;

/// A rectangle of cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    pub x: u16,
    pub y: u16,
    pub width: u16,
    pub height: u16,
}

impl Area {
    /// The area inside a border of one cell.
    #[must_use]
    pub fn inside(self) -> Self {
        Self {
            x: self.x + 1.min(self.width),
            y: self.y + 1.min(self.height),
            width: self.width.saturating_sub(2),
            height: self.height.saturating_sub(2),
        }
    }
}

/// The panes that can have the focus.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Pane {
    #[default]
    Communities,
    /// The subgroups of the community under the cursor, in the middle.
    Subgroups,
    /// The groups in no community, or all groups, on the right.
    Groups,
    Operation,
}

impl Pane {
    /// All panes, in the order in which the focus moves through them.
    pub const ALL: [Self; 4] = [Self::Communities, Self::Subgroups, Self::Groups, Self::Operation];

    /// What its filter searches.
    pub fn searched(self) -> Searched {
        if self == Self::Communities { Searched::Communities } else { Searched::Groups }
    }
}

/// How much fits on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Three panes and the operation with its rows.
    Wide,
    /// Two panes and the operation.
    Two,
    /// One pane at a time.
    One,
    TooSmall,
}

/// How many columns the operator has moved the lines between the panes to the right, or to the left if negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dividers {
    /// The line right of the communities.
    pub left: i16,
    /// The line between the two panes of groups.
    pub right: i16,
}

/// How large the operator has made the panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PaneSizes {
    /// Whether the focused pane takes the whole screen.
    pub is_zoomed: bool,
    /// Where the lines between the panes are.
    pub dividers: Dividers,
}

/// The data on which the layout depends, besides the size of the screen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Arrangement {
    pub focus: Pane,
    /// The pane next to the communities if only two fit.
    pub beside: Pane,
    /// How many rows the operation has; `None` if no operation is shown.
    pub items: Option<usize>,
    /// Whether the operation has ended. A line below its rows then says so.
    pub has_ended: bool,
    pub sizes: PaneSizes,
    /// How many lines the bottom of the screen needs; at least one.
    pub footer: u16,
}

/// The position of everything on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub fit: Fit,
    /// The line at the top.
    pub header: Area,
    /// The communities with their title, if they fit.
    pub communities: Option<Area>,
    /// The subgroups with their title, if they fit.
    pub subgroups: Option<Area>,
    /// The groups with their title, if they fit.
    pub groups: Option<Area>,
    /// The details of the row under the cursor, on a wide screen.
    pub details: Option<Area>,
    pub operation: Option<Area>,
    /// The vertical lines between the panes.
    pub lines: [Option<Area>; 3],
    /// The horizontal lines: above the operation, and above the footer.
    pub rules: [Option<Area>; 2],
    /// The lines at the bottom.
    pub footer: Area,
    pub screen: Area,
    has_ended: bool,
}

/// The smallest screen that shows a pane, columns and rows.
pub const LEAST: (u16, u16) = (40, 10);

/// The size of a plan's window, columns and rows.
pub const PLAN_SIZE: (u16, u16) = (104, 36);
/// The rows of a plan's window besides its list: the summary above and the confirmation below.
pub const PLAN_FRAME: u16 = PLAN_TOP + 4;
/// The rows of the window with differences besides its list: the summary above, and the row under the cursor in full below.
pub const DRIFT_FRAME: u16 = 5;
/// The lines of the summary at the top of a plan's window.
pub const PLAN_TOP: u16 = 5;
/// How the inside of a plan's window is divided: the summary, the list, and the confirmation below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanParts {
    /// The number of lines of the summary, which begins at the top.
    pub top: u16,
    /// The row at which the list begins.
    pub list_at: u16,
    /// The number of rows of the list.
    pub list: u16,
}

/// Divides the inside of a plan's window of this height. If there is little room, the list keeps half of it, because
/// nobody can confirm rows that are not shown.
pub fn plan_parts(height: u16) -> PlanParts {
    // Below the list: why the row under the cursor is in its section, and how to confirm the plan.
    let room = height.saturating_sub(3);
    if room >= PLAN_TOP + 4 {
        return PlanParts { top: PLAN_TOP, list_at: PLAN_TOP + 1, list: room - PLAN_TOP - 1 };
    }
    let top = (room / 2).min(PLAN_TOP);
    PlanParts { top, list_at: top, list: room - top }
}

/// The size of the window in which a community is chosen.
pub const TARGET_SIZE: (u16, u16) = (64, 20);
/// The size of the window with the operations.
pub const OPERATIONS_SIZE: (u16, u16) = (110, 34);
/// The size of the palette.
pub const PALETTE_SIZE: (u16, u16) = (86, 26);
/// The maximum size of a text window.
pub const PAGE_SIZE: (u16, u16) = (92, 34);

/// The size of a text window with this many lines.
pub fn page_size(lines: usize) -> (u16, u16) {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX).max(3);
    (PAGE_SIZE.0, PAGE_SIZE.1.min(lines.saturating_add(2)))
}

/// The size of the window with the instances.
pub const INSTANCES_SIZE: (u16, u16) = (112, 32);
/// The lines below the list of instances: details of the one under the cursor.
pub const INSTANCES_BELOW: u16 = 10;
/// The number of rows for a list of this many instances, in a window of this inner height, above the details.
pub fn instances_list(rows: usize, height: u16) -> u16 {
    let room = height.saturating_sub(INSTANCES_BELOW).max(height / 3).max(1);
    u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, room)
}
/// The size of the window with the communities and the search for more.
pub const FINDING_SIZE: (u16, u16) = (100, 32);
/// The lines above the list in that window and the rows of the list, for this inner height.
pub fn finding_list(height: u16) -> (u16, u16) {
    // Below the list: two lines for the community that is added or forgotten, with a gap above them.
    let above = if height >= 14 { 5 } else { 3 };
    let below = if height >= 14 { 4 } else { 2 };
    (above.min(height / 2), height.saturating_sub(above + below).max(1))
}
/// The size of the window that connects an instance. It takes all available room, because a QR code is large.
pub const CONNECT_SIZE: (u16, u16) = (116, 60);
/// The width of a column of the help, and its greatest height.
pub const HELP_COLUMN: (u16, u16) = (76, 54);
/// The width of a column of the help in which longer rows take a second line.
pub const HELP_NARROW: u16 = 57;

/// How the help is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HelpLayout {
    /// The size of its window.
    pub size: (u16, u16),
    /// How many columns are side by side.
    pub columns: usize,
    /// Whether the columns are narrow.
    pub is_narrow: bool,
}

impl HelpLayout {
    /// As many columns as fit, narrow ones if necessary.
    pub fn of(layout: &Layout) -> Self {
        let (column, height) = HELP_COLUMN;
        let wide = 2 * column + 6;
        let room = layout.window(wide, height).width;
        let (width, columns) = if room >= 2 * HELP_NARROW + 2 { (room, 2) } else { (column + 4, 1) };
        Self { size: (width, height), columns, is_narrow: columns == 2 && room < wide }
    }
}

/// From this width on, the details of the row under the cursor have a column.
pub const DETAILS_FROM: u16 = 160;

/// A name of at most this width is never cut to make room for something beside it: another pane, the details, a gauge.
pub const WHOLE_NAME: u16 = 26;
/// What a row of a pane has besides its name: the marker, numbers, the role, and the gaps between them.
pub const BESIDE_NAME: u16 = 12;
/// The smallest and the greatest width of the gauge that shows how full a community is.
pub const GAUGE: (u16, u16) = (4, 10);

/// The width of a pane in which such names are whole.
const ROOMY: u16 = WHOLE_NAME + BESIDE_NAME;
/// From this width on, there are three panes: names stay whole in each, beside the smallest gauge.
pub const THREE_FROM: u16 = 3 * ROOMY + GAUGE.0 + 2;

/// From this height on, a line is above the footer.
const RULE_FROM: u16 = 30;

/// The smallest width to which a pane can be narrowed.
const NARROWEST: u16 = 20;

impl Layout {
    /// Lays out a screen.
    pub fn of(columns: u16, rows: u16, how: &Arrangement) -> Self {
        let screen = Area { x: 0, y: 0, width: columns, height: rows };
        let below = how.footer.clamp(1, (rows / 3).max(1));
        let mut layout = Self {
            fit: Fit::TooSmall,
            header: Area { height: 1, ..screen },
            communities: None,
            subgroups: None,
            groups: None,
            details: None,
            operation: None,
            lines: [None; 3],
            rules: [None; 2],
            footer: Area { y: rows.saturating_sub(below), height: below.min(rows), ..screen },
            screen,
            has_ended: how.has_ended,
        };
        if columns < LEAST.0 || rows < LEAST.1 {
            return layout;
        }
        layout.fit = match columns {
            _ if columns < 60 || rows < 15 => Fit::One,
            ..THREE_FROM => Fit::Two,
            _ => Fit::Wide,
        };
        let mut end = layout.footer.y;
        if layout.fit != Fit::One && rows >= RULE_FROM {
            end -= 1;
            layout.rules[1] = Some(Area { y: end, height: 1, ..screen });
        }
        let body = Area { y: 1, height: end - 1, ..screen };
        if layout.fit == Fit::One || how.sizes.is_zoomed {
            layout.place_one(how.focus, body);
            return layout;
        }
        let height = how.items.map_or(0, |items| operation_height(items, body.height, how));
        if height > 0 {
            layout.operation = Some(Area { y: end - height, height, ..screen });
            layout.rules[0] = Some(Area { y: end - height - 1, height: 1, ..screen });
        }
        let taken = if height > 0 { height + 1 } else { 0 };
        let mut body = Area { height: body.height - taken, ..body };
        if columns >= DETAILS_FROM {
            let width = (columns * 3 / 16).clamp(38, 46);
            let x = columns - width;
            layout.details = Some(Area { x, width, ..body });
            layout.lines[2] = Some(Area { x: x - 1, width: 1, ..body });
            body.width = x - 1;
        }
        if layout.fit == Fit::Two {
            layout.place_two(how, body);
        } else {
            layout.place_three(how, body);
        }
        layout
    }

    fn place_one(&mut self, focus: Pane, body: Area) {
        let place = match focus {
            Pane::Communities => &mut self.communities,
            Pane::Subgroups => &mut self.subgroups,
            Pane::Groups => &mut self.groups,
            Pane::Operation => &mut self.operation,
        };
        *place = Some(body);
    }

    fn place_two(&mut self, how: &Arrangement, body: Area) {
        let usual = (body.width * 12 / 25).min(ROOMY + GAUGE.1);
        let (left, line, right) = divided(body, usual, how.sizes.dividers.left);
        (self.communities, self.lines[0]) = (Some(left), Some(line));
        if how.beside == Pane::Groups {
            self.groups = Some(right);
        } else {
            self.subgroups = Some(right);
        }
    }

    fn place_three(&mut self, how: &Arrangement, body: Area) {
        // The two panes of groups need at least their width, too.
        let most = body.width.saturating_sub(2 * NARROWEST + 2);
        let usual = (body.width * 7 / 20).min(ROOMY + GAUGE.1);
        let shift = how.sizes.dividers.left.min(i16::try_from(most.saturating_sub(usual)).unwrap_or(0));
        let (left, line, rest) = divided(body, usual, shift);
        (self.communities, self.lines[0]) = (Some(left), Some(line));
        let (middle, line, right) = divided(rest, rest.width.saturating_sub(1) / 2, how.sizes.dividers.right);
        (self.subgroups, self.lines[1], self.groups) = (Some(middle), Some(line), Some(right));
    }

    /// The area of a pane, if it fits.
    pub fn pane(&self, pane: Pane) -> Option<Area> {
        match pane {
            Pane::Communities => self.communities,
            Pane::Subgroups => self.subgroups,
            Pane::Groups => self.groups,
            Pane::Operation => self.operation,
        }
    }

    /// The area of a pane's rows: below its title, and above the line that says how an operation ended.
    pub fn rows_of(&self, pane: Pane) -> Option<Area> {
        let area = self.pane(pane)?;
        let besides = 1 + u16::from(pane == Pane::Operation && self.has_ended);
        Some(Area { y: area.y + 1.min(area.height), height: area.height.saturating_sub(besides), ..area })
    }

    /// How many rows of a pane's list are visible.
    pub fn list_height(&self, pane: Pane) -> usize {
        self.rows_of(pane).map_or(1, |area| usize::from(area.height))
    }

    /// The area of a window over the panes: this size, or as large as the screen allows.
    pub fn window(&self, width: u16, height: u16) -> Area {
        let margin = if self.fit == Fit::Wide { 4 } else { 0 };
        let width = width.min(self.screen.width.saturating_sub(margin));
        // A narrow strip of the panes behind the window would be confusing.
        let is_sliver = self.fit != Fit::Wide && self.screen.width - width < 6;
        let width = if is_sliver { self.screen.width } else { width };
        let height = height.min(self.screen.height.saturating_sub(1 + self.footer.height));
        Area { x: (self.screen.width - width) / 2, y: (self.screen.height - height) / 2, width, height }
    }
}

/// Divides an area by a vertical line after this many columns, or as far from there as the operator moved it. Neither part
/// becomes too narrow.
fn divided(area: Area, usual: u16, shift: i16) -> (Area, Area, Area) {
    let most = area.width.saturating_sub(NARROWEST + 1).max(NARROWEST);
    let left = usual.saturating_add_signed(shift).clamp(NARROWEST, most);
    let right = Area { x: area.x + left + 1, width: area.width.saturating_sub(left + 1), ..area };
    (Area { width: left, ..area }, Area { x: area.x + left, width: 1, ..area }, right)
}

/// The height of the operation's pane: all its items if there is room, more if it has the focus, but never so much that
/// the panes above show nothing.
fn operation_height(items: usize, between: u16, how: &Arrangement) -> u16 {
    let besides = 1 + u16::from(how.has_ended);
    let wanted = u16::try_from(items.max(1)).unwrap_or(u16::MAX).saturating_add(besides);
    let share = if how.focus == Pane::Operation { between * 3 / 5 } else { between * 3 / 10 };
    wanted.min(share.max(besides + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_size_breaks_the_layout_and_nothing_lies_outside() {
        for columns in 0..260 {
            for rows in 0..90 {
                for focus in Pane::ALL {
                    for (items, has_ended, is_zoomed, shift) in
                        [(None, false, false, 0), (Some(0), true, false, 99), (Some(400), false, true, -99)]
                    {
                        let dividers = Dividers { left: shift, right: -shift };
                        let sizes = PaneSizes { is_zoomed, dividers };
                        let how = Arrangement { focus, beside: focus, items, has_ended, sizes, footer: 3 };
                        let layout = Layout::of(columns, rows, &how);
                        let areas = Pane::ALL.iter().filter_map(|pane| layout.pane(*pane));
                        let lines = layout.lines.into_iter().chain(layout.rules).chain([layout.details]);
                        for area in areas.chain(lines.flatten()).chain([layout.window(90, 30)]) {
                            assert!(area.x + area.width <= columns && area.y + area.height <= rows);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_pane_with_the_focus_is_always_shown() {
        for focus in Pane::ALL {
            for (columns, rows) in [(200, 60), (120, 40), (80, 24), (60, 15), (50, 12)] {
                for is_zoomed in [false, true] {
                    let sizes = PaneSizes { is_zoomed, ..PaneSizes::default() };
                    let how =
                        Arrangement { focus, beside: focus, items: Some(5), sizes, ..Arrangement::default() };
                    assert!(Layout::of(columns, rows, &how).pane(focus).is_some(), "{focus:?}");
                }
            }
        }
    }

    #[test]
    fn a_small_screen_shows_five_rows_of_a_running_operation() {
        let how = Arrangement { items: Some(400), ..Arrangement::default() };
        assert_eq!(Layout::of(80, 24, &how).list_height(Pane::Operation), 5);
    }
}
