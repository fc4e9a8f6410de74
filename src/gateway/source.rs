//! Turns an answer's bytes into values: within a budget, so that no answer takes too much memory, and with every text
//! scrubbed. Long lists are read one entry at a time: as one JSON tree, a hundred thousand groups take ten times the memory
//! that their final form needs, and a heap that was once that large stays large.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::json::Object;
use crate::{
    domain::{
        capability::Capabilities,
        community::{CommunityListing, GroupList},
        failure::{Failure, FailureKind},
    },
    scrub::Scrubber,
};

/// How deep it looks for lists: at the root, under a name there, and one level below that.
const DEPTH: usize = 2;

/// How many values an answer may hold besides the entries of its lists, and how many each entry may hold: more than any
/// group with all its members. One value takes less than 400 bytes.
const MOST_VALUES: usize = 65_536;

/// How many bytes the names of a list may have together: a hundred thousand groups with names of 120 bytes.
const MOST_NAMES: usize = 12 << 20;

/// How many bytes the names and ids of a community's subgroups may have together: a hundred subgroups take a third of this.
const MOST_LISTED: usize = 128 << 10;

/// Returns the list, or [`FailureKind::TooLong`] if its names together exceed the limit.
pub(super) fn within_names(list: GroupList) -> Result<GroupList, Failure> {
    within([list.groups.bytes_of_names()].into_iter(), MOST_NAMES).map(|()| list)
}

/// Returns the listing, or [`FailureKind::TooLong`] if its names and ids together exceed the limit.
pub(super) fn within_listed(listing: CommunityListing) -> Result<CommunityListing, Failure> {
    let lengths = listing.subgroups.iter().map(|group| group.name.exact().len() + group.id.as_str().len());
    within(lengths, MOST_LISTED).map(|()| listing)
}

/// Returns the listing, or [`FailureKind::NoListing`] if it lacks the announcement group that every listing of the gateway has.
pub(super) fn complete(
    listing: CommunityListing,
    capabilities: &Capabilities,
) -> Result<CommunityListing, Failure> {
    if capabilities.announcements_in_listing && listing.announcements.is_none() {
        return Err(Failure::new(FailureKind::NoListing).with_status(200));
    }
    Ok(listing)
}

fn within(lengths: impl Iterator<Item = usize>, most: usize) -> Result<(), Failure> {
    if lengths.sum::<usize>() > most {
        return Err(Failure::new(FailureKind::TooLong).with_status(200));
    }
    Ok(())
}

/// Receives the entries of lists.
pub(super) trait ListStream {
    /// A list begins at this place: the names that lead to it, joined by dots; empty for the answer itself. Returns whether
    /// the stream takes the entries; otherwise they stay in the answer. If two lists have the same place, the later counts.
    fn begin(&mut self, place: &str) -> bool;

    /// Takes an entry of the current list.
    fn take(&mut self, entry: Value);
}

/// A value built from a response while it is read.
pub(super) trait Made: Default + Send + 'static {
    /// Finishes the value once the bytes of the response are freed: otherwise a long list would be in memory together with them.
    fn complete(&mut self) {}
}

impl Made for () {}

impl<T: Send + 'static> Made for Lists<T> {}

/// The lists of an answer by place, with the value made of each entry.
pub(super) struct Lists<T> {
    lists: Vec<(String, Vec<T>)>,
    /// The length of the answer.
    pub(super) bytes: usize,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { lists: Vec::new(), bytes: 0 }
    }
}

impl<T> Lists<T> {
    /// The values of the list at a place; empty if there is no such list, because `null` counts as a list too.
    pub(super) fn at(self, place: &str) -> Vec<T> {
        self.lists
            .into_iter()
            .find(|(named, _)| named == place)
            .map(|(_, entries)| entries)
            .unwrap_or_default()
    }
}

struct Taking<'a, T, Read> {
    places: &'a [&'a str],
    read: Read,
    lists: Vec<(String, Vec<T>)>,
}

impl<T, Read: Fn(&Value) -> T> ListStream for Taking<'_, T, Read> {
    fn begin(&mut self, place: &str) -> bool {
        let is_list = self.places.contains(&place);
        if is_list {
            self.lists.retain(|(named, _)| named != place);
            self.lists.push((place.to_owned(), Vec::new()));
        }
        is_list
    }

    fn take(&mut self, entry: Value) {
        if let Some((_, entries)) = self.lists.last_mut() {
            entries.push((self.read)(&entry));
        }
    }
}

