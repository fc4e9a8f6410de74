//! Instances that a list over several could not read.

use serde::Serialize;

use crate::{
    cli::{
        Fault, FaultCode, Instance, Session,
        args::ListArgs,
        json,
        out::{self, Out},
    },
    export::json::tag,
};

type Failed<'a> = (&'a Instance, Fault);

/// The readings, and the instances that failed. Of several, one that fails stops no other, and a community that one of them does not
/// know is no failure if another knows it. If all fail, the command fails with the reason of the first.
pub(super) fn apart<'a, T>(
    session: &'a Session,
    args: &ListArgs,
    results: Vec<Result<T, Fault>>,
) -> Result<(Vec<T>, Vec<Failed<'a>>), Fault> {
    let (mut read, mut failed): (Vec<_>, Vec<Failed<'_>>) = Default::default();
    for (instance, result) in session.instances.iter().zip(results) {
        match result {
            Ok(one) => read.push(one),
            Err(fault) if session.instances.len() == 1 => return Err(fault),
            Err(fault) => failed.push((instance, fault)),
        }
    }
    if read.is_empty()
        && let Some((instance, fault)) = failed.first()
    {
        return Err(Fault::new(fault.code, words_of(session, instance, fault)));
    }
    let lacks_community = |fault: &Fault| match fault.code {
        FaultCode::NoSuchCommunity => true,
        // An id in the form of another gateway.
        FaultCode::Usage => args.community.is_some() && !args.cached,
        _ => false,
    };
    failed.retain(|(_, fault)| !lacks_community(fault));
    Ok((read, failed))
}

fn words_of(session: &Session, instance: &Instance, fault: &Fault) -> String {
    let args = [("instance", instance.label.as_str().into()), ("why", fault.words.as_str().into())];
    session.text.with("cli-instance-failed", &args)
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(in crate::cli) struct FailedBody<'a> {
    instance: &'a str,
    #[cfg_attr(test, schemars(regex(pattern = "^[a-z_]+$")))]
    code: String,
    /// Whether the same command may succeed later.
    retryable: bool,
    message: &'a str,
}

/// Reports an instance that could not be read, on standard error, and with `--json` also as an event.
pub(super) fn report(session: &Session, instance: &Instance, fault: &Fault, is_json: bool, out: &mut Out) {
    out::tell(&words_of(session, instance, fault));
    if is_json {
        let (code, retryable) = (tag(&fault.code), fault.code.is_retryable());
        let body = FailedBody { instance: &instance.label, code, retryable, message: &fault.words };
        json::write(out, "instance_failed", session.clock.now(), body);
    }
}
