//! The values of a new entry: from the arguments, or typed by a person, who is asked again after a mistake.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    cli::{Fault, FaultCode, args::InitArgs, console::Console, out},
    config::{
        check,
        edit::SecretReference,
        keys,
        new_entry::{Given, NewEntry},
    },
    domain::{base_url::BaseUrl, failure::FailureKind, instance::GatewayKind, message::Message, name::Name},
    text::Text,
};

/// How often a question is repeated after a mistake.
const MOST_TRIES: usize = 5;

/// The values of a new entry; `None` is not known yet.
#[derive(Clone, Debug)]
pub(super) struct Answers {
    gateway: Option<GatewayKind>,
    /// `None` if it is the gateway's own.
    base_url: Option<BaseUrl>,
    instance: Option<Given>,
    pub(super) token: Option<Given>,
    client_token: Option<Given>,
    /// The operator allows plain HTTP.
    allows_plain: bool,
    label: Option<Name>,
}

/// The ways in which a reference can be given: a variable, a file, a command.
type Ways<'a> = (Option<&'a String>, Option<&'a Path>, Option<&'a String>);

impl Answers {
    /// The values of the arguments.
    pub(super) fn given(text: &Text, args: &InitArgs) -> Result<Self, Fault> {
        let gateway = args.gateway;
        let instance =
            (args.instance_env.as_ref(), args.instance_file.as_deref(), args.instance_command.as_ref());
        let token = (args.token_env.as_ref(), args.token_file.as_deref(), args.token_command.as_ref());
        let client = (
            args.client_token_env.as_ref(),
            args.client_token_file.as_deref(),
            args.client_token_command.as_ref(),
        );
        let plain = args.instance.as_deref().map(|name| {
            // The words of a command line are no secret.
            if gateway.is_some_and(keys::keeps_name_secret) {
                return Err(Fault::new(FaultCode::Usage, text.say("init-zapi-instance")));
            }
            check::instance(name).map(Given::Plain).map_err(|why| field(text, "--instance", &why))
        });
        let answers = Self {
            gateway,
            base_url: args
                .base_url
                .as_deref()
                .map(|url| {
                    check::base_url(url, args.insecure_http).map_err(|why| field(text, "--base-url", &why))
                })
                .transpose()?,
            instance: match plain {
                Some(plain) => Some(plain?),
                None => reference(text, "instance", instance)?,
            },
            token: reference(text, "token", token)?,
            client_token: reference(text, "client-token", client)?,
            allows_plain: args.insecure_http,
            label: args
                .name
                .as_deref()
                .map(|name| check::label(name).map_err(|why| field(text, "--name", &why)))
                .transpose()?,
        };
        for (key, is_given) in
            [("instance", answers.instance.is_some()), ("client_token", answers.client_token.is_some())]
        {
            if let Some(gateway) = gateway.filter(|gateway| is_given && keys::key(*gateway, key).is_none()) {
                let args = [("key", key.into()), ("gateway", gateway.label().into())];
                return Err(Fault::new(FaultCode::Usage, text.with("init-key-not-taken", &args)));
            }
        }
        Ok(answers)
    }

    /// The entry with the usual values for missing ones. Fails if one is still missing.
    pub(super) fn complete(&self, text: &Text) -> Result<NewEntry, Fault> {
        let usual = || match &self.instance {
            Some(Given::Plain(name)) => check::label(name).ok(),
            _ => None,
        };
        let label = self.label.clone().or_else(usual);
        let has_address =
            self.base_url.is_some() || self.gateway.is_none_or(|kind| kind.base_url().is_some());
        let has_instance = self.instance.is_some() || !self.needs_instance();
        if let (Some(gateway), Some(token), Some(label)) = (self.gateway, &self.token, &label)
            && has_address
            && has_instance
        {
            return Ok(NewEntry {
                label: label.clone(),
                gateway,
                base_url: self.base_url.clone(),
                instance: self.instance.clone(),
                token: token.clone(),
                client_token: self.client_token.clone(),
            });
        }
        let instance =
            if self.gateway.is_some_and(keys::keeps_name_secret) { "--instance-env" } else { "--instance" };
        let missing = [
            ("--gateway", self.gateway.is_none()),
            ("--base-url", !has_address),
            (instance, !has_instance),
            ("--token-env", self.token.is_none()),
            ("--name", label.is_none()),
        ];
        let missing: Vec<&str> =
            missing.into_iter().filter(|(_, is_missing)| *is_missing).map(|(flag, _)| flag).collect();
        Err(Fault::new(FaultCode::Usage, text.with("init-missing", &[("flags", missing.join(", ").into())])))
    }

