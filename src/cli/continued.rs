//! The successor of another Synod: takes over operations from `cli::detach`, and continues them without a terminal until they have
//! ended. It starts nothing new.

use std::io::{self, BufRead, Write};

use futures_util::future::{OptionFuture, join_all};

use super::{
    Fault, FaultCode, Session,
    detach::{END, READY, named, numbers},
    exit,
    interrupt::{Interruption, Interrupts},
};
use crate::{
    domain::{id::OperationId, operation::RunControl},
    engine::Engine,
};

/// Continues the operations that standard input names; returns the exit code.
pub async fn continued(session: &Session) -> Result<u8, Fault> {
    // From here on, no terminal can end this process. It fails only if there is nothing to leave.
    let _ = rustix::process::setsid();
    let mut interrupts = Interrupts::new(&session.text, session.deadline)?;
    say(READY)?;
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    let line = read.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    let line = line.map_err(|error| Fault::io(&error))?;
    let wanted = named(&line);
    let (engine, _told) = Engine::sharing(session.store.clone(), session.clock, session.locks.clone());
    for instance in &session.instances {
        engine.add_instance(instance.key.clone(), instance.gateway.clone(), instance.settings.clone());
    }
    finish(session, &engine, &mut interrupts, take_over(session, &engine, &wanted)).await
}

/// Takes the operations over, those of each instance as soon as their process has given up its lock. If it fails for an instance,
/// that instance's operations are left to the next Synod; returns the first such fault.
async fn take_over(session: &Session, engine: &Engine, wanted: &[OperationId]) -> Result<(), Fault> {
    let taken = session.instances.iter().map(|instance| async move {
        let taken = engine.take_over(&instance.key, wanted).await.inspect_err(|error| {
            tracing::warn!(instance = %instance.key, "not taken over: {error}");
        });
        // The predecessor may have ended meanwhile.
        let _ = say(&numbers(&taken.map_err(|error| Fault::rejected(&session.text, &error))?, " "));
        Ok(())
    });
    let all = join_all(taken).await;
    let _ = say(END);
    all.into_iter().collect()
}

fn say(line: &str) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| Fault::io(&error))
}

/// Waits until everything that could begin has ended, and then fails if something could not. A first signal stops it after the request
/// in flight, and ends the wait for operations that were not taken over yet; a second one ends at once.
async fn finish(
    session: &Session,
    engine: &Engine,
    interrupts: &mut Interrupts,
    beginning: impl Future<Output = Result<(), Fault>>,
) -> Result<u8, Fault> {
    let control =
        |control| session.instances.iter().for_each(|instance| engine.control(&instance.key, control));
    let mut beginning = Some(Box::pin(beginning));
    let all_idle = engine.until_all_idle();
    tokio::pin!(all_idle);
    let (mut stops, mut begun) = (0, Ok(()));
    loop {
        let interruption = tokio::select! {
            biased;
            interruption = interrupts.next() => interruption,
            Some(result) = OptionFuture::from(beginning.as_mut()), if beginning.is_some() => {
                (beginning, begun) = (None, result);
                continue;
            }
            () = &mut all_idle, if beginning.is_none() => {
                return begun.map(|()| if stops > 0 { exit::STOPPED } else { 0 });
            }
            () = engine.until_store_is_away(), if stops > 0 => {
                // The stop cannot be recorded; the next Synod settles the operations.
                engine.shutdown().await;
                return Ok(exit::STOPPED);
            }
        };
        match interruption {
            // There is no terminal that could go away.
            Interruption::HungUp => {}
            Interruption::Deadline => {
                drop(beginning.take());
                control(RunControl::TimeOut);
                engine.shutdown().await;
                return Err(Fault::new(FaultCode::DeadlineExceeded, session.text.say("cli-deadline")));
            }
            Interruption::Operator if stops > 0 => return Ok(exit::STOPPED),
            Interruption::Operator => {
                stops += 1;
                beginning = None;
                control(RunControl::Stop);
            }
        }
    }
}
