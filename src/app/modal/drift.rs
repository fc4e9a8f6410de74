//! The differences between an instance and a file that says where groups belong, in a window: the differences by community, the
//! marked ones, and the faults of a file that cannot be compared. `domain::desired` decides what a difference is.

use std::collections::BTreeSet;

use crate::{
    app::{
        context::Context,
        filter::Filter,
        layout::{DRIFT_FRAME, PLAN_SIZE},
        list::List,
        modal::window::{Scene, Window},
        scroll::Scroll,
    },
    domain::{
        desired::{Desired, Difference, DifferenceKind, EntryError, NotCompared, UnknownGroup},
        directory::Directory,
        id::{CommunityId, GroupId},
        instance::InstanceKey,
        message::Message,
        name::Name,
        plan::{Reason, Wish},
    },
};

/// A comparison for which the instance is being read.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The file's name as typed.
    pub file: String,
    pub desired: Desired,
    /// How many groups the file names for other instances.
    pub for_others: usize,
    /// The communities whose other groups stay; `None` until it is known which groups are to be unlinked.
    pub skipped: Option<Vec<NotCompared>>,
    /// What the operator chose in the comparison that is repeated.
    pub choices: DriftChoices,
}

/// What an operator chose in a comparison.
#[derive(Clone, Debug, Default)]
pub struct DriftChoices {
    filter: Filter,
    /// The marked groups, each with the community where it belongs or is extra.
    marks: Vec<(GroupId, Option<CommunityId>)>,
    /// The group under the cursor.
    here: Option<(GroupId, Option<CommunityId>)>,
}

impl Comparison {
    /// Adds the groups that have to leave their communities, once the listings have been read. Returns whether they were missing.
    pub fn add_others(&mut self, directory: &Directory) -> bool {
        let is_missing = self.skipped.is_none();
        if is_missing {
            self.skipped = Some(self.desired.unlink_others(directory));
        }
        is_missing
    }
}

/// The window with the differences.
#[derive(Clone, Debug)]
pub struct DriftWindow {
    pub instance: InstanceKey,
    /// The file's name as typed.
    pub file: String,
    pub rows: Vec<DriftRow>,
    /// The headings, each followed by its rows.
    pub lines: List<DriftLine>,
    pub filter: Filter,
    /// The marked rows, by index.
    pub marks: BTreeSet<usize>,
    /// The communities whose other groups stay.
    pub skipped: Vec<NotCompared>,
    /// How many groups the file names for other instances.
    pub for_others: usize,
    /// Whether the file names no group of this instance.
    pub is_about_others: bool,
}

/// A group that is not in its place.
#[derive(Clone, Debug)]
pub struct DriftRow {
    pub kind: DifferenceKind,
    pub name: Name,
    /// `None` if nothing known matches the entry.
    pub group: Option<GroupId>,
    /// The line of an entry that nothing known matches.
    pub line: Option<usize>,
    /// The community that it belongs in or, if it is extra, has to leave; `None` if it belongs in none.
    pub community: Option<CommunityId>,
    /// The community that it is in, if that is another one.
    pub place: Option<CommunityId>,
    /// Why a plan would not change it, or only if the operator asks for it.
    pub reason: Option<Reason>,
    /// The wish that would put it in its place.
    pub wish: Option<Wish>,
}

/// A line of the window.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriftLine {
    /// A community, or none, with the number of its rows.
    Head(Option<CommunityId>, usize),
    /// A row, by index.
    Row(usize),
}

impl DriftRow {
    fn of(difference: &Difference<'_>) -> Self {
        Self {
            kind: difference.kind,
            name: difference.row.name.clone(),
            group: Some(difference.row.group.clone()),
            line: None,
            community: difference.community.cloned(),
            place: difference.place.cloned(),
            reason: difference.reason.cloned(),
            wish: Some(difference.wish.clone()),
        }
    }