    /// Whether an entry for the gateway has to name its instance.
    fn needs_instance(&self) -> bool {
        self.gateway.is_none_or(|gateway| keys::key(gateway, "instance").is_some_and(|key| key.is_required))
    }

    /// The gateway, once it is known.
    fn gateway(&self) -> GatewayKind {
        self.gateway.unwrap_or(GatewayKind::RyzeApi)
    }

    /// Asks a person for missing values.
    pub(super) async fn ask(&mut self, text: &Text, console: &dyn Console) -> Result<(), Fault> {
        let asks_all = self.gateway.is_none();
        if asks_all {
            let known = GatewayKind::ALL.map(GatewayKind::word).join(", ");
            let question = text.with("init-ask-gateway", &[("known", known.into())]);
            let gateway = asked(text, console, &question, |typed| {
                if typed.is_empty() { Ok(GatewayKind::RyzeApi) } else { check::gateway(typed) }
            });
            self.gateway = Some(gateway.await?);
        }
        let usual = self.gateway().base_url();
        if (asks_all || usual.is_none()) && self.base_url.is_none() {
            let question = match &usual {
                Some(usual) => text.with("init-ask-base-url", &[("usual", usual.as_str().into())]),
                None => text.say("init-ask-own-base-url").into_owned(),
            };
            let allows_plain = self.allows_plain;
            let url = asked(text, console, &question, |typed| {
                let is_usual = typed.is_empty() && usual.is_some();
                if is_usual { Ok(None) } else { check::base_url(typed, allows_plain).map(Some) }
            });
            self.base_url = url.await?.filter(|url| Some(url) != usual.as_ref());
        }
        let takes_instance = keys::key(self.gateway(), "instance").is_some();
        if self.instance.is_none() && takes_instance && (asks_all || self.needs_instance()) {
            self.ask_instance(text, console).await?;
        }
        if self.token.is_none() {
            self.ask_token(text, console).await?;
        }
        if asks_all && self.client_token.is_none() && keys::key(self.gateway(), "client_token").is_some() {
            let question = text.say("init-ask-client-token");
            let client_token = asked_hidden(text, console, &question, |typed| {
                if typed.trim().is_empty() {
                    return Ok(None);
                }
                check::secret("client_token", typed).map(|secret| Some(Given::Secret(secret)))
            });
            self.client_token = client_token.await?;
        }
        if self.label.is_none() {
            self.ask_label(text, console).await?;
        }
        Ok(())
    }

    async fn ask_instance(&mut self, text: &Text, console: &dyn Console) -> Result<(), Fault> {
        let may_be_empty = !self.needs_instance();
        self.instance = if keys::keeps_name_secret(self.gateway()) {
            let question = text.say("init-ask-instance-id");
            let read =
                |typed: &str| check::secret("instance", typed).map(|secret| Some(Given::Secret(secret)));
            asked_hidden(text, console, &question, read).await?
        } else {
            let key = if may_be_empty { "init-ask-instance-optional" } else { "init-ask-instance" };
            asked(text, console, &text.say(key), |typed| match typed {
                "" if may_be_empty => Ok(None),
                typed => check::instance(typed).map(|name| Some(Given::Plain(name))),
            })
            .await?
        };
        Ok(())
    }

    async fn ask_token(&mut self, text: &Text, console: &dyn Console) -> Result<(), Fault> {
        let question = text.say("init-ask-token");
        let token =
            asked_hidden(text, console, &question, |typed| check::secret("token", typed).map(Given::Secret));
        self.token = Some(token.await?);
        Ok(())
    }

    async fn ask_label(&mut self, text: &Text, console: &dyn Console) -> Result<(), Fault> {
        let usual = match &self.instance {
            Some(Given::Plain(name)) if check::label(name).is_ok() => name.clone(),
            _ => String::new(),
        };
        let question = if usual.is_empty() {
            text.say("init-ask-name").into_owned()
        } else {
            text.with("init-ask-name-usual", &[("usual", usual.as_str().into())])
        };
        let label = asked(text, console, &question, |typed| {
            check::label(if typed.is_empty() { &usual } else { typed })
        });
        self.label = Some(label.await?);
        Ok(())
    }

