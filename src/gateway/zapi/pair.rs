//! Connects an instance, and finds the community that a text names.

use serde_json::Value;

use super::{Zapi, wire};
use crate::{
    domain::{
        failure::{Failure, FailureKind},
        id::CommunityId,
        instance::{Connection, ConnectionState},
        pairing::{Offer, Way},
        private::Private,
    },
    gateway::{
        http::{Call, encoded},
        pairing::{LONGEST, without_number},
    },
};

impl Zapi {
    /// Begins to connect the instance unless it is connected; the state is read immediately before. The routes are `GET`s that
    /// change state (`docs/gateways/zapi.md`, 9.4), so each is sent once.
    pub(super) async fn begin_connecting(&self, way: &Way) -> Result<Offer, Failure> {
        without_number(self.connect_by(way).await, way)
    }

    async fn connect_by(&self, way: &Way) -> Result<Offer, Failure> {
        let state = self.status(self.timeouts.request).await?;
        if state == ConnectionState::Connected {
            return Ok(Offer::Connected(Connection { state, number: None }));
        }
        let operation = match way {
            Way::Qr => "qr-code".to_owned(),
            Way::Number(number) => format!("phone-code/{}", encoded(number.expose())),
            Way::Session => "restore-session".to_owned(),
        };
        let call = Call::get(self.path(&operation), self.timeouts.request.max(LONGEST));
        let body = match self.ask_fully(call).await {
            Ok(body) => body,
            // "The bytes of the QR code" may be its bare text, which begins with a digit and an at-sign.
            Err(response) => match response.body.text().filter(|text| *way == Way::Qr && is_bare_qr(text)) {
                Some(text) => Value::String(text.to_owned()),
                None => return Err(response.failure),
            },
        };
        self.offer(&body, way)
    }

    fn offer(&self, body: &Value, way: &Way) -> Result<Offer, Failure> {
        let because = |kind| self.http.failure(kind, wire::message(body)).with_status(200);
        let found = match way {
            Way::Session => match wire::outcome(body) {
                Some(true) => Some(Offer::OnItsWay),
                Some(false) => return Err(because(FailureKind::Refused)),
                None => None,
            },
            Way::Qr => wire::code(body).map(|text| match Private::new(text) {
                Some(qr) if !is_picture(text) => Offer::Qr(qr),
                _ => Offer::Picture,
            }),
            Way::Number(_) => wire::code(body).and_then(Private::new).map(Offer::Code),
        };
        found.ok_or_else(|| because(FailureKind::Malformed))
    }

    /// The community that a text names; on this gateway only an id names one.
    pub(super) fn community_named(given: &Private) -> Result<CommunityId, Failure> {
        let text = given.expose();
        let is_id = text.bytes().all(|byte| byte.is_ascii_digit());
        let id = is_id.then(|| CommunityId::parse(text).ok()).flatten();
        id.ok_or_else(|| Failure::new(FailureKind::NotFound))
    }
}

/// Whether the code came as a picture: as a data URI, or as the beginning of a PNG in base64.
fn is_picture(text: &str) -> bool {
    text.starts_with("data:") || text.starts_with("iVBOR")
}

/// Whether a body that is not JSON is the text of a QR code: a single line, and not part of a page.
fn is_bare_qr(text: &str) -> bool {
    let text = text.trim();
    let mut characters = text.chars();
    let begins =
        characters.next().is_some_and(|first| first.is_ascii_digit()) && characters.next() == Some('@');
    begins && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'<')
}
