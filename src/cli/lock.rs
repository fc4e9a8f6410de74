//! Waits for the lock of an instance, as long as `--wait-lock` allows. The engine takes the lock.

use std::time::Duration;

use tokio::time::{self, sleep};

use super::{Fault, Instance, Session, interrupt::Interrupts, out};
use crate::engine::{
    SubmitError,
    instance_lock::{LockError, ensure_free},
};

/// How often to try.
const TRY: Duration = Duration::from_millis(50);

/// Waits until no other Synod writes to the instance, so that a plan is made after the other's work. Without `--wait-lock` it
/// does not wait.
pub(super) async fn free(
    session: &Session,
    instance: &Instance,
    interrupts: &mut Interrupts,
) -> Result<(), Fault> {
    if session.wait_lock.is_none() {
        return Ok(());
    }
    let is_free = async || Ok(ensure_free(&session.locks, &instance.key).await?);
    patiently(session, interrupts, is_free).await
}

/// Repeats an attempt while another Synod holds the lock.
pub(super) async fn patiently<T>(
    session: &Session,
    interrupts: &mut Interrupts,
    mut attempt: impl AsyncFnMut() -> Result<T, SubmitError>,
) -> Result<T, Fault> {
    let text = &session.text;
    let end = time::Instant::now() + session.wait_lock.unwrap_or_default();
    let mut waits = false;
    loop {
        match attempt().await {
            Ok(done) => return Ok(done),
            Err(error @ SubmitError::Lock(LockError::Held(_))) if time::Instant::now() < end => {
                if !std::mem::replace(&mut waits, true) {
                    out::note(&text.with("cli-waiting-for-lock", &[("why", text.tell(&error).into())]));
                }
                let pause = async {
                    sleep(TRY).await;
                    Ok::<_, Fault>(())
                };
                interrupts.end(pause).await?;
            }
            Err(error) => return Err(Fault::rejected(text, &error)),
        }
    }
}
