//! The `[operations]` tables: the file's, and those of the instances, which override it key by key.

use std::time::Duration;

use crate::domain::{
    message::Message,
    settings::{OnHangup, OperationSettings},
};

use super::{
    ConfigError,
    reader::{Table, Value},
};

const PACE: &str = "pace = { link = \"1s\", unlink = \"1s\", leave = \"3s\", jitter = 0.25 }";
const READ_BACK: &str = "read_back = [\"3s\", \"6s\", \"9s\"]";
const LIMIT: &str = "subgroup_limit = 50";
const TIMEOUT: &str = "timeout = { connect = \"10s\", request = \"65s\", list = \"90s\" }";
const THROTTLE: &str = "throttle_pause = { first = \"30s\", most = \"5m\" }";
const KEEP: &str = "keep_invite_links = true";
const ON_HANGUP: &str = "on_hangup = \"auto\"";

const KEYS: [&str; 6] =
    ["pace", "read_back", "subgroup_limit", "timeout", "throttle_pause", "keep_invite_links"];

/// Reads the file's table: the settings of all instances, and what happens when the terminal goes away, which concerns the whole
/// program.
pub(super) fn read_of_file(root: &Table<'_>) -> Result<(OperationSettings, OnHangup), ConfigError> {
    let settings = OperationSettings::default();
    let Some(value) = root.get("operations") else { return Ok((settings, OnHangup::default())) };
    let table = value.table("[operations]")?;
    let known: Vec<&str> = KEYS.into_iter().chain(["on_hangup"]).collect();
    table.refuse_unknown("[operations]", &known)?;
    let on_hangup = match table.get("on_hangup") {
        None => OnHangup::default(),
        Some(value) => OnHangup::named(value.text(ON_HANGUP)?).ok_or_else(|| {
            let known = "auto, finish, stop";
            value.problem(value.about("config-no-such-value").put("known", known), ON_HANGUP)
        })?,
    };
    Ok((read_keys(&table, settings)?, on_hangup))
}

/// Reads the table of an instance over the given settings; without the table they stay as they are.
pub(super) fn read(parent: &Table<'_>, base: &OperationSettings) -> Result<OperationSettings, ConfigError> {
    let Some(value) = parent.get("operations") else { return Ok(base.clone()) };
    let table = value.table("[operations]")?;
    table.refuse_unknown("[operations]", &KEYS)?;
    read_keys(&table, base.clone())
}

fn read_keys(table: &Table<'_>, mut settings: OperationSettings) -> Result<OperationSettings, ConfigError> {
    if let Some(pace) = table.get("pace") {
        let pace = pace.table(PACE)?;
        pace.refuse_unknown("`pace`", &["link", "unlink", "leave", "jitter"])?;
        let into = &mut settings.pace;
        durations(
            &pace,
            PACE,
            [("link", &mut into.link), ("unlink", &mut into.unlink), ("leave", &mut into.leave)],
        )?;
        if let Some(jitter) = pace.get("jitter") {
            into.jitter = jitter.share(PACE)?;
        }
    }
    if let Some(looks) = table.get("read_back") {
        settings.read_back = read_back(&looks)?;
    }
    if let Some(limit) = table.get("subgroup_limit") {
        settings.subgroup_limit = limit.count(1..10_001, LIMIT)? as usize;
    }
    if let Some(timeout) = table.get("timeout") {
        read_timeouts(&timeout, &mut settings)?;
    }
    if let Some(pause) = table.get("throttle_pause") {
        read_throttle(&pause, &mut settings)?;
    }
    if let Some(keep) = table.get("keep_invite_links") {
        settings.keep_invite_links = keep.switch(KEEP)?;
    }
    Ok(settings)
}

fn durations<const N: usize>(
    table: &Table<'_>,
    example: &str,
    into: [(&str, &mut Duration); N],
) -> Result<(), ConfigError> {
    for (key, place) in into {
        if let Some(value) = table.get(key) {
            *place = value.duration(example)?;
        }
    }
    Ok(())
}

fn read_back(looks: &Value<'_>) -> Result<Vec<Duration>, ConfigError> {
    let list = looks.list(READ_BACK)?;
    let times: Vec<Duration> = list.iter().map(|look| look.duration(READ_BACK)).collect::<Result<_, _>>()?;
    let rising = times.windows(2).all(|pair| pair[0] < pair[1]);
    if times.is_empty() || times.len() > 20 || !rising {
        return Err(looks.problem(Message::new("config-read-back"), READ_BACK));
    }
    Ok(times)
}

fn read_timeouts(value: &Value<'_>, settings: &mut OperationSettings) -> Result<(), ConfigError> {
    let table = value.table(TIMEOUT)?;
    table.refuse_unknown("`timeout`", &["connect", "request", "list"])?;
    let into = &mut settings.timeout;
    durations(
        &table,
        TIMEOUT,
        [("connect", &mut into.connect), ("request", &mut into.request), ("list", &mut into.list)],
    )?;
    if [into.connect, into.request, into.list].iter().any(Duration::is_zero) {
        return Err(value.problem(Message::new("config-timeout"), TIMEOUT));
    }
    Ok(())
}

fn read_throttle(value: &Value<'_>, settings: &mut OperationSettings) -> Result<(), ConfigError> {
    let table = value.table(THROTTLE)?;
    table.refuse_unknown("`throttle_pause`", &["first", "most"])?;
    let into = &mut settings.throttle_pause;
    durations(&table, THROTTLE, [("first", &mut into.first), ("most", &mut into.most)])?;
    if into.first.is_zero() || into.first > into.most {
        return Err(value.problem(Message::new("config-throttle"), THROTTLE));
    }
    Ok(())
}