    fn unknown(unknown: &UnknownGroup) -> Self {
        Self {
            kind: DifferenceKind::Unknown,
            name: unknown.given.clone(),
            group: None,
            line: Some(unknown.line),
            community: unknown.community.clone(),
            place: None,
            reason: None,
            wish: None,
        }
    }
}

impl DriftWindow {
    /// The window for the differences that a comparison found.
    pub fn new(instance: InstanceKey, differences: &[Difference<'_>], comparison: Comparison) -> Self {
        let mut rows: Vec<DriftRow> = differences.iter().map(DriftRow::of).collect();
        rows.extend(comparison.desired.unknown.iter().map(DriftRow::unknown));
        let mut window = Self {
            instance,
            file: comparison.file,
            rows,
            lines: List::default(),
            filter: Filter::default(),
            marks: BTreeSet::new(),
            skipped: comparison.skipped.unwrap_or_default(),
            for_others: comparison.for_others,
            is_about_others: comparison.desired.wishes.is_empty() && comparison.desired.unknown.is_empty(),
        };
        let DriftChoices { filter, marks, here } = comparison.choices;
        window.filter = filter;
        let can_mark = |at: &usize| window.rows[*at].wish.is_some();
        window.marks = marks.iter().filter_map(|mark| window.place_of(mark)).filter(can_mark).collect();
        window.relist();
        // The heading above the first row stays in sight.
        window.lines.set_height(window.lines.rows().len());
        let first = window.lines.rows().iter().find(|line| matches!(line, DriftLine::Row(_))).cloned();
        let here = here.and_then(|here| window.place_of(&here)).map(DriftLine::Row);
        for line in first.into_iter().chain(here) {
            window.lines.select(&line);
        }
        window
    }

    /// The row of a group, by its index.
    fn place_of(&self, (group, community): &(GroupId, Option<CommunityId>)) -> Option<usize> {
        self.rows.iter().position(|row| row.group.as_ref() == Some(group) && row.community == *community)
    }

    /// What the operator chose, for when the comparison is repeated.
    pub fn choices(&self) -> DriftChoices {
        let named = |at: &usize| {
            let row = self.rows.get(*at)?;
            Some((row.group.clone()?, row.community.clone()))
        };
        let here = match self.lines.selected() {
            Some(DriftLine::Row(at)) => named(at),
            Some(DriftLine::Head(..)) | None => None,
        };
        let filter = Filter { is_open: false, ..self.filter.clone() };
        DriftChoices { filter, marks: self.marks.iter().filter_map(named).collect(), here }
    }

    /// Whether the field of the filter is shown.
    pub fn has_field(&self) -> bool {
        self.filter.is_open || !self.filter.is_empty()
    }

    /// Rebuilds the lines from the rows and the filter.
    pub fn relist(&mut self) {
        let all: Vec<(usize, &DriftRow)> = self.rows.iter().enumerate().collect();
        let kept = self
            .filter
            .keep(all, |(_, row)| (row.name.shown(), row.group.as_ref().map_or("", |group| group.bare())));
        // Those of one community stand together, in the order of the file.
        let mut heads: Vec<(&Option<CommunityId>, Vec<usize>)> = Vec::new();
        for (at, row) in kept {
            match heads.iter_mut().find(|(community, _)| **community == row.community) {
                Some((_, rows)) => rows.push(at),
                None => heads.push((&row.community, vec![at])),
            }
        }
        let lines = heads.into_iter().flat_map(|(community, rows)| {
            let head = DriftLine::Head(community.clone(), rows.len());
            std::iter::once(head).chain(rows.into_iter().map(DriftLine::Row))
        });
        let lines = lines.collect();
        self.lines.set_rows(lines);
    }

    /// The rows that are shown.
    fn shown(&self) -> Vec<usize> {
        let rows = self.lines.rows().iter();
        rows.filter_map(|line| if let DriftLine::Row(at) = line { Some(*at) } else { None }).collect()
    }

    /// The rows of a line: the row, or all that are shown below the heading.
    fn below(&self, line: &DriftLine) -> Vec<usize> {
        match line {
            DriftLine::Row(at) => vec![*at],
            DriftLine::Head(community, _) => {
                self.shown().into_iter().filter(|at| self.rows[*at].community == *community).collect()
            }
        }
    }

    /// Marks the rows, or removes their marks if all of them are marked. Returns whether any of them can be marked.
    fn toggle(&mut self, rows: &[usize]) -> bool {
        let can: Vec<usize> = rows.iter().copied().filter(|at| self.rows[*at].wish.is_some()).collect();
        if can.iter().all(|at| self.marks.contains(at)) {
            for at in &can {
                self.marks.remove(at);
            }
        } else {
            self.marks.extend(&can);
        }
        !can.is_empty()
    }

    /// Marks the row under the cursor, or the rows below the heading there, or removes their marks; moves to the next row. Returns
    /// whether anything can be marked there.
    pub fn toggle_here(&mut self) -> bool {
        let Some(line) = self.lines.selected().cloned() else { return false };
        let has_changed = self.toggle(&self.below(&line));
        if has_changed && matches!(line, DriftLine::Row(_)) {
            let below = self.lines.rows().iter().skip(self.lines.cursor() + 1);
            let next = below.clone().find(|line| matches!(line, DriftLine::Row(_))).cloned();
            if let Some(next) = next {
                self.lines.select(&next);
            }
        }
        has_changed
    }

    /// Marks all rows that are shown, or removes their marks. Returns whether anything can be marked.
    pub fn toggle_all(&mut self) -> bool {
        self.toggle(&self.shown())
    }

    /// Inverts the marks of the rows that are shown. Returns whether anything can be marked.
    pub fn invert(&mut self) -> bool {
        let can: Vec<usize> = self.shown().into_iter().filter(|at| self.rows[*at].wish.is_some()).collect();
        for at in &can {
            if !self.marks.remove(at) {
                self.marks.insert(*at);
            }
        }
        !can.is_empty()
    }

    /// What would put the marked groups where they belong; without marks, those under the cursor.
    pub fn wishes(&self) -> Vec<Wish> {
        let here = || self.lines.selected().map_or_else(Vec::new, |line| self.below(line));
        let rows = if self.marks.is_empty() { here() } else { self.marks.iter().copied().collect() };
        rows.into_iter().filter_map(|at| self.rows[at].wish.clone()).collect()
    }

    /// The size of its window: no higher than its content.
    pub fn size(&self) -> (u16, u16) {
        let lines = u16::try_from(self.lines.rows().len()).unwrap_or(u16::MAX);
        (PLAN_SIZE.0, PLAN_SIZE.1.min(lines.max(3).saturating_add(DRIFT_FRAME + 2)))
    }
}

impl Window for DriftWindow {
    fn context(&self) -> Context {
        if self.filter.is_open { Context::PlanFilter } else { Context::Drift }
    }

    fn settle(&mut self, scene: Scene<'_>) {
        self.lines.set_height(usize::from(scene.lines(self.size()).saturating_sub(DRIFT_FRAME)));
    }
}

/// The window with everything that is wrong with a file.
#[derive(Clone, Debug)]
pub struct FaultsWindow {
    /// The file's name as typed.
    pub file: String,
    /// The faults with their lines, in the order of the lines.
    pub faults: Vec<(usize, FileFault)>,
    /// The visible part of the text.
    pub scroll: Scroll,
}

/// A fault of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// Its form.
    Form(Message),
    /// No instance has this name.
    NoInstance(Name),
    /// Several instances have this name, one as much as the other.
    SeveralInstances(Name),
    /// What it names.
    Entry(EntryError),
}

impl Window for FaultsWindow {
    fn context(&self) -> Context {
        Context::Page
    }

    fn scroll_mut(&mut self) -> Option<&mut Scroll> {
        Some(&mut self.scroll)
    }
}
