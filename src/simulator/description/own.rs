//! The switches of a world file for the gateways that people run themselves, with their defaults: one table per gateway. Each
//! default follows the contract, or else the named assumption. On a gateway whose contract settles a question, the switch has no effect.

use serde::Deserialize;

use super::settings::{LastSubgroup, ParticipantIds};

/// `[wsapi]`, `[whatsmiau]`, `[evolution]` and `[uazapi]`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of a world file")]
pub(crate) struct OwnSettings {
    pub(crate) last_subgroup: LastSubgroup,
    /// The number of entries at which the list of groups ends; 0 for no such limit.
    pub(crate) list_cap: usize,
    /// Whether a community's listing names only groups that the number is in.
    pub(crate) only_own_subgroups: bool,
    /// Whether everybody may write in announcement groups, which hides their flag on `whatsmiau`.
    pub(crate) opened_announcements: bool,
    pub(crate) participant_ids: ParticipantIds,
    /// The time from the use of a code until the number is connected.
    pub(crate) pairs_after_seconds: u32,
    /// The status for an instance without a phone, on `WSAPI`: the hosted service is said to answer otherwise.
    pub(crate) not_paired_status: u16,
    /// Whether the server has a single instance, on `WSAPI`.
    pub(crate) is_single: bool,
    /// Whether `force` only starts a refresh, on `uazapi`: the answer then shows what the refresh before found.
    pub(crate) force_only_starts: bool,
    /// Whether an empty list of a change is null, on `uazapi`.
    pub(crate) null_lists: bool,
    /// Whether a change names the group in neither list, on `uazapi`.
    pub(crate) names_nothing: bool,
    /// Whether groups lack the flag that marks communities, on `uazapi`.
    pub(crate) omits_kind: bool,
}

impl Default for OwnSettings {
    fn default() -> Self {
        Self {
            last_subgroup: LastSubgroup::Goes,
            list_cap: 0,
            only_own_subgroups: false,
            opened_announcements: false,
            participant_ids: ParticipantIds::Phone,
            pairs_after_seconds: 5,
            not_paired_status: 409,
            is_single: false,
            force_only_starts: false,
            null_lists: false,
            names_nothing: false,
            omits_kind: false,
        }
    }
}