    /// Whether a person typed what the gateway refuses.
    pub(super) fn may_ask_again(&self, refused: FailureKind) -> bool {
        match refused {
            FailureKind::TokenRefused => matches!(self.token, Some(Given::Secret(_))),
            FailureKind::UnknownInstance | FailureKind::NoInstance => {
                !matches!(self.instance, Some(Given::Reference(_)))
            }
            _ => false,
        }
    }

    /// Asks again for what the gateway refuses.
    pub(super) async fn ask_again(
        &mut self,
        text: &Text,
        console: &dyn Console,
        refused: FailureKind,
    ) -> Result<(), Fault> {
        if matches!(refused, FailureKind::UnknownInstance | FailureKind::NoInstance) {
            self.ask_instance(text, console).await
        } else {
            self.ask_token(text, console).await
        }
    }
}

/// A mistake in the value of an option.
fn field(text: &Text, option: &str, why: &Message) -> Fault {
    let why = text.tell(why);
    Fault::new(FaultCode::Usage, text.with("init-field", &[("field", option.into()), ("why", why.into())]))
}

/// A given secret; `field` is the key of the words for its place.
pub(super) fn secret(
    text: &Text,
    place: &'static str,
    key: &'static str,
    given: &str,
) -> Result<SecretString, Fault> {
    check::secret(key, given).map_err(|why| field(text, &text.say(place), &why))
}

fn reference(text: &Text, key: &'static str, ways: Ways<'_>) -> Result<Option<Given>, Fault> {
    let option = |way: &str| format!("--{key}-{way}");
    let made = match ways {
        (Some(name), ..) => check::variable(name)
            .map(SecretReference::Variable)
            .map_err(|why| field(text, &option("env"), &why)),
        (_, Some(path), _) => check::path("file", from_here(path))
            .map(SecretReference::File)
            .map_err(|why| field(text, &option("file"), &why)),
        (.., Some(words)) => check::command(words)
            .map(|mut words| {
                // A bare name is looked up on the PATH.
                if let Some(program) = words.first_mut().filter(|program| program.contains('/')) {
                    *program = from_here(Path::new(program)).display().to_string();
                }
                SecretReference::Command(words)
            })
            .map_err(|why| field(text, &option("command"), &why)),
        (None, None, None) => return Ok(None),
    };
    made.map(|reference| Some(Given::Reference(reference)))
}

/// A path of the command line, which begins where the command runs; one in the configuration begins at its folder. The home folder
/// is written as it was given, because not every shell replaces it in an option.
fn from_here(path: &Path) -> PathBuf {
    if path.starts_with("~") { path.to_owned() } else { std::path::absolute(path).unwrap_or_default() }
}

/// Asks until the answer is valid.
async fn asked<T>(
    text: &Text,
    console: &dyn Console,
    question: &str,
    read: impl Fn(&str) -> Result<T, Message>,
) -> Result<T, Fault> {
    until_valid(text, async || Some(SecretString::from(console.ask(question).await?)), read).await
}

/// The same for a secret, which is not shown while it is typed.
async fn asked_hidden<T>(
    text: &Text,
    console: &dyn Console,
    question: &str,
    read: impl Fn(&str) -> Result<T, Message>,
) -> Result<T, Fault> {
    until_valid(text, async || console.ask_hidden(question).await, read).await
}

async fn until_valid<T>(
    text: &Text,
    ask: impl AsyncFn() -> Option<SecretString>,
    read: impl Fn(&str) -> Result<T, Message>,
) -> Result<T, Fault> {
    let mut last = None;
    for _ in 0..MOST_TRIES {
        let typed = ask().await.ok_or_else(|| interrupted(text))?;
        match read(typed.expose_secret()) {
            Ok(value) => return Ok(value),
            Err(why) => {
                let words = text.tell(&why);
                out::tell(&words);
                last = Some(words);
            }
        }
    }
    Err(Fault::new(FaultCode::Usage, last.unwrap_or_default()))
}

/// There is no answer: the input has ended, or the program is asked to end.
fn interrupted(text: &Text) -> Fault {
    Fault::new(FaultCode::Interrupted, text.say("init-interrupted"))
}
