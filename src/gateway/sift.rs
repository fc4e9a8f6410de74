//! Long lists within an answer, taken apart an entry at a time. As one tree of JSON a hundred thousand groups take ten
//! times the room that is left of them in the end, and a heap that was once that large stays large.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::json::Object;

/// How deep lists are looked for: at the root, under a name there, and under a name of that.
const DEPTH: usize = 2;

/// Takes the entries of lists.
pub(super) trait Sieve {
    /// A list begins at this place: the names that lead to it with dots between, none for the answer itself. Whether its
    /// entries are taken; else they stay where they are. Of two lists at one place the later counts.
    fn begin(&mut self, place: &str) -> bool;

    /// Takes an entry of the list that began last.
    fn take(&mut self, entry: Value);
}

/// Reads an answer; the lists whose entries the sieve took are empty in what is left.
pub(super) fn sift(bytes: &[u8], sieve: &mut impl Sieve) -> serde_json::Result<Value> {
    let mut source = serde_json::Deserializer::from_slice(bytes);
    let rest = Place { sieve, names: String::new(), depth: 0 }.deserialize(&mut source)?;
    source.end()?;
    Ok(rest)
}

/// A value, and where it stands.
struct Place<'a, S> {
    sieve: &'a mut S,
    names: String,
    depth: usize,
}

impl<'de, S: Sieve> DeserializeSeed<'de> for Place<'_, S> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de, S: Sieve> Visitor<'de> for Place<'_, S> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Object::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = if self.depth < DEPTH {
                let dot = if self.depth > 0 { "." } else { "" };
                let names = format!("{}{dot}{name}", self.names);
                entries.next_value_seed(Place { sieve: &mut *self.sieve, names, depth: self.depth + 1 })?
            } else {
                entries.next_value()?
            };
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut rest = Vec::new();
        if self.sieve.begin(&self.names) {
            while let Some(entry) = entries.next_element()? {
                self.sieve.take(entry);
            }
        } else {
            while let Some(entry) = entries.next_element()? {
                rest.push(entry);
            }
        }
        Ok(Value::Array(rest))
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
        Ok(Value::from(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[derive(Default)]
    struct Taken(Vec<(String, Vec<Value>)>);

    impl Sieve for Taken {
        fn begin(&mut self, place: &str) -> bool {
            self.0.push((place.to_owned(), Vec::new()));
            place != "kept"
        }

        fn take(&mut self, entry: Value) {
            self.0.last_mut().unwrap().1.push(entry);
        }
    }

    fn sifted(answer: &Value) -> (Value, Taken) {
        let mut taken = Taken::default();
        (sift(answer.to_string().as_bytes(), &mut taken).unwrap(), taken)
    }

    #[test]
    fn lists_near_the_root_are_taken_and_the_rest_stays() {
        let answer = json!({
            "success": true, "n": [-1, 2, 0.5], "kept": [null],
            "data": { "groups": [{ "id": [1] }], "page": { "deep": [1] } },
        });
        let (rest, Taken(taken)) = sifted(&answer);
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
        let (rest, Taken(taken)) = sifted(&json!([[1], {}]));
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

    /// Takes nothing.
    struct Nothing;

    impl Sieve for Nothing {
        fn begin(&mut self, _: &str) -> bool {
            false
        }

        fn take(&mut self, _: Value) {}
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn property_what_is_not_taken_is_read_as_it_stands(answer in any_json()) {
            prop_assert_eq!(sift(answer.to_string().as_bytes(), &mut Nothing).unwrap(), answer);
        }

        #[test]
        fn property_what_is_no_json_is_none(answer in any_json(), tail in "[a-z\\]},]") {
            let broken = format!("{answer}{tail}");
            prop_assert!(sift(broken.as_bytes(), &mut Nothing).is_err());
        }
    }
}
