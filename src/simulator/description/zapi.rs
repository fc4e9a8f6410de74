//! The switches of a world file for Z-API, with their defaults. Each default is the documented behaviour, or else the named
//! assumption.

use serde::Deserialize;

use super::settings::{AlreadyLinked, LastSubgroup, ListingId, ParticipantIds};

/// `[zapi]`: the behaviour that docs/gateways/zapi.md leaves open.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one switch of a world file")]
pub(crate) struct ZapiSettings {
    /// How long the server takes for each group of a link or unlink.
    pub(crate) link_delay_ms: u32,
    pub(crate) partial: PartialShape,
    pub(crate) failure: FailureShape,
    pub(crate) already_linked: AlreadyLinked,
    pub(crate) last_subgroup: LastSubgroup,
    pub(crate) page_ignored: bool,
    /// The most entries of a page, whatever was requested; 0 for no such limit.
    pub(crate) max_page_size: usize,
    /// The most entries of the first pages, whatever was requested; no entry is lost between them.
    pub(crate) pages: Vec<usize>,
    /// The number of entries at which the lists of groups and of communities end; 0 for no such limit.
    pub(crate) list_cap: usize,
    pub(crate) listing_id: ListingId,
    pub(crate) list_announcements: bool,
    pub(crate) list_parents: bool,
    /// Whether the list of groups still contains a group that the number left.
    pub(crate) list_left_groups: bool,
    /// Whether `subGroups` names only groups that the number is in.
    pub(crate) only_own_subgroups: bool,
    pub(crate) info_after_leave: InfoAfterLeave,
    pub(crate) participant_ids: ParticipantIds,
    /// How `/device` spells the own number.
    pub(crate) device_number: NumberForm,
    /// How the numbers of participants are spelled, including the own one.
    pub(crate) participant_number: NumberForm,
    /// Whether the light details of a group have `name` beside `subject`.
    pub(crate) light_name: bool,
    /// Whether the light details of a group have `communityId`.
    pub(crate) light_community_id: bool,
    pub(crate) wrong_credentials_status: u16,
    pub(crate) client_token_status: u16,
    pub(crate) not_connected_status: u16,
    /// The time from the use of a code, or a session's restoration, until the number is connected.
    pub(crate) pairs_after_seconds: u32,
    pub(crate) qr_code: QrShape,
}

impl Default for ZapiSettings {
    fn default() -> Self {
        Self {
            link_delay_ms: 200,
            partial: PartialShape::True,
            failure: FailureShape::Flag,
            already_linked: AlreadyLinked::Failed,
            last_subgroup: LastSubgroup::Stays,
            page_ignored: false,
            max_page_size: 0,
            pages: Vec::new(),
            list_cap: 0,
            listing_id: ListingId::Text,
            list_announcements: true,
            list_parents: false,
            list_left_groups: false,
            only_own_subgroups: false,
            info_after_leave: InfoAfterLeave::NotFound,
            participant_ids: ParticipantIds::Phone,
            device_number: NumberForm::Digits,
            participant_number: NumberForm::Digits,
            light_name: false,
            light_community_id: true,
            wrong_credentials_status: 400,
            client_token_status: 403,
            not_connected_status: 400,
            pairs_after_seconds: 5,
            qr_code: QrShape::Text,
        }
    }
}

/// Z-API's answer if only a part of a list succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PartialShape {
    /// `{"success": true}`, as if all had succeeded.
    True,
    False,
    /// `{"success": true, "error": "…"}`, where the error names the failed groups.
    Named,
    Error,
}

/// Z-API's answer if nothing of a list succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FailureShape {
    Flag,
    Error,
}

/// The details of a group for a number that is not in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InfoAfterLeave {
    NotFound,
    /// The details, without the number among the participants.
    Without,
    /// 200 with every field null.
    Null,
}

/// How a phone number is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum NumberForm {
    Digits,
    /// `+55 11 90000-0001`
    International,
    National,
    /// `551100000001`: a mobile number in the form before the ninth digit was introduced.
    WithoutNinth,
    CUs,
    /// `5511900000001:12@s.whatsapp.net`
    Device,
}

/// The answer of `/qr-code`; the editions of the documentation disagree about its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QrShape {
    /// `{"value": "…"}` with the text of the code.
    Text,
    /// `{"value": "data:image/png;base64,…"}`.
    Picture,
    /// Only the text of the code, which is not JSON.
    Bare,
}
