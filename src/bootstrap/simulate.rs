//! Runs the simulated gateway on its own.

use std::{fs::File, io::Read, net::SocketAddr};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    cli::{Fault, FaultCode, out::Out},
    config::keys,
    domain::{instance::GatewayKind, name::is_unseen},
    simulator::{InstanceInfo, Simulator},
    text::Text,
};

/// Serves a world until it is interrupted.
pub(super) async fn run(
    listen: SocketAddr,
    allows_remote: bool,
    world: &str,
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
    announce(text, &base_url, &simulator.instances())?;
    simulator.serve(listener, interrupts.recv()).await.map_err(|error| Fault::io(&error))?;
    Ok(0)
}

/// An unguessable token, from the system's randomness.
fn random_token() -> std::io::Result<String> {
    let mut bytes = [0; 16];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.map(|byte| format!("{byte:02x}")).concat())
}

/// Prints the address, and a configuration that reaches it. If the reader is gone, it continues to serve. Any other write
/// failure stops it: nobody could reach it then.
fn announce(text: &Text, base_url: &str, instances: &[InstanceInfo]) -> Result<(), Fault> {
    let mut said = format!("# {}\n", text.with("simulate-listening", &[("address", base_url.into())]));
    for instance in instances {
        said.push_str(&configured(base_url, instance));
    }
    let mut out = Out::stdout();
    out.bytes(said.as_bytes());
    out.finish(0)?;
    Ok(())
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
