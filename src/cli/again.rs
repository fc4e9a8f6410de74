//! Continuing an earlier operation: its request goes through a plan like any other, with everything read afresh.

use std::collections::HashSet;

use super::{
    Fault, FaultCode, Session, args::VerbArgs, change, confirm, earlier, interrupt::Interrupts, lock, out,
    planning, survey::Survey, wait::telling,
};
use crate::{
    domain::{
        invite::ClosedLinks,
        operation::{Operation, Phase, Summary},
        plan::{
            Request,
            again::{losses, may_go_on, may_retry, may_undo},
        },
    },
    engine::Engine,
};

/// How an earlier operation is continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Resume,
    Undo,
    Retry,
    Rejoin,
}

impl Kind {
    /// Whether the totals of an operation leave anything for it.
    fn may(self, summary: &Summary) -> bool {
        match self {
            Self::Resume | Self::Rejoin => may_go_on(summary),
            Self::Undo => may_undo(summary),
            Self::Retry => may_retry(summary),
        }
    }
}

/// How a request is made from an earlier operation.
pub struct Maker<M, C> {
    /// The request; `None` if nothing is left for it.
    pub make: M,
    /// What the request leaves out because links do not open here.
    pub closed: C,
}

impl<M> Maker<M, fn(&Operation) -> Option<ClosedLinks>> {
    /// For requests that need no links.
    pub fn of(make: M) -> Self {
        Self { make, closed: |_| None }
    }
}

/// Plans, confirms and runs the rest of an operation, or its undo; the maker derives the request. Without a number it takes the
/// newest operation that has something left for it and that no other operation continued;
/// finding none is not an error. Nothing left but links that do not open is one. Returns the exit code.
pub async fn again(
    session: &Session,
    number: Option<u64>,
    Maker { make, closed }: Maker<
        impl Fn(&Operation) -> Option<Request>,
        impl Fn(&Operation) -> Option<ClosedLinks>,
    >,
    kind: Kind,
    args: &VerbArgs,
) -> Result<u8, Fault> {
    let text = &session.text;
    // Take over Ctrl-C before anything is read, because settling by reads takes time.
    let mut interrupts = Interrupts::new(text, session.deadline)?;
    if !args.confirm.dry_run {
        free(session, &mut interrupts).await?;
    }
    interrupts.end(settle(session)).await?;
    let (instance, operation) = if let Some(number) = number {
        earlier::find(session, number).await?
    } else {
        let Some(found) =
            newest_fitting(session, kind, |known| make(known).is_some() || closed(known).is_some()).await?
        else {
            // Nothing left to do is not an error: a script may ask repeatedly.
            out::note(&text.say("cli-nothing-again"));
            return Ok(0);
        };
        found
    };
    let closed = closed(&operation).map(|links| text.closed_links(links));
    let Some(request) = make(&operation) else {
        let number = ("number", operation.id.to_string().into());
        let words = match closed {
            Some(why) => text.with("cli-nothing-to-rejoin", &[number, ("why", why.into())]),
            None => text.with(nothing(&operation, kind == Kind::Resume), &[number]),
        };
        return Err(Fault::new(FaultCode::Usage, words));
    };
    let mut how = args.confirm.clone();
    how.dry_run |= args.plan.is_some();
    confirm::check(session, &how, request.verb, false)?;
    let survey = Survey::recall(session, instance, how.dry_run).await?;
    if kind == Kind::Undo {
        tell_losses(session, &operation);
    }
    if let Some(words) = closed {
        out::tell(&words);
    }
    let (include_risky, file) = (args.include_risky, args.plan.as_deref());
    let named = change::NamedCommunities::default();
    let edits = planning::Edits::default();
    let asked = change::Asked { request, named, edits, include_risky, how, file };
    change::carry_out(survey, asked, interrupts).await
}

/// The newest operation that fits and that no other operation continued.
async fn newest_fitting(
    session: &Session,
    kind: Kind,
    fits: impl Fn(&Operation) -> bool,
) -> Result<Option<earlier::Found<'_>>, Fault> {
    let all = earlier::newest_of(session, usize::MAX).await?;
    let taken_up: HashSet<_> = all.iter().filter_map(|(_, known)| known.parent).collect();
    for (_, known) in all.iter().filter(|(_, known)| kind.may(known) && !taken_up.contains(&known.id)) {
        let found = earlier::find(session, known.id.0).await?;
        if fits(&found.1) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The message that explains why nothing of an operation can be done.
fn nothing(operation: &Operation, is_resumed: bool) -> &'static str {
    match operation.phase {
        Phase::Ended(Some(_)) if is_resumed => "cli-nothing-to-resume-settled",
        Phase::Ended(None) if is_resumed => "cli-nothing-to-resume-complete",
        Phase::Ended(_) => "cli-nothing-of-it",
        _ => "cli-nothing-while-running",
    }
}

/// Checks again what an operation could not settle, and returns its state afterwards. Sends nothing.
pub(super) async fn look(session: &Session, number: u64) -> Result<earlier::Found<'_>, Fault> {
    let text = &session.text;
    let mut interrupts = Interrupts::new(text, session.deadline)?;
    free(session, &mut interrupts).await?;
    interrupts.end(settle(session)).await?;
    let (instance, operation) = earlier::find(session, number).await?;
    let (engine, _told) = Engine::sharing(session.store.clone(), session.clock, session.locks.clone());
    engine.add_instance(instance.key.clone(), instance.gateway.clone(), instance.settings.clone());
    let looked = async {
        let begun = engine.look_again(&instance.key, operation.id).await;
        if begun.map_err(|error| Fault::rejected(text, &error))? {
            telling(text, session.clock, instance, engine.until_idle(&instance.key)).await;
        } else {
            out::note(&text.with("cli-nothing-to-look-for", &[("number", number.to_string().into())]));
        }
        Ok(())
    };
    interrupts.end(looked).await?;
    engine.shutdown().await;
    earlier::find(session, number).await
}

/// Reports what an undo does not restore.
fn tell_losses(session: &Session, operation: &Operation) {
    let lost = losses(operation).len();
    if lost > 0 {
        out::tell(&session.text.with("cli-undo-loses", &[("count", lost.into())]));
    }
}

/// Waits, with `--wait-lock`, until no other Synod writes to the instances.
async fn free(session: &Session, interrupts: &mut Interrupts) -> Result<(), Fault> {
    for instance in &session.instances {
        lock::free(session, instance, interrupts).await?;
    }
    Ok(())
}

/// Settles, by reading, the operations that no process runs any more, so that only the rest is continued. Sends nothing.
async fn settle(session: &Session) -> Result<(), Fault> {
    let (engine, _told) = Engine::sharing(session.store.clone(), session.clock, session.locks.clone());
    for instance in &session.instances {
        engine.add_instance(instance.key.clone(), instance.gateway.clone(), instance.settings.clone());
        engine.recover(&instance.key).await.map_err(|error| Fault::state(&session.text, &error))?;
    }
    for instance in &session.instances {
        telling(&session.text, session.clock, instance, engine.until_idle(&instance.key)).await;
    }
    engine.shutdown().await;
    Ok(())
}
