//! The switches of a world file for `WhatsApp` itself and for `RyzeAPI`, with their defaults. Each default is what the
//! contract documents, or else the assumption it names.

use serde::Deserialize;

/// `[settings]`: what holds for `WhatsApp` itself, whichever gateway is used.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Settings {
    /// How long the server takes for each group inside `RyzeAPI`'s link and unlink.
    pub(crate) link_delay_ms: u32,
    pub(crate) subgroup_limit: u32,
    pub(crate) limit_counts_announcements: bool,
    /// Between a change and its showing in a listing: at least, at most.
    pub(crate) listing_lag_ms: [u32; 2],
    /// How long any answer takes: at least, at most.
    pub(crate) latency_ms: [u32; 2],
    pub(crate) member_link: MemberLink,
    /// Which of the codes that a gateway gives for an instance somebody's phone takes up, counted from 1; 0 for none.
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

/// What a link by a mere member of the community comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MemberLink {
    Fail,
    /// It waits for the community's admins, and is claimed to have worked.
    Suggest,
}

/// `[ryzeapi]`: what docs/gateways/ryzeapi.md leaves open, and its budget.
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
    /// The list of groups ends after so many entries; 0 for no such limit.
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
    /// Requests a second that other programs send with each token.
    pub(crate) rate_drain_per_second: f64,
    pub(crate) rate_headers: bool,
    pub(crate) create_refused: bool,
    /// How long after connect or reconnect the number is connected.
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

/// Where a group past the limit shows in the answer to a link.
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

/// Where a group that is already in the same community shows.
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

/// What `listSubGroups` says to an id that is no community's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NotACommunity {
    Empty,
    BadRequest,
    NotFound,
    /// 400 with `JID is not a community`.
    PlainWords,
}

/// Where and how a community's listing says which community it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ListingId {
    Text,
    /// A JSON number, without a suffix.
    Number,
    /// Inside `data`, with the subgroups.
    Nested,
}

/// Which id a participant is listed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ParticipantIds {
    Phone,
    Lid,
}

/// What another instance's token gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ForeignToken {
    Forbidden,
    Unauthorized,
}
