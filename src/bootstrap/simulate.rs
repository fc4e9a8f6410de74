//! Runs the simulated gateway on its own.

use std::{fs::File, io::Read, net::SocketAddr, path::Path};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    cli::{Fault, FaultCode, out::Out},
    config::keys,
    domain::{command::quoted, instance::GatewayKind, name::is_unseen},
    files::{
        self,
        replace::{self, ReplaceError},
    },
    simulator::{InstanceInfo, Simulator},
    text::Text,
};

/// The first line of a configuration that it has written into a file.
const MARK: &str =
    "# Written by `synod simulate --write-config`, which replaces this file at the next start.";

/// Serves a world until it is interrupted.
pub(super) async fn run(
    listen: SocketAddr,
    allows_remote: bool,
    world: &str,
    write_config: Option<&Path>,
    text: &Text,
) -> Result<u8, Fault> {
    let is_remote = !listen.ip().to_canonical().is_loopback();
    if is_remote && !allows_remote {
        let args = [("address", listen.to_string().into())];
        return Err(Fault::new(FaultCode::Usage, text.with("simulate-remote", &args)));
    }
    let world = super::world(world)?;
    let simulator = Simulator::new(world);
    if is_remote {
        // Everybody can read a world's tokens.
        simulator.replace_tokens(random_token).map_err(|error| Fault::io(&error))?;
    }
    let listener = TcpListener::bind(listen).await.map_err(|error| {
        let args = [("address", listen.to_string().into()), ("why", error.to_string().into())];
        Fault::new(FaultCode::System, text.with("simulate-cannot-listen", &args))
    })?;
    let base_url = format!("http://{}", listener.local_addr().map_err(|error| Fault::io(&error))?);
    // This comes before any output, so that a caller that waits for the output can then end the program cleanly.
    let mut interrupts = signal(SignalKind::interrupt()).map_err(|error| Fault::io(&error))?;
    let configuration = configuration(text, &base_url, &simulator.instances());
    let announced = match write_config {
        None => configuration,
        Some(file) => {
            write(text, file, &configuration)?;
            let args = [("address", base_url.into()), ("quoted", quoted(&file.display().to_string()).into())];
            format!("{}\n", text.with("simulate-written", &args))
        }
    };
    // If the reader is gone, it continues to serve. Any other write failure stops it: nobody could reach it then.
    let mut out = Out::stdout();
    out.bytes(announced.as_bytes());
    out.finish(0)?;
    simulator.serve(listener, interrupts.recv()).await.map_err(|error| Fault::io(&error))?;
    Ok(0)
}

/// An unguessable token, from the system's randomness.
fn random_token() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.map(|byte| format!("{byte:02x}")).concat())
}

/// The address, and a configuration that reaches it.
fn configuration(text: &Text, base_url: &str, instances: &[InstanceInfo]) -> String {
    let mut lines = vec![text.with("simulate-listening", &[("address", base_url.into())])];
    if let [first, _, ..] = instances {
        lines.push(text.with("simulate-several", &[("first", quoted(&first.name).into())]));
    }
    let comments = lines.iter().map(|line| format!("# {line}\n"));
    let tables = instances.iter().map(|instance| configured(base_url, instance));
    comments.chain(tables).collect()
}

/// The most bytes of a configuration.
const LONGEST: u64 = files::MIB;

/// Writes the configuration into a private file, which may only replace one that this command has written.
fn write(text: &Text, file: &Path, configuration: &str) -> Result<(), Fault> {
    let written = replace::replace(file, LONGEST, |old| {
        let is_ours = old.is_empty() || old.starts_with(MARK);
        if is_ours { Ok(format!("{MARK}\n{configuration}")) } else { Err(()) }
    });
    let path = || ("path", file.display().to_string().into());
    written.map_err(|error| match error {
        ReplaceError::Refused(()) => Fault::new(FaultCode::Usage, text.with("simulate-taken", &[path()])),
        ReplaceError::Unread(why) | ReplaceError::Unwritten(why) => {
            let why = ("why", text.tell(&why).into());
            Fault::new(FaultCode::System, text.with("simulate-unwritten", &[path(), why]))
        }
        ReplaceError::Busy => Fault::new(FaultCode::System, text.with("save-busy", &[path()])),
    })
}

fn configured(base_url: &str, instance: &InstanceInfo) -> String {
    let gateway = instance.gateway.word();
    let is_named = GatewayKind::of_word(gateway).is_some_and(|kind| keys::key(kind, "instance").is_some());
    let name = if is_named { format!("instance = {}\n", toml(&instance.id)) } else { String::new() };
    let client_token =
        instance.client_token.as_ref().map(|token| format!("client_token = {}\n", toml(token)));
    let communities: Vec<String> = instance.communities.iter().map(|id| toml(id)).collect();
    format!(
        "\n[[instance]]\nname = {}\ngateway = {gateway:?}\nbase_url = {base_url:?}\n{name}\
         token = {}\n{}communities = [{}]\n",
        toml(&instance.name),
        toml(&instance.token),
        client_token.unwrap_or_default(),
        communities.join(", ")
    )
}

/// A text as a TOML string, with an escape for every invisible character and every character that a terminal might obey.
fn toml(text: &str) -> String {
    let characters = text.chars().map(|c| match c {
        '"' | '\\' => format!("\\{c}"),
        c if is_unseen(c) => format!("\\U{:08X}", u32::from(c)),
        c => c.to_string(),
    });
    format!("\"{}\"", characters.collect::<Vec<_>>().concat())
}