/// The bytes of an answer, to be read once.
pub(super) struct Source<'a> {
    bytes: &'a [u8],
    scrubber: &'a Scrubber,
    values: Cell<usize>,
    entries: Cell<usize>,
    is_used_up: Cell<bool>,
}

impl<'a> Source<'a> {
    /// The lists in it may have this many entries together.
    pub(super) fn new(bytes: &'a [u8], scrubber: &'a Scrubber, most_entries: usize) -> Self {
        let (values, entries) = (Cell::new(MOST_VALUES), Cell::new(most_entries));
        Self { bytes, scrubber, values, entries, is_used_up: Cell::new(false) }
    }

    /// Whether reading stopped because the answer was too large.
    pub(super) fn is_used_up(&self) -> bool {
        self.is_used_up.get()
    }

    /// The whole answer as one tree.
    pub(super) fn whole(&self) -> serde_json::Result<Value> {
        let mut json = serde_json::Deserializer::from_slice(self.bytes);
        let value = Tree(self).deserialize(&mut json)?;
        json.end()?;
        Ok(value)
    }

    /// The answer, without the list entries that the stream took.
    pub(super) fn stream_lists(&self, stream: &mut impl ListStream) -> serde_json::Result<Value> {
        let mut json = serde_json::Deserializer::from_slice(self.bytes);
        let rest =
            JsonSeed { source: self, stream, names: String::new(), depth: 0 }.deserialize(&mut json)?;
        json.end()?;
        Ok(rest)
    }

    /// The answer without the entries of the lists at these places, and the value that `read` makes of each entry.
    pub(super) fn lists<T>(
        &self,
        places: &[&str],
        read: impl Fn(&Value) -> T,
    ) -> serde_json::Result<(Value, Lists<T>)> {
        let mut taking = Taking { places, read, lists: Vec::new() };
        let rest = self.stream_lists(&mut taking)?;
        Ok((rest, Lists { lists: taking.lists, bytes: self.bytes.len() }))
    }

    fn spend<E: Error>(&self, budget: &Cell<usize>) -> Result<(), E> {
        let Some(left) = budget.get().checked_sub(1) else {
            self.is_used_up.set(true);
            return Err(E::custom("more than an answer may hold"));
        };
        budget.set(left);
        Ok(())
    }

    /// An entry of a list that the stream takes, with its own budget.
    fn entry<'de, A: SeqAccess<'de>>(&self, entries: &mut A) -> Result<Option<Value>, A::Error> {
        let left = self.values.replace(MOST_VALUES);
        let entry = entries.next_element_seed(Tree(self))?;
        self.values.set(left);
        if entry.is_some() {
            self.spend(&self.entries)?;
        }
        Ok(entry)
    }
}

/// A value as it is, with every text scrubbed.
struct Tree<'a>(&'a Source<'a>);

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        self.0.spend(&self.0.values)?;
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some(name) = entries.next_key::<String>()? {
            object.insert(name, entries.next_value_seed(Tree(self.0))?);
        }
        Ok(Value::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(entry) = entries.next_element_seed(Tree(self.0))? {
            list.push(entry);
        }
        Ok(Value::Array(list))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(self.0.scrubber.masked(value)))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

/// A value that may contain lists, and its place.
struct JsonSeed<'a, S> {
    source: &'a Source<'a>,
    stream: &'a mut S,
    names: String,
    depth: usize,
}

impl<'de, S: ListStream> DeserializeSeed<'de> for JsonSeed<'_, S> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        self.source.spend(&self.source.values)?;
        json.deserialize_any(self)
    }
}

