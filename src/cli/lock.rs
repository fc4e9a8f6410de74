//! Waits for the locks of an instance and its number, as long as `--wait-lock` allows. The engine takes the lock.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::{Fault, Instance, Session, interrupt::Interrupts, out};
use crate::engine::{SubmitError, locks::LockError, write_locks::WriteLocks};

/// How often to try.
const TRY: Duration = Duration::from_millis(50);

/// Waits until no other Synod writes to the instance or its number, so that a plan is made after the other's work. Without `--wait-lock` it
/// does not wait.
pub(super) async fn free(
    session: &Session,
    instance: &Instance,
    interrupts: &mut Interrupts,
) -> Result<(), Fault> {
    let Some(end) = session.wait_lock_until else { return Ok(()) };
    let text = &session.text;
    let locks = session.locks.as_ref();
    let needed = async {
        match WriteLocks::of(locks, &instance.key, &instance.gateway).await {
            // The plan or the order tells the cause. Nothing is sent unless the gateway answers by then.
            Err(LockError::NumberUnread) => Ok(WriteLocks::of_instance(&instance.key)),
            needed => needed.map_err(|error| Fault::rejected(text, &error.into())),
        }
    };
    let needed = interrupts.end(needed).await?;
    let mut waits = false;
    loop {
        match needed.ensure_free(locks).await.map_err(SubmitError::from) {
            Ok(()) => return Ok(()),
            Err(error @ SubmitError::Lock(LockError::Held(_) | LockError::NumberHeld(_)))
                if Instant::now() < end =>
            {
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
