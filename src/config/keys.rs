//! Which keys an `[[instance]]` table takes, by gateway: the one table that the reader of the file, `synod init`, the form and
//! the documentation share.

use crate::domain::instance::GatewayKind;

/// A key of an `[[instance]]` table whose use depends on the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewayKey {
    pub name: &'static str,
    pub is_required: bool,
    /// Whether the value is a secret, which the table only refers to.
    pub is_secret: bool,
    /// A correct line.
    pub example: &'static str,
    /// The message that explains it to a person who types the value.
    pub help: &'static str,
}

impl GatewayKey {
    const fn new(name: &'static str, example: &'static str, help: &'static str) -> Self {
        Self { name, is_required: true, is_secret: false, example, help }
    }

    const fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }
}

const USUAL_ADDRESS: &str = "entry-help-address";
const OWN_ADDRESS: &str = "entry-help-own-address";

/// The keys of a gateway, in the order in which people are asked for them.
pub fn of(gateway: GatewayKind) -> &'static [GatewayKey] {
    match gateway {
        GatewayKind::RyzeApi => {
            const {
                &[
                    GatewayKey::new("base_url", "base_url = \"https://ryzeapi.cloud\"", USUAL_ADDRESS)
                        .optional(),
                    GatewayKey::new("instance", "instance = \"harbor\"", "entry-help-instance"),
                    GatewayKey::new("token", "token = { env = \"RYZE_TOKEN\" }", "entry-help-token").secret(),
                ]
            }
        }
        GatewayKind::Zapi => {
            const {
                &[
                    GatewayKey::new("base_url", "base_url = \"https://api.z-api.io\"", USUAL_ADDRESS)
                        .optional(),
                    GatewayKey::new(
                        "instance",
                        "instance = { env = \"ZAPI_INSTANCE\" }",
                        "entry-help-instance-id",
                    )
                    .secret(),
                    GatewayKey::new("token", "token = { env = \"ZAPI_TOKEN\" }", "entry-help-token").secret(),
                    GatewayKey::new(
                        "client_token",
                        "client_token = { env = \"ZAPI_CLIENT_TOKEN\" }",
                        "entry-help-client-token",
                    )
                    .optional()
                    .secret(),
                ]
            }
        }
        GatewayKind::WsApi => {
            const {
                &[
                    GatewayKey::new("base_url", "base_url = \"https://wsapi.example\"", OWN_ADDRESS),
                    GatewayKey::new("instance", "instance = \"harbor\"", "entry-help-instance-optional")
                        .optional(),
                    GatewayKey::new("token", "token = { env = \"WSAPI_KEY\" }", "entry-help-key").secret(),
                ]
            }
        }
        GatewayKind::Whatsmiau => {
            const {
                &[
                    GatewayKey::new("base_url", "base_url = \"https://whatsmiau.example\"", OWN_ADDRESS),
                    GatewayKey::new("instance", "instance = \"harbor\"", "entry-help-instance-own"),
                    GatewayKey::new("token", "token = { env = \"WHATSMIAU_KEY\" }", "entry-help-key")
                        .secret(),
                ]
            }
        }
        GatewayKind::Evolution => {
            const {
                &[
                    GatewayKey::new("base_url", "base_url = \"https://evolution.example\"", OWN_ADDRESS),
                    GatewayKey::new("instance", "instance = \"harbor\"", "entry-help-instance-own"),
                    GatewayKey::new("token", "token = { env = \"EVOLUTION_KEY\" }", "entry-help-key")
                        .secret(),
                ]
            }
        }
        GatewayKind::Uazapi => {
            const {
                &[
                    GatewayKey::new("base_url", "base_url = \"https://free.uazapi.com\"", OWN_ADDRESS),
                    GatewayKey::new("token", "token = { env = \"UAZAPI_TOKEN\" }", "entry-help-token")
                        .secret(),
                ]
            }
        }
    }
}

/// A key of a gateway; `None` if the gateway does not take it.
pub fn key(gateway: GatewayKind, name: &str) -> Option<&'static GatewayKey> {
    of(gateway).iter().find(|key| key.name == name)
}

/// A correct line for a key that the gateway takes.
pub fn example(gateway: GatewayKind, name: &str) -> &'static str {
    key(gateway, name).map_or("", |key| key.example)
}

/// Whether the token alone names the instance.
pub fn is_known_by_token(gateway: GatewayKind) -> bool {
    key(gateway, "instance").is_none()
}

/// Whether the name of an instance on this gateway is a secret.
pub fn keeps_name_secret(gateway: GatewayKind) -> bool {
    key(gateway, "instance").is_some_and(|key| key.is_secret)
}

/// Whether an account on this gateway may have a token that lists its instances.
pub fn lists_instances(gateway: GatewayKind) -> bool {
    gateway == GatewayKind::RyzeApi
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_has_every_key_of_every_gateway() {
        let docs = include_str!("../../docs/configuration.md");
        for kind in GatewayKind::ALL {
            let label = kind.label();
            let cell = |name| match key(kind, name) {
                None => "–",
                Some(key) if key.is_required => "yes",
                Some(_) => "optional",
            };
            let cells = ["base_url", "instance", "token", "client_token"].map(cell).join(" | ");
            let row = format!("| {label} | `{}` | {cells} |", kind.word());
            assert!(docs.contains(&row), "docs/configuration.md lacks this row: {row}");
        }
    }

    #[test]
    fn an_example_is_for_its_key() {
        for key in GatewayKind::ALL.into_iter().flat_map(of) {
            assert!(key.example.starts_with(&format!("{} = ", key.name)), "{key:?}");
        }
    }
}
