//! The successor of another Synod: takes over operations from `cli::detach`, and continues them without a terminal until they have
//! ended. It starts nothing new.

use std::io::{self, BufRead, Write};

use super::{
    Fault, FaultCode, Session,
    detach::READY,
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
    let wanted: Vec<OperationId> =
        line.split_whitespace().filter_map(|number| number.parse().ok().map(OperationId)).collect();
    let (engine, _told) = Engine::sharing(session.store.clone(), session.clock, session.locks.clone());
    let mut taken = Vec::new();
    for instance in &session.instances {
        engine.add_instance(instance.key.clone(), instance.gateway.clone(), instance.settings.clone());
        let operations = engine.take_over(&instance.key, &wanted).await;
        let operations = operations.map_err(|error| Fault::rejected(&session.text, &error))?;
        taken.extend(operations.iter().map(ToString::to_string));
    }
    // The predecessor may have ended meanwhile.
    let _ = say(&taken.join(" "));
    finish(session, &engine, &mut interrupts).await
}

fn say(line: &str) -> Result<(), Fault> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| Fault::io(&error))
}

/// Waits until everything has ended. A first signal stops it after the request in flight, a second one ends at once.
async fn finish(session: &Session, engine: &Engine, interrupts: &mut Interrupts) -> Result<u8, Fault> {
    let control =
        |control| session.instances.iter().for_each(|instance| engine.control(&instance.key, control));
    let all_idle = engine.until_all_idle();
    tokio::pin!(all_idle);
    let mut stops = 0;
    loop {
        let interruption = tokio::select! {
            biased;
            interruption = interrupts.next() => interruption,
            () = &mut all_idle => return Ok(if stops > 0 { exit::STOPPED } else { 0 }),
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
                control(RunControl::TimeOut);
                engine.shutdown().await;
                return Err(Fault::new(FaultCode::DeadlineExceeded, session.text.say("cli-deadline")));
            }
            Interruption::Operator if stops > 0 => return Ok(exit::STOPPED),
            Interruption::Operator => {
                stops += 1;
                control(RunControl::Stop);
            }
        }
    }
}
