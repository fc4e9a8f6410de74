//! Checks whether a text can be a community's id on a gateway, so that a mistake in the configuration is found early.

use crate::domain::{
    id::CommunityId,
    instance::GatewayKind,
    message::{Message, ToMessage},
};

/// Why a text cannot be a community's id on a gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommunityIdError {
    pub given: String,
    pub gateway: GatewayKind,
    pub why: Message,
    /// An example of an id in the gateway's form.
    pub example: &'static str,
}

impl ToMessage for CommunityIdError {
    fn message(&self) -> Message {
        Message::new("community-id")
            .put("given", self.given.as_str())
            .put("gateway", self.gateway.label())
            .put("why", self.why.clone())
            .put("example", self.example)
    }
}

/// Accepts a community's id as the operator wrote it. Its form depends on the gateway (`docs/gateways/ryzeapi.md`, 3;
/// `docs/gateways/zapi.md`, ids).
pub fn check_community_id(gateway: GatewayKind, text: &str) -> Result<CommunityId, CommunityIdError> {
    let has_suffix = gateway != GatewayKind::Zapi;
    let example = if has_suffix { "120363400000000001@g.us" } else { "120363500000000001" };
    let wrong = |why| {
        let given = text.chars().take(80).collect();
        CommunityIdError { given, gateway, why, example }
    };
    let id = CommunityId::parse(text).map_err(|error| wrong(error.message()))?;
    if has_suffix {
        let bare = text.strip_suffix("@g.us").ok_or_else(|| wrong(Message::new("community-id-ending")))?;
        let (first, second) = bare.split_once('-').map_or((bare, None), |(a, b)| (a, Some(b)));
        if !is_digits(first) || second.is_some_and(|second| !is_digits(second)) {
            return Err(wrong(Message::new("community-id-digits")));
        }
    } else if !is_digits(text) {
        return Err(wrong(Message::new("community-id-digits")));
    }
    Ok(id)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(GatewayKind::RyzeApi, "120363400000000001@g.us")]
    #[case(GatewayKind::RyzeApi, "5511900000001-1600000000@g.us")]
    #[case(GatewayKind::Zapi, "120363500000000001")]
    fn ids_in_the_gateways_own_form_are_accepted_unchanged(#[case] gateway: GatewayKind, #[case] text: &str) {
        assert_eq!(check_community_id(gateway, text).unwrap().as_str(), text);
    }

    #[rstest]
    #[case(GatewayKind::RyzeApi, "120363400000000001")]
    #[case(GatewayKind::RyzeApi, "@g.us")]
    #[case(GatewayKind::RyzeApi, "1-2-3@g.us")]
    #[case(GatewayKind::RyzeApi, "12a@g.us")]
    #[case(GatewayKind::RyzeApi, "12@newsletter")]
    #[case(GatewayKind::RyzeApi, "")]
    #[case(GatewayKind::Zapi, "120363500000000001-group")]
    #[case(GatewayKind::Zapi, "120363400000000001@g.us")]
    fn others_are_refused_with_an_example(#[case] gateway: GatewayKind, #[case] text: &str) {
        let error = check_community_id(gateway, text).unwrap_err();
        assert!(error.example.starts_with("12036"), "{error:?}");
    }
}
