//! The content of a world file, as written. It owns the format of world files and its defaults. `state` owns what happens in
//! the world, `description/error` how a mistake in the file is reported.

mod error;
mod fault;
mod group;
mod own;
mod settings;
mod zapi;

use serde::Deserialize;
use std::collections::BTreeMap;

pub use error::WorldError;
pub(crate) use fault::{FaultDef, On, Then};
pub(crate) use group::GroupDef;
pub(crate) use own::OwnSettings;
pub(crate) use settings::{
    AlreadyLinked, FailedItems, ForeignToken, LastSubgroup, ListingId, MemberLink, NotACommunity,
    ParticipantIds, RyzeapiSettings, Settings, SilentExtra,
};
pub(crate) use zapi::{FailureShape, InfoAfterLeave, NumberForm, PartialShape, QrShape, ZapiSettings};

/// A whole world file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Description {
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    pub(crate) ryzeapi: RyzeapiSettings,
    pub(crate) zapi: ZapiSettings,
    pub(crate) wsapi: OwnSettings,
    pub(crate) whatsmiau: OwnSettings,
    pub(crate) evolution: OwnSettings,
    pub(crate) uazapi: OwnSettings,
    pub(crate) instance: Vec<InstanceDef>,
    pub(crate) community: Vec<CommunityDef>,
    pub(crate) standalone: StandaloneDef,
    pub(crate) generate: Option<GenerateDef>,
    pub(crate) fault: Vec<FaultDef>,
}

/// The contract by which an instance is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GatewayKind {
    /// `RyzeAPI`: docs/gateways/ryzeapi.md.
    #[default]
    Ryzeapi,
    /// Z-API: docs/gateways/zapi.md.
    Zapi,
    /// `WSAPI`: docs/gateways/wsapi.md.
    Wsapi,
    /// `whatsmiau`: docs/gateways/whatsmiau.md.
    Whatsmiau,
    /// Evolution API: docs/gateways/evolution.md.
    Evolution,
    /// `uazapi`: docs/gateways/uazapi.md.
    Uazapi,
}

impl GatewayKind {
    /// All contracts.
    pub(crate) const ALL: [Self; 6] =
        [Self::Ryzeapi, Self::Zapi, Self::Wsapi, Self::Whatsmiau, Self::Evolution, Self::Uazapi];

    /// The word for it in world files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ryzeapi => "ryzeapi",
            Self::Zapi => "zapi",
            Self::Wsapi => "wsapi",
            Self::Whatsmiau => "whatsmiau",
            Self::Evolution => "evolution",
            Self::Uazapi => "uazapi",
        }
    }
}

/// The role of a number in a group or a community.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Role {
    #[default]
    None,
    Member,
    Admin,
    Superadmin,
}

impl Role {
    pub(crate) const fn is_in(self) -> bool {
        !matches!(self, Self::None)
    }

    pub(crate) const fn is_admin(self) -> bool {
        matches!(self, Self::Admin | Self::Superadmin)
    }
}

pub(crate) type Roles = BTreeMap<String, Role>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstanceDef {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) gateway: GatewayKind,
    /// Z-API's instance id in the path; the name if absent.
    pub(crate) id: Option<String>,
    pub(crate) token: Option<String>,
    pub(crate) account_token: Option<String>,
    pub(crate) client_token: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) state: Option<String>,
    /// The role of the number wherever `roles` does not name it.
    pub(crate) role: Option<Role>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommunityDef {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) role: Option<Role>,
    #[serde(default)]
    pub(crate) roles: Roles,
    /// The announcement group's own name, id and size, if they matter.
    pub(crate) announcements: Option<GroupDef>,
    #[serde(default)]
    pub(crate) groups: Vec<GroupDef>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct StandaloneDef {
    pub(crate) role: Option<Role>,
    pub(crate) groups: Vec<GroupDef>,
}

/// A large world in a few lines.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GenerateDef {
    pub(crate) seed: u64,
    pub(crate) communities: usize,
    /// Ordinary groups per community: minimum, maximum.
    pub(crate) groups: [usize; 2],
    pub(crate) standalone: usize,
    /// The total number of ordinary groups: those beyond the communities stand alone, whatever `standalone` says.
    pub(crate) total: Option<usize>,
    pub(crate) instances: usize,
    pub(crate) gateway: GatewayKind,
    /// The fraction of groups in which the number is an admin.
    pub(crate) admin_share: f64,
    /// Distributes the communities and groups among the instances, instead of putting every number in all of them.
    pub(crate) spread: bool,
}

impl Default for GenerateDef {
    fn default() -> Self {
        Self {
            seed: 0,
            communities: 0,
            groups: [5, 20],
            standalone: 0,
            total: None,
            instances: 0,
            gateway: GatewayKind::Ryzeapi,
            admin_share: 1.0,
            spread: false,
        }
    }
}

impl Description {
    /// Adds an instance on each gateway that has none. Each is an admin in a part of the communities and groups.
    pub(crate) fn add_every_gateway(&mut self) {
        for (nth, gateway) in GatewayKind::ALL.into_iter().enumerate() {
            if self.instance.iter().any(|instance| instance.gateway == gateway) {
                continue;
            }
            let name = gateway.word().to_owned();
            let roles = self.community.iter_mut().map(|community| &mut community.roles);
            let standalone = self.standalone.groups.iter_mut().map(|group| &mut group.roles);
            for (index, roles) in roles.chain(standalone).enumerate() {
                if (index + nth) % 4 == 0 {
                    roles.insert(name.clone(), Role::Admin);
                }
            }
            self.instance.push(InstanceDef {
                name,
                gateway,
                id: None,
                token: None,
                account_token: None,
                client_token: None,
                number: None,
                state: None,
                role: Some(Role::None),
            });
        }
    }

    /// The switches of a gateway that people run themselves. The others have tables of their own.
    pub(crate) fn own(&self, kind: GatewayKind) -> &OwnSettings {
        match kind {
            GatewayKind::Whatsmiau => &self.whatsmiau,
            GatewayKind::Evolution => &self.evolution,
            GatewayKind::Uazapi => &self.uazapi,
            GatewayKind::Wsapi | GatewayKind::Ryzeapi | GatewayKind::Zapi => &self.wsapi,
        }
    }

    /// Reads a world file; `file` is only for the message.
    pub(crate) fn parse(text: &str, file: &str) -> Result<Self, WorldError> {
        toml::from_str(text).map_err(|error| WorldError::from_toml(&error, text, file))
    }
}
