//! The examples at the end of each command's help. They use the simulated gateway's names; a test runs them against it.

pub(super) const SYNOD: &str = "\
Examples:
  synod demo
  synod list communities
  synod link \"Pharmacy night shift\" --to \"Harbor Clinics\"

Exit codes:
  0  everything is verified or already done
  1  failed before anything was sent
  2  usage error
  3  some groups are not verified
  4  no group is verified
  5  stopped by you
  6  `synod diff` found differences
  7  try again later";

pub(super) const DEMO: &str = "\
Example:
  synod demo --world harbor";

pub(super) const INIT: &str = "\
Examples:
  synod init
  synod init --gateway ryzeapi --instance harbor --token-env RYZE_TOKEN --name ops";

pub(super) const LIST: &str = "\
Examples:
  synod list instances
  synod list communities --json
  synod list groups --community \"Harbor Clinics\"";

pub(super) const LINK: &str = "\
Examples:
  synod link \"Pharmacy night shift\" \"Cleaning rota\" --to \"Harbor Clinics\" --dry-run
  synod link \"Pharmacy night shift\" --to \"Harbor Clinics\" --yes --json";

pub(super) const UNLINK: &str = "\
Examples:
  synod unlink \"Lab results\" --dry-run
  synod unlink \"Lab results\" --from \"Harbor Clinics\" --yes --json";

pub(super) const MOVE: &str = "\
Example:
  synod move Radiology --from \"Harbor Clinics\" --to Choir --yes";

pub(super) const LEAVE: &str = "\
Examples:
  synod leave \"Blood drive\" Parking --dry-run
  synod leave \"Blood drive\" Parking --yes --count 2
  synod leave --community \"Padres del Colegio Sur\" --yes --count 6";

pub(super) const APPLY: &str = "\
Examples:
  synod link Kitchen --to Choir --plan kitchen.json
  synod apply kitchen.json --yes
  synod list state >now.toml
  synod apply now.toml --yes";

pub(super) const DIFF: &str = "\
Examples:
  synod list groups --csv >now.csv
  synod diff now.csv";

pub(super) const OPERATIONS: &str = "\
Examples:
  synod operations
  synod operations --json
  synod operations show 1";

pub(super) const OPERATIONS_LIST: &str = "\
Examples:
  synod operations list --newest 10 --json
  synod operations list --by ana --since 1d";

pub(super) const OPERATIONS_SHOW: &str = "\
Example:
  synod operations show 1";

pub(super) const OPERATIONS_LOOK: &str = "\
Example:
  synod operations look 1";

pub(super) const OPERATIONS_RESUME: &str = "\
Example:
  synod operations resume --yes";

pub(super) const OPERATIONS_RETRY: &str = "\
Example:
  synod operations retry --dry-run";

pub(super) const OPERATIONS_UNDO: &str = "\
Example:
  synod operations undo 1 --yes";

pub(super) const OPERATIONS_REJOIN: &str = "\
Example:
  synod operations rejoin --yes";

pub(super) const OPERATIONS_EXPORT: &str = "\
Example:
  synod operations export 1 --format csv";

pub(super) const OPERATIONS_PRUNE: &str = "\
Example:
  synod operations prune --older-than 365 --yes";

pub(super) const OPERATIONS_FORGET_LINKS: &str = "\
Example:
  synod operations forget-links --yes";

pub(super) const OPERATIONS_PAUSE: &str = "\
Example:
  synod operations pause 1";

pub(super) const OPERATIONS_STOP: &str = "\
Example:
  synod operations stop 1";

pub(super) const CONTINUE: &str = "\
Synod starts this command itself: with --detach, and for the key that detaches.";

pub(super) const SIMULATE: &str = "\
Example:
  synod simulate --listen 127.0.0.1:0 --world harbor";

pub(super) const DOCTOR: &str = "\
Example:
  synod doctor";

pub(super) const COMPLETIONS: &str = "\
Examples:
  synod completions bash
  synod completions zsh --dir completions";

pub(super) const MAN: &str = "\
Examples:
  synod man
  synod man --dir man1";
