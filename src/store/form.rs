//! The forms in which a store keeps numbers, events and requests.

use crate::{
    domain::{event::OperationEvent, id::OperationId, message::Message, operation::RunControl},
    engine::journal::{ControlRequest, JournalError},
    scrub,
};

const PAUSE: &str = "pause";
const RESUME: &str = "resume";
const STOP: &str = "stop";

/// An event as JSON, without secrets.
pub(super) fn encode(event: &OperationEvent) -> Result<String, JournalError> {
    serde_json::to_string(event)
        .map(|json| scrub::masked_json(&json).into_owned())
        .map_err(|error| JournalError::new(Message::new("journal-no-json").put("why", error.to_string())))
}

/// The number of an operation.
pub(super) fn number_of(stored: i64) -> OperationId {
    OperationId(u64::try_from(stored).unwrap_or_default())
}

/// The form of a number in the store. Numbers come from the store, or count up from 0.
pub(super) fn stored(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The name of a request.
pub(super) fn control_name(control: RunControl) -> &'static str {
    match control {
        RunControl::Pause => PAUSE,
        RunControl::Resume => RESUME,
        RunControl::Stop | RunControl::TimeOut => STOP,
    }
}

/// A stored request; `None` if only a newer version understands it.
pub(super) fn control_request(position: i64, operation: i64, request: &str) -> Option<ControlRequest> {
    let control = match request {
        PAUSE => RunControl::Pause,
        RESUME => RunControl::Resume,
        STOP => RunControl::Stop,
        _ => return None,
    };
    let position = u64::try_from(position).unwrap_or_default();
    Some(ControlRequest { position, operation: number_of(operation), control })
}
