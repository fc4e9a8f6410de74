//! The answers of Z-API's write routes: one flag for a whole list, named `success` on some routes and `value` on others.

use serde_json::json;

use super::super::Inner;
use super::super::description::{AlreadyLinked, FailureShape, PartialShape, QrShape};
use super::super::exchange::{Answer, Ask, Asked, Done, Target};
use super::super::pairing;
use super::super::state::{Refusal, WorldPlace};
use super::{community_id, error, no_such_path, reads};

type Item = (Target, Result<bool, Refusal>);

pub(super) fn answer(inner: &Inner, asked: &Asked, done: &Done) -> Answer {
    match done {
        Done::Items(items) if asked.ask == Ask::Leave => leave(items),
        Done::Items(items) => membership(inner, items),
        Done::Joined(Ok(_)) => Answer::json(200, &json!({ "success": true })),
        Done::Joined(Err(refusal)) => refused(refusal, "success"),
        Done::Code(Ok(code)) => {
            Answer::json(200, &json!({ "invitationLink": format!("https://chat.whatsapp.com/{code}") }))
        }
        Done::Code(Err(refusal)) => error(400, &refusal.to_string()),
        Done::Created { id, .. } => created(inner, id),
        Done::Connecting(count) => connect(inner, &asked.ask, *count),
        Done::Read => no_such_path(),
    }
}

fn connect(inner: &Inner, ask: &Ask, count: u32) -> Answer {
    let seed = inner.state.seed;
    let body = match (ask, inner.description.zapi.qr_code) {
        (Ask::Reconnect, _) => json!({ "value": true }),
        (Ask::Connect { pairing: true }, _) => json!({ "code": pairing::code(seed, count) }),
        (_, QrShape::Text) => json!({ "value": pairing::qr(seed, count) }),
        (_, QrShape::Picture) => json!({ "value": pairing::PNG }),
        (_, QrShape::Bare) => return Answer::text(pairing::qr(seed, count)),
    };
    Answer::json(200, &body)
}

fn created(inner: &Inner, id: &str) -> Answer {
    let Some(WorldPlace::Community(community)) = inner.state.place(id) else {
        return error(400, "forbidden");
    };
    let announcements = inner.state.communities[community].announcements;
    let body = json!({ "id": community_id(id), "subGroups": [reads::subgroup(inner, announcements)] });
    Answer::json(200, &body)
}

/// A fault's words are returned as an error; otherwise only the flag says no.
fn refused(refusal: &Refusal, flag: &str) -> Answer {
    match refusal {
        Refusal::Fault { text: Some(text), status } => error(status.unwrap_or(400), text),
        Refusal::Fault { status: Some(status), .. } => error(*status, "forbidden"),
        _ => {
            let mut body = json!({});
            body[flag] = false.into();
            Answer::json(200, &body)
        }
    }
}

fn leave(items: &[Item]) -> Answer {
    match items.first() {
        Some((_, Err(refusal))) => refused(refusal, "value"),
        _ => Answer::json(200, &json!({ "value": true })),
    }
}

fn membership(inner: &Inner, items: &[Item]) -> Answer {
    let settings = &inner.description.zapi;
    let already_counts = settings.already_linked == AlreadyLinked::Linked;
    let left_out: Vec<(&Target, &Refusal)> = items
        .iter()
        .filter_map(|(group, verdict)| verdict.as_ref().err().map(|refusal| (group, refusal)))
        .filter(|(_, refusal)| !(already_counts && **refusal == Refusal::AlreadyHere))
        .collect();
    let Some((_, first)) = left_out.first() else {
        return Answer::json(200, &json!({ "success": true }));
    };
    let text = || {
        left_out.iter().map(|(group, why)| format!("{}: {why}", group.given)).collect::<Vec<_>>().join(", ")
    };
    if left_out.len() == items.len() {
        return match settings.failure {
            FailureShape::Flag => refused(first, "success"),
            FailureShape::Error => error(400, &text()),
        };
    }
    match settings.partial {
        PartialShape::True => Answer::json(200, &json!({ "success": true })),
        PartialShape::False => Answer::json(200, &json!({ "success": false })),
        PartialShape::Named => Answer::json(200, &json!({ "success": true, "error": text() })),
        PartialShape::Error => error(200, &text()),
    }
}
