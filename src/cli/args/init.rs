//! The arguments of `init`.

use std::path::PathBuf;

use clap::{
    Args,
    builder::{PossibleValuesParser, TypedValueParser},
};

use crate::domain::instance::GatewayKind;

/// Reads a gateway's word in the configuration.
fn gateway() -> impl TypedValueParser<Value = GatewayKind> {
    PossibleValuesParser::new(GatewayKind::ALL.map(GatewayKind::word))
        .try_map(|word| GatewayKind::of_word(&word).ok_or("no such gateway"))
}

/// The arguments of `init`. In a terminal, `init` asks for missing values.
#[derive(Clone, Debug, Args)]
pub struct InitArgs {
    /// The gateway
    #[arg(long, value_parser = gateway(), value_name = "GATEWAY")]
    pub gateway: Option<GatewayKind>,
    /// The gateway's address [default: the gateway's own, if it has one]
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Allow an address with plain http: the token then goes over the network unencrypted
    #[arg(long)]
    pub insecure_http: bool,
    #[arg(help = "The instance's name on the gateway, unless it is a secret there", long, value_name = "NAME", conflicts_with_all = ["instance_env", "instance_file", "instance_command"])]
    pub instance: Option<String>,
    /// Z-API: the environment variable that holds the instance's ID
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["instance_file", "instance_command"])]
    pub instance_env: Option<String>,
    /// Z-API: the file that holds the instance's ID
    #[arg(long, value_name = "FILE", conflicts_with = "instance_command")]
    pub instance_file: Option<PathBuf>,
    /// Z-API: the command that prints the instance's ID; it runs without a shell
    #[arg(long, value_name = "COMMAND")]
    pub instance_command: Option<String>,
    /// The environment variable that holds the token
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["token_file", "token_command"])]
    pub token_env: Option<String>,
    /// The file that holds the token
    #[arg(long, value_name = "FILE", conflicts_with = "token_command")]
    pub token_file: Option<PathBuf>,
    /// The command that prints the token, such as "pass show ryze"; it runs without a shell
    #[arg(long, value_name = "COMMAND")]
    pub token_command: Option<String>,
    /// Z-API: the environment variable that holds the account's client token
    #[arg(long, value_name = "VARIABLE", conflicts_with_all = ["client_token_file", "client_token_command"])]
    pub client_token_env: Option<String>,
    /// Z-API: the file that holds the account's client token
    #[arg(long, value_name = "FILE", conflicts_with = "client_token_command")]
    pub client_token_file: Option<PathBuf>,
    /// Z-API: the command that prints the account's client token; it runs without a shell
    #[arg(long, value_name = "COMMAND")]
    pub client_token_command: Option<String>,
    /// Your name for the instance [default: --instance]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Do not try the token
    #[arg(long)]
    pub no_check: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
