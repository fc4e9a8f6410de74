//! Marks, stored by id so that they survive a filter, a sort, a refresh and a change of pane.

use std::collections::HashMap;

use crate::domain::{id::GroupId, plan::Mark};

/// The marked groups of an instance, in the order of marking.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    by_id: HashMap<GroupId, (u64, Mark)>,
    next: u64,
    revision: u64,
}

impl Marks {
    /// Whether a group is marked.
    pub fn has(&self, group: &str) -> bool {
        self.by_id.contains_key(group)
    }

    /// How many are marked.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether none is marked.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Changes whenever a mark is added or removed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The mark of a group.
    pub fn get(&self, group: &str) -> Option<&Mark> {
        self.by_id.get(group).map(|(_, mark)| mark)
    }

    /// The marks, in no particular order.
    pub fn iter(&self) -> impl Iterator<Item = &Mark> {
        self.by_id.values().map(|(_, mark)| mark)
    }

    /// Marks a group. A group already marked keeps its place and its source.
    pub fn add(&mut self, mark: Mark) {
        let place = self.next;
        self.next += 1;
        self.revision += 1;
        self.by_id.entry(mark.group.clone()).or_insert((place, mark));
    }

    /// Removes a mark.
    pub fn remove(&mut self, group: &GroupId) {
        self.by_id.remove(group);
        self.revision += 1;
    }

    /// Adds the mark, or removes it if the group is already marked.
    pub fn toggle(&mut self, mark: Mark) {
        self.revision += 1;
        if self.by_id.remove(&mark.group).is_none() {
            self.add(mark);
        }
    }

    /// Removes all marks.
    pub fn clear(&mut self) {
        self.by_id.clear();
        self.revision += 1;
    }

    /// The marks, in the order of marking.
    pub fn in_order(&self) -> Vec<Mark> {
        let mut marks: Vec<_> = self.by_id.values().collect();
        marks.sort_by_key(|(place, _)| *place);
        marks.into_iter().map(|(_, mark)| mark.clone()).collect()
    }
}
