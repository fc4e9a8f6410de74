//! The answers of `RyzeAPI`'s write routes. Partial and total failures of link and unlink are HTTP 200
//! (docs/gateways/ryzeapi.md, link).

use serde_json::{Value, json};

use super::super::Inner;
use super::super::description::{AlreadyLinked, FailedItems, SilentExtra};
use super::super::exchange::{Answer, Ask, Asked, Done, Membership, Target};
use super::super::pairing;
use super::super::state::Refusal;
use super::{NOT_A_MEMBER, error, jid};

type Item = (Target, Result<bool, Refusal>);

pub(super) fn answer(inner: &Inner, asked: &Asked, done: &Done) -> Answer {
    match done {
        Done::Items(items) if asked.ask == Ask::Leave => leave(items),
        Done::Items(items) => membership(inner, items, asked.ask == Ask::Link),
        Done::Joined(joined) => join(joined),
        Done::Code(code) => reset_link(asked, code),
        Done::Created { is_community, .. } => {
            let message = if *is_community { "Community created" } else { "Group created" };
            Answer::json(200, &json!({ "success": true, "message": message, "isCommunity": is_community }))
        }
        Done::Connecting(count) => connect(inner, &asked.ask, *count),
        Done::Read => error(404, "Not found"),
    }
}

fn membership(inner: &Inner, items: &[Item], is_link: bool) -> Answer {
    let settings = &inner.description.ryzeapi;
    let (mut linked, mut failed) = (Vec::new(), Vec::new());
    for (group, verdict) in items {
        let counts_as_done = match verdict {
            Ok(_) => true,
            Err(Refusal::AlreadyHere) => settings.already_linked == AlreadyLinked::Linked,
            Err(Refusal::OverLimit) => match settings.silent_extra {
                SilentExtra::Neither => continue,
                SilentExtra::Linked => true,
                SilentExtra::Failed => false,
            },
            Err(_) => false,
        };
        match (counts_as_done, settings.failed_items, verdict) {
            (false, FailedItems::Objects, Err(refusal)) => {
                failed.push(json!({ "jid": group.given, "error": refusal.to_string() }));
            }
            (false, ..) => failed.push(Value::from(group.given.as_str())),
            (true, ..) => linked.push(group.given.as_str()),
        }
    }
    let (count, total) = (linked.len(), items.len());
    let message = if is_link {
        format!("Linked {count} of {total} groups to community")
    } else {
        format!("Unlinked {count} of {total} groups from community")
    };
    let body = json!({ "success": count > 0, "message": message, "linked": linked, "failed": failed });
    Answer::json(200, &body)
}

fn leave(items: &[Item]) -> Answer {
    let Some((target, verdict)) = items.first() else { return error(400, "Identifier is required") };
    match verdict {
        Ok(_) => {
            let message = "Successfully left the group";
            Answer::json(200, &json!({ "success": true, "message": message, "groupJid": jid(&target.id) }))
        }
        Err(Refusal::Fault { text, status }) => {
            error(status.unwrap_or(403), text.as_deref().unwrap_or("Not allowed to leave this group"))
        }
        Err(Refusal::NotAMember | Refusal::Unknown) => error(404, NOT_A_MEMBER),
        Err(_) => error(403, "Not allowed to leave this group"),
    }
}

fn join(joined: &Result<Membership, Refusal>) -> Answer {
    match joined {
        Ok(joined) => Answer::json(
            200,
            &json!({
                "success": true,
                "message": "Successfully joined the group",
                "groupJid": jid(&joined.group),
                "requiresApproval": joined.waits_for_approval,
            }),
        ),
        Err(Refusal::Fault { text, status }) => {
            error(status.unwrap_or(403), text.as_deref().unwrap_or("Not allowed to join this group"))
        }
        Err(_) => error(400, "Invite link has been revoked or expired"),
    }
}

fn reset_link(asked: &Asked, code: &Result<String, Refusal>) -> Answer {
    let id = asked.groups.first().map_or("", |group| group.id.as_str());
    match code {
        Ok(code) => Answer::json(
            200,
            &json!({
                "success": true,
                "message": "Group invite link reset successfully",
                "groupJid": jid(id),
                "inviteCode": code,
                "inviteLink": format!("https://chat.whatsapp.com/{code}"),
            }),
        ),
        Err(Refusal::NotAMember | Refusal::Unknown) => error(404, NOT_A_MEMBER),
        Err(Refusal::Fault { text: Some(text), status }) => error(status.unwrap_or(403), text),
        Err(_) => error(403, "Not authorized to reset group invite link (must be admin)"),
    }
}

fn connect(inner: &Inner, ask: &Ask, count: u32) -> Answer {
    let body = match ask {
        Ask::Reconnect => {
            json!({ "success": true, "message": "Reconnect initiated", "status": "connecting" })
        }
        Ask::Connect { pairing: true } => json!({
            "success": true,
            "message": "Pairing code generated",
            "pairingCode": pairing::code(inner.state.seed, count),
            "status": "qr",
        }),
        _ => json!({
            "success": true,
            "message": "QR code generated",
            "qrCode": pairing::qr(inner.state.seed, count),
            "qrCodeBase64": pairing::PNG,
            "status": "qr",
        }),
    };
    Answer::json(200, &body)
}
