//! Reads whether the instance can be used at all, and its own number, to explain the failures of other requests.

use std::time::Duration;

use super::{Zapi, read, speech, wire};
use crate::{
    domain::{
        failure::{Failure, FailureKind},
        instance::ConnectionState,
        name::Name,
    },
    gateway::http::Call,
};

/// The longest wait for an explanation: the failure itself is already known.
const EXPLANATION: Duration = Duration::from_secs(10);

impl Zapi {
    /// Whether the instance is connected (`docs/gateways/zapi.md`, 9.1). Only `connected` decides; any other answer on this path
    /// is about the credentials, because nothing else can go wrong with it.
    pub(super) async fn status(&self, timeout: Duration) -> Result<ConnectionState, Failure> {
        let body =
            self.http.ask(Call::get(self.path("status"), timeout), &speech::DIALECT).await.map_err(blamed)?;
        let status = wire::status(&body);
        let words = status.as_ref().and_then(|status| status.words).unwrap_or_default();
        let phone = status.as_ref().and_then(|status| status.is_phone_online);
        self.http.note(|vitals| vitals.phone_is_online = phone);
        match status.as_ref().and_then(|status| status.is_connected) {
            Some(true) => Ok(ConnectionState::Connected),
            Some(false) => {
                let words = self.http.scrubber.clean(words);
                Ok(ConnectionState::NotConnected((!words.is_empty()).then(|| Name::new(&words))))
            }
            None if words.is_empty() => Err(Failure::new(FailureKind::Malformed).with_status(200)),
            None => {
                let kind = self.http.meaning(200, words, &speech::DIALECT).unwrap_or(FailureKind::Refused);
                Err(blamed(self.http.failure(kind, words).with_status(200)))
            }
        }
    }

    /// Explains a failure: if `/status` blames the instance or the credentials, it returns that cause, because no operation is
    /// documented to report either (`docs/gateways/zapi.md`, 4.2).
    pub(super) async fn explained(&self, failure: Failure) -> Failure {
        let may_hide_another = matches!(
            failure.kind,
            FailureKind::TokenRefused
                | FailureKind::Refused
                | FailureKind::Forbidden
                | FailureKind::NotFound
                | FailureKind::GatewayError
                | FailureKind::ServerFault
                | FailureKind::Malformed
                | FailureKind::NoListing
        );
        if !may_hide_another {
            return failure;
        }
        match self.cause().await {
            Some(cause) if cause.stops_everything() => cause,
            None => failure.with_accepted_token(),
            _ => failure,
        }
    }

    /// Why nothing works at all; `None` if the instance is connected.
    pub(super) async fn cause(&self) -> Option<Failure> {
        match self.status(self.timeouts.request.min(EXPLANATION)).await {
            Ok(ConnectionState::Connected) => None,
            Ok(ConnectionState::NotConnected(Some(words))) => {
                Some(Failure::new(FailureKind::NotConnected).saying(words.exact()))
            }
            Ok(_) => Some(Failure::new(FailureKind::NotConnected)),
            Err(failure) => Some(failure),
        }
    }

    /// The own number for comparing; requested until it is known.
    pub(super) async fn own_number(&self) -> Option<String> {
        let known = self.own.lock().ok().and_then(|own| own.clone());
        if known.is_some() {
            return known;
        }
        self.fetch_own_number().await
    }

    async fn fetch_own_number(&self) -> Option<String> {
        self.read_own_number().await.ok().flatten()
    }

    /// Requests it once the state was read.
    pub(super) async fn read_own_number(&self) -> Result<Option<String>, Failure> {
        let asked = self.ask(Call::get(self.path("device"), self.timeouts.request)).await;
        let body = asked.map_err(Failure::with_accepted_token)?;
        let number = read::own_number(&body);
        if let Ok(mut own) = self.own.lock() {
            own.clone_from(&number);
        }
        Ok(number)
    }
}

/// A refusal of `/status`, which can only be about the instance or the token; the gateway itself must have sent it.
fn blamed(failure: Failure) -> Failure {
    let is_instance =
        failure.words.as_ref().is_some_and(|words| speech::says_instance_is_missing(words.exact()));
    let kind = match failure.kind {
        FailureKind::Refused | FailureKind::Forbidden if is_instance => FailureKind::UnknownInstance,
        FailureKind::NotFound if failure.words.is_some() => FailureKind::UnknownInstance,
        FailureKind::Refused | FailureKind::Forbidden if failure.words.is_some() => FailureKind::TokenRefused,
        kind => kind,
    };
    Failure { kind, ..failure }
}
