//! `[[fault]]`: one misbehaviour, the requests that trigger it, and which of them it can strike.

use serde::Deserialize;

/// One misbehaviour, and when it strikes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FaultDef {
    pub(crate) on: On,
    pub(crate) then: Then,
    pub(crate) instance: Option<String>,
    pub(crate) community: Option<String>,
    pub(crate) group: Option<String>,
    /// Only this many of the first matching requests.
    pub(crate) first: Option<u32>,
    /// Only this one of the matching requests, counted from 1.
    pub(crate) nth: Option<u32>,
    /// How many matching requests pass before the first strike.
    #[serde(default)]
    pub(crate) skip: u32,
    pub(crate) times: Option<u32>,
    /// Strikes with this probability, from the world's seed.
    pub(crate) share: Option<f64>,
    pub(crate) seconds: Option<f64>,
    pub(crate) text: Option<String>,
    pub(crate) status: Option<u16>,
    /// Whether the change is made nevertheless; each `then` has its own default.
    pub(crate) change: Option<bool>,
    /// The number of entries after which `cut` ends a list.
    pub(crate) entries: Option<usize>,
    /// The fraction of a list's entries that is left out or blank.
    pub(crate) part: Option<f64>,
    /// The community whose listing is returned instead, or into which another admin puts the group.
    pub(crate) to: Option<String>,
}

/// An enum with one name per variant, for world files, messages and the log.
macro_rules! named {
    ($(#[$of_enum:meta])* $name:ident { $($(#[$of_variant:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$of_enum])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
        pub(crate) enum $name {
            $($(#[$of_variant])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// The name that world files use.
            pub(crate) const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

named! {
    /// The trigger of a fault: a verb, a route, or a class of them.
    On {
        Link = "link",
        Unlink = "unlink",
        Leave = "leave",
        Join = "join",
        Create = "create",
        ResetLink = "reset_link",
        Connect = "connect",
        Reconnect = "reconnect",
        Groups = "groups",
        Communities = "communities",
        Subgroups = "subgroups",
        Info = "info",
        Instances = "instances",
        Requests = "requests",
        InviteLink = "invite_link",
        Device = "device",
        Me = "me",
        Health = "health",
        Any = "any",
        AnyRead = "any_read",
        AnyWrite = "any_write",
    }
}

named! {
    /// The effect of a fault.
    Then {
        Refuse = "refuse",
        Lie = "lie",
        DropBefore = "drop_before",
        DropAfter = "drop_after",
        TimeoutAfter = "timeout_after",
        Slow = "slow",
        /// A proxy's page with any status. The second spelling is the older one.
        #[serde(alias = "html_502")]
        Html = "html",
        RateLimited = "rate_limited",
        Throttle = "throttle",
        /// The gateway's own error form, with any status and text. The second spelling is the older one.
        #[serde(alias = "error_500")]
        Error = "error",
        EmptyBody = "empty_body",
        EmptyListing = "empty_listing",
        /// Some entries are missing.
        Incomplete = "incomplete",
        /// The list ends early.
        Cut = "cut",
        /// The answer shows an older state.
        Stale = "stale",
        /// Every second strike shows an older state.
        Alternating = "alternating",
        /// Entries of the list of groups are returned as zero values.
        Blank = "blank",
        /// The listing of another community is returned instead.
        OtherCommunity = "other_community",
        MovedByAnother = "moved_by_another",
        LinkedByAnother = "linked_by_another",
        UnlinkedByAnother = "unlinked_by_another",
        NotConnected = "not_connected",
        Banned = "banned",
    }
}

impl On {
    pub(crate) const fn is_write(self) -> bool {
        matches!(
            self,
            Self::Link
                | Self::Unlink
                | Self::Leave
                | Self::Join
                | Self::Create
                | Self::ResetLink
                | Self::Connect
                | Self::Reconnect
                | Self::AnyWrite
        )
    }

    /// Whether it stands for several verbs or routes.
    pub(crate) const fn is_class(self) -> bool {
        matches!(self, Self::Any | Self::AnyRead | Self::AnyWrite)
    }

    pub(crate) fn covers(self, verb: Self) -> bool {
        match self {
            // The page that reports whether the gateway is up is hit only by its own name.
            Self::Any => verb != Self::Health,
            Self::AnyRead => !verb.is_write() && verb != Self::Health,
            Self::AnyWrite => verb.is_write(),
            _ => self == verb,
        }
    }
}

const GROUPS: &[On] = &[On::Groups];
const SUBGROUPS: &[On] = &[On::Subgroups];
const LISTS: &[On] = &[On::Groups, On::Communities, On::Subgroups];
const LISTS_AND_DETAILS: &[On] = &[On::Groups, On::Communities, On::Subgroups, On::Info];

impl Then {
    /// The reads whose contents it can falsify; `None` if it is not such a fault.
    pub(crate) const fn reads(self) -> Option<&'static [On]> {
        match self {
            Self::Incomplete | Self::Cut | Self::Stale | Self::Alternating => Some(LISTS_AND_DETAILS),
            Self::EmptyListing => Some(LISTS),
            Self::Blank => Some(GROUPS),
            Self::OtherCommunity => Some(SUBGROUPS),
            _ => None,
        }
    }

    /// Whether it can strike a request of this verb as a whole.
    pub(crate) fn fits_request(self, verb: On) -> bool {
        match self.reads() {
            Some(reads) => reads.contains(&verb),
            None if verb.is_write() => !self.is_by_group() && !self.is_by_another(),
            None => self != Self::Lie && !self.is_by_another(),
        }
    }

    /// Whether it strikes a group rather than a whole request.
    pub(crate) const fn is_by_group(self) -> bool {
        matches!(self, Self::Refuse | Self::Lie)
    }

    /// Whether it acts as another admin, who changes the world before the request is processed.
    pub(crate) const fn is_by_another(self) -> bool {
        matches!(self, Self::MovedByAnother | Self::LinkedByAnother | Self::UnlinkedByAnother)
    }

    /// Whether `group` names entries of the answer to this verb, not the subject of the request.
    pub(crate) fn names_entries(self, verb: On) -> bool {
        matches!(self, Self::Incomplete | Self::Blank) && verb != On::Info
    }
}

impl FaultDef {
    /// Whether the change is made nevertheless.
    pub(crate) fn makes_change(&self) -> bool {
        self.change.unwrap_or(match self.then {
            Then::DropAfter | Then::TimeoutAfter | Then::Slow | Then::EmptyBody => true,
            Then::Html => self.status.is_some_and(|status| status < 300),
            _ => false,
        })
    }
}