impl<'de, S: ListStream> Visitor<'de> for JsonSeed<'_, S> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let Self { source, stream, names, depth } = self;
        if depth >= DEPTH {
            return Tree(source).visit_map(entries);
        }
        let mut object = Object::new();
        while let Some(name) = entries.next_key::<String>()? {
            let dot = if depth > 0 { "." } else { "" };
            let names = format!("{names}{dot}{name}");
            let place = JsonSeed { source, stream: &mut *stream, names, depth: depth + 1 };
            let value = entries.next_value_seed(place)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        if !self.stream.begin(&self.names) {
            return Tree(self.source).visit_seq(entries);
        }
        while let Some(entry) = self.source.entry(&mut entries)? {
            self.stream.take(entry);
        }
        Ok(Value::Array(Vec::new()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Tree(self.source).visit_bool(value)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Tree(self.source).visit_i64(value)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Tree(self.source).visit_u64(value)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Tree(self.source).visit_f64(value)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Tree(self.source).visit_str(value)
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Tree(self.source).visit_unit()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const MOST_ENTRIES: usize = 100;

    #[derive(Default)]
    struct Taken(Vec<(String, Vec<Value>)>);

    impl ListStream for Taken {
        fn begin(&mut self, place: &str) -> bool {
            self.0.push((place.to_owned(), Vec::new()));
            place != "kept"
        }

        fn take(&mut self, entry: Value) {
            self.0.last_mut().unwrap().1.push(entry);
        }
    }

    fn stream_lists(bytes: &[u8], stream: &mut impl ListStream) -> serde_json::Result<Value> {
        Source::new(bytes, &Scrubber::default(), MOST_ENTRIES).stream_lists(stream)
    }

    #[test]
    fn an_answer_with_too_many_values_or_entries_is_given_up() {
        let scrubber = Scrubber::default();
        let many = |count: usize| format!("[{}0]", "0,".repeat(count - 1));
        let deep = |count: usize| format!("{{\"deep\":{{\"a\":{{\"b\":{}}}}}}}", many(count));
        for (json, is_accepted) in [
            (deep(MOST_VALUES - 10), true),
            (deep(MOST_VALUES), false),
            (many(MOST_ENTRIES), true),
            (many(MOST_ENTRIES + 1), false),
            (format!("[{}]", many(MOST_VALUES)), false),
        ] {
            let source = Source::new(json.as_bytes(), &scrubber, MOST_ENTRIES);
            let read = source.lists(&[""], |_| ()).is_ok();
            assert_eq!((read, source.is_used_up()), (is_accepted, !is_accepted), "{}", json.len());
        }
        let json = many(MOST_VALUES);
        let source = Source::new(json.as_bytes(), &scrubber, MOST_ENTRIES);
        assert!(source.whole().is_err() && source.is_used_up());
    }

    fn streamed(answer: &Value) -> (Value, Taken) {
        let mut taken = Taken::default();
        (stream_lists(answer.to_string().as_bytes(), &mut taken).unwrap(), taken)
    }

    #[test]
    fn lists_near_the_root_are_taken_and_the_rest_stays() {
        let answer = json!({
            "success": true, "n": [-1, 2, 0.5], "kept": [null],
            "data": { "groups": [{ "id": [1] }], "page": { "deep": [1] } },
        });
        let (rest, Taken(taken)) = streamed(&answer);
        let left = json!({
            "success": true, "n": [], "kept": [null], "data": { "groups": [], "page": { "deep": [1] } },
        });
        assert_eq!(rest, left);
        let mut places: Vec<_> = taken.iter().map(|(place, taken)| (place.as_str(), taken.clone())).collect();
        places.sort_by_key(|(place, _)| *place);
        let expected = [
            ("data.groups", vec![json!({ "id": [1] })]),
            ("kept", vec![]),
            ("n", vec![json!(-1), json!(2), json!(0.5)]),
        ];
        assert_eq!(places, expected);
        let (rest, Taken(taken)) = streamed(&json!([[1], {}]));
        assert_eq!((rest, taken), (json!([]), vec![(String::new(), vec![json!([1]), json!({})])]));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            "\\PC*".prop_map(Value::from),
        ];
        leaf.prop_recursive(5, 60, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map("[a-c]{1,2}", inner, 0..6).prop_map(Value::from_iter),
            ]
        })
    }

    /// Takes no entry.
    struct Nothing;

    impl ListStream for Nothing {
        fn begin(&mut self, _: &str) -> bool {
            false
        }

        fn take(&mut self, _: Value) {}
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn property_what_is_not_taken_is_read_as_it_stands(answer in any_json()) {
            prop_assert_eq!(stream_lists(answer.to_string().as_bytes(), &mut Nothing).unwrap(), answer);
        }

        #[test]
        fn property_what_is_no_json_is_none(answer in any_json(), tail in "[a-z\\]},]") {
            let broken = format!("{answer}{tail}");
            prop_assert!(stream_lists(broken.as_bytes(), &mut Nothing).is_err());
        }
    }
}
