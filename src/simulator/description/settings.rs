//! The switches of a world file for `WhatsApp` itself and for `RyzeAPI`, with their defaults. Each default is the documented
//! behaviour, or else the named assumption.

use serde::Deserialize;

/// `[settings]`: the behaviour of `WhatsApp` itself, whichever gateway is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// How long the server takes for each group inside `RyzeAPI`'s link and unlink.
    pub(crate) link_delay_ms: u32,
    pub(crate) subgroup_limit: u32,
    pub(crate) limit_counts_announcements: bool,
    /// The delay until a listing shows a change: minimum, maximum.
    pub(crate) listing_lag_ms: [u32; 2],
    /// The duration of any answer: minimum, maximum.
    pub(crate) latency_ms: [u32; 2],
    pub(crate) member_link: MemberLink,
    /// The code, counted from 1, that a phone uses out of those that a gateway gives for an instance; 0 for none.
    pub(crate) scanned_code: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            link_delay_ms: 1000,
            subgroup_limit: 50,
            limit_counts_announcements: false,
            listing_lag_ms: [1000, 3000],
            latency_ms: [0, 0],
            member_link: MemberLink::Fail,
            scanned_code: 1,
        }
    }
}

/// The result of a link by an ordinary member of the community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberLink {
    Fail,
    /// It waits for the community's admins, and is claimed to have worked.
    Suggest,
}

/// `[ryzeapi]`: the behaviour that docs/gateways/ryzeapi.md leaves open, and its budget.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of a world file")]
pub(crate) struct RyzeapiSettings {
    pub(crate) silent_extra: SilentExtra,
    pub(crate) failed_items: FailedItems,
    pub(crate) already_linked: AlreadyLinked,
    pub(crate) last_subgroup: LastSubgroup,
    pub(crate) not_a_community: NotACommunity,
    pub(crate) listing_id: ListingId,
    /// The number of entries at which the list of groups ends; 0 for no such limit.
    pub(crate) list_cap: usize,
    pub(crate) subgroups_announcements: bool,
    pub(crate) subgroups_empty: bool,
    pub(crate) list_community_fields: bool,
    pub(crate) list_parents: bool,
    pub(crate) list_announcements: bool,
    pub(crate) list_member_count: bool,
    pub(crate) info_community_fields: bool,
    pub(crate) info_on_parents: bool,
    pub(crate) participant_ids: ParticipantIds,
    pub(crate) foreign_token: ForeignToken,
    pub(crate) not_connected_status: u16,
    pub(crate) rate_limit: u32,
    pub(crate) rate_window_seconds: u32,
    /// Requests per second that other programs send with each token.
    pub(crate) rate_drain_per_second: f64,
    pub(crate) rate_headers: bool,
    pub(crate) create_refused: bool,
    /// The time from connect or reconnect until the number is connected.
    pub(crate) pairs_after_seconds: u32,
}

impl Default for RyzeapiSettings {
    fn default() -> Self {
        Self {
            silent_extra: SilentExtra::Neither,
            failed_items: FailedItems::Strings,
            already_linked: AlreadyLinked::Failed,
            last_subgroup: LastSubgroup::Goes,
            not_a_community: NotACommunity::Empty,
            listing_id: ListingId::Text,
            list_cap: 0,
            subgroups_announcements: true,
            subgroups_empty: false,
            list_community_fields: false,
            list_parents: true,
            list_announcements: true,
            list_member_count: true,
            info_community_fields: false,
            info_on_parents: true,
            participant_ids: ParticipantIds::Phone,
            foreign_token: ForeignToken::Forbidden,
            not_connected_status: 400,
            rate_limit: 100,
            rate_window_seconds: 60,
            rate_drain_per_second: 0.0,
            rate_headers: true,
            create_refused: false,
            pairs_after_seconds: 5,
        }
    }
}

/// Where the answer to a link shows a group beyond the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SilentExtra {
    Neither,
    Linked,
    Failed,
}

/// The shape of an element of `failed`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailedItems {
    Strings,
    Objects,
}

/// Where the answer shows a group that is already in the same community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlreadyLinked {
    Failed,
    Linked,
}

/// Whether the last ordinary subgroup can be unlinked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LastSubgroup {
    Goes,
    Stays,
}

/// The answer of `listSubGroups` to an id that is not a community's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotACommunity {
    Empty,
    BadRequest,
    NotFound,
    /// 400 with `JID is not a community`.
    PlainWords,
}

/// Where and in which form a community's listing names its community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListingId {
    Text,
    /// A JSON number, without a suffix.
    Number,
    /// Inside `data`, with the subgroups.
    Nested,
}

/// The id under which a participant is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ParticipantIds {
    Phone,
    Lid,
}

/// The answer to another instance's token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ForeignToken {
    Forbidden,
    Unauthorized,
}
