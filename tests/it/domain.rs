//! The rules of the domain: each file tests the file of `src/domain` with the same path.

mod base_url;
mod command;
mod community {
    mod groups;
}
mod count_range;
mod desired;
mod diagnosis;
mod directory;
mod evidence;
mod history;
mod lookup;
mod name;
mod outcome;
mod plan;
