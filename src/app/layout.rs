//! The position of everything on the screen. It is pure, so the state (which rows are visible) and the view (where they
//! are drawn) can use the same answer.

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

/// The position of everything on the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub fit: Fit,
    /// The line at the top.
    pub header: Area,
    /// The communities, if they fit.
    pub communities: Option<Area>,
    /// The subgroups, if they fit.
    pub subgroups: Option<Area>,
    /// The groups, if they fit.
    pub groups: Option<Area>,
    pub operation: Option<Area>,
    /// The line at the bottom.
    pub footer: Area,
    pub screen: Area,
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
/// The size of the help window.
pub const HELP_SIZE: (u16, u16) = (76, 34);

/// The rows of an operation's pane besides its items: its border.
const FRAME: u16 = 2;

impl Layout {
    /// Lays out a screen. `beside` is the pane next to the communities if only two fit; `items` is how many rows the
    /// operation has, `None` if there is no operation.
    pub fn of(columns: u16, rows: u16, focus: Pane, beside: Pane, items: Option<usize>) -> Self {
        let screen = Area { x: 0, y: 0, width: columns, height: rows };
        let header = Area { height: 1, ..screen };
        let footer = Area { y: rows.saturating_sub(1), height: 1, ..screen };
        let mut layout = Self {
            fit: Fit::TooSmall,
            header,
            communities: None,
            subgroups: None,
            groups: None,
            operation: None,
            footer,
            screen,
        };
        if columns < LEAST.0 || rows < LEAST.1 {
            return layout;
        }
        let between = rows - 2;
        let body = |height: u16| Area { x: 0, y: 1, width: columns, height };
        if columns < 60 || rows < 15 {
            layout.fit = Fit::One;
            layout.place_one(focus, body(between));
            return layout;
        }
        let below = items.map_or(0, |items| operation_height(items, between, focus));
        if below > 0 {
            layout.operation = Some(Area { y: 1 + between - below, height: below, ..body(0) });
        }
        let body = body(between - below);
        if columns < 100 {
            layout.fit = Fit::Two;
            layout.place_two(beside, body);
        } else {
            layout.fit = Fit::Wide;
            layout.place_three(body);
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

    fn place_two(&mut self, beside: Pane, body: Area) {
        let left = body.width * 2 / 5;
        self.communities = Some(Area { width: left, ..body });
        let right = Area { x: left, width: body.width - left, ..body };
        if beside == Pane::Groups {
            self.groups = Some(right);
        } else {
            self.subgroups = Some(right);
        }
    }

    fn place_three(&mut self, body: Area) {
        let left = (body.width / 4).clamp(28, 44);
        let middle = (body.width - left) * 11 / 20;
        self.communities = Some(Area { width: left, ..body });
        self.subgroups = Some(Area { x: left, width: middle, ..body });
        self.groups = Some(Area { x: left + middle, width: body.width - left - middle, ..body });
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

    /// How many rows of a pane's list are visible.
    pub fn list_height(&self, pane: Pane) -> usize {
        self.pane(pane).map_or(1, |area| usize::from(area.inside().height))
    }

    /// The area of a window over the panes: this size, or as large as the screen allows.
    pub fn window(&self, width: u16, height: u16) -> Area {
        let margin = if self.fit == Fit::Wide { 4 } else { 0 };
        let width = width.min(self.screen.width.saturating_sub(margin));
        // A narrow strip of the panes behind the window would be confusing.
        let is_sliver = self.fit != Fit::Wide && self.screen.width - width < 6;
        let width = if is_sliver { self.screen.width } else { width };
        let height = height.min(self.screen.height.saturating_sub(2));
        Area { x: (self.screen.width - width) / 2, y: (self.screen.height - height) / 2, width, height }
    }
}

/// The height of the operation's pane: all its items if there is room, more if it has the focus, but never so much that
/// the panes above show nothing.
fn operation_height(items: usize, between: u16, focus: Pane) -> u16 {
    let wanted = FRAME + u16::try_from(items.max(1)).unwrap_or(u16::MAX - FRAME);
    let share = if focus == Pane::Operation { between * 3 / 5 } else { between * 3 / 10 };
    wanted.min(share.max(FRAME + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_size_breaks_the_layout_and_nothing_lies_outside() {
        for columns in 0..260 {
            for rows in 0..90 {
                for focus in Pane::ALL {
                    for items in [None, Some(0), Some(3), Some(400)] {
                        let layout = Layout::of(columns, rows, focus, focus, items);
                        let areas = Pane::ALL.iter().filter_map(|pane| layout.pane(*pane));
                        for area in areas.chain([layout.window(90, 30)]) {
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
            for (columns, rows) in [(120, 40), (80, 24), (60, 15), (50, 12)] {
                assert!(Layout::of(columns, rows, focus, focus, Some(5)).pane(focus).is_some(), "{focus:?}");
            }
        }
    }
}
