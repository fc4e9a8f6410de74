//! Decides which files the program trusts: a file that it obeys belongs to the user or to root, and nobody else can write it or
//! replace it. It owns that decision, and the command that fixes a wrong mode or owner.

use std::{
    fs::Metadata,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
};

use rustix::process::geteuid;

use super::{FileError, MIB, open, quoted_path};
use crate::domain::message::{Message, ToMessage};

/// The user id of root.
pub(super) const ROOT: u32 = 0;
const GROUP_WRITES: u32 = 0o020;
const OTHERS_WRITE: u32 = 0o002;
/// In a folder with this bit nobody can remove or rename files of other users.
const STICKY: u32 = 0o1000;

/// The owner and the permissions of a file or a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node {
    /// The user id of its owner.
    pub uid: u32,
    /// The id of its group.
    pub gid: u32,
    /// Its mode, without the file type.
    pub mode: u32,
}

impl From<&Metadata> for Node {
    fn from(found: &Metadata) -> Self {
        Self { uid: found.uid(), gid: found.gid(), mode: found.mode() & 0o7777 }
    }
}

/// A reason not to trust a file or a folder that the program would obey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distrust {
    path: PathBuf,
    what: What,
    fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    File,
    Folder,
}

/// Why a file is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It belongs to somebody else.
    Owner { owner: u32, user: u32 },
    /// Others can write it; `takes_root` says whether only root can fix that.
    Writable { takes_root: bool },
}

impl ToMessage for Distrust {
    fn message(&self) -> Message {
        let key = match (self.fault, self.what) {
            (Fault::Owner { .. }, _) => "trust-owner",
            (Fault::Writable { takes_root: false }, What::File) => "trust-file",
            (Fault::Writable { takes_root: true }, What::File) => "trust-file-root",
            (Fault::Writable { takes_root: false }, What::Folder) => "trust-folder",
            (Fault::Writable { takes_root: true }, What::Folder) => "trust-folder-root",
        };
        let message = Message::new(key)
            .put("path", self.path.display().to_string())
            .put("quoted", quoted_path(&self.path));
        match self.fault {
            Fault::Owner { owner, user } => {
                message.put("owner", owner.to_string()).put("user", user.to_string())
            }
            Fault::Writable { .. } => message,
        }
    }
}

/// Judges by owner and mode alone. `is_own_group` decides whether a group is the user's own, and is called only if needed.
fn judge(node: Node, user: u32, is_own_group: impl FnOnce(u32) -> bool) -> Option<Fault> {
    if node.uid != user && node.uid != ROOT {
        return Some(Fault::Owner { owner: node.uid, user });
    }
    let others = node.mode & OTHERS_WRITE != 0;
    let group = node.mode & GROUP_WRITES != 0;
    let is_writable = others || group && !is_own_group(node.gid);
    is_writable.then_some(Fault::Writable { takes_root: node.uid != user })
}

/// Judges for the user of this process.
fn judge_here(path: &Path, what: What, node: Node) -> Result<(), Distrust> {
    let user = geteuid().as_raw();
    let fault = judge(node, user, |group| is_own_group(user, group));
    fault.map_or(Ok(()), |fault| Err(Distrust { path: path.to_owned(), what, fault }))
}

/// How many links a path may lead through; the system follows no more.
const MOST_LINKS: u8 = 40;

/// Checks that an open file can be trusted: the file, the folder that contains its name, each link on the way to it with the
/// folder that contains the link, and the folder that the last one leads to.
pub(super) fn file(path: &Path, node: Node) -> Result<(), FileError> {
    judge_here(path, What::File, node)?;
    holder(path)?;
    links(path, MOST_LINKS)?;
    holder(&path.canonicalize()?)
}

/// Checks each link in a path and in its target: a user who can replace a link decides which file is read.
fn links(path: &Path, most: u8) -> Result<(), FileError> {
    for step in path.ancestors().filter(|step| !step.as_os_str().is_empty()) {
        let found = step.symlink_metadata()?;
        if !found.is_symlink() {
            continue;
        }
        owner(step, &found)?;
        holder(step)?;
        if let Some(left) = most.checked_sub(1) {
            links(&folder_of(step).join(step.read_link()?), left)?;
        }
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Checks that nobody else can replace this file in its folder. In a folder such as `/tmp` others can create files, but cannot
/// take the place of this one.
fn holder(path: &Path) -> Result<(), FileError> {
    let folder = folder_of(path);
    let mut node = Node::from(&folder.metadata()?);
    if node.mode & STICKY != 0 {
        node.mode &= !(GROUP_WRITES | OTHERS_WRITE);
    }
    Ok(judge_here(folder, What::Folder, node)?)
}

/// Checks that nobody else can create, replace or remove anything in a folder, whatever its sticky bit says.
pub(super) fn folder(path: &Path, found: &Metadata) -> Result<(), Distrust> {
    judge_here(path, What::Folder, Node::from(found))
}

/// Checks that something belongs to the user or to root.
pub(super) fn owner(path: &Path, found: &Metadata) -> Result<(), Distrust> {
    judge_here(path, What::File, Node { mode: 0, ..Node::from(found) })
}

/// Whether a group is the user's own on this machine: the system's two lists show that nobody else is in it. A group that they
/// do not know, such as one of network users, does not count as the user's own.
fn is_own_group(user: u32, group: u32) -> bool {
    let list = |path| open(Path::new(path)).and_then(|list| list.text(64 * MIB));
    let (Ok(users), Ok(groups)) = (list("/etc/passwd"), list("/etc/group")) else { return false };
    has_nobody_else(user, group, &users, &groups)
}

/// The same, from the texts of `/etc/passwd` (`name:password:user:group:…`) and `/etc/group` (`name:password:group:members`).
fn has_nobody_else(user: u32, group: u32, users: &str, groups: &str) -> bool {
    let mut own = None;
    for line in users.lines() {
        let mut fields = line.split(':');
        let (name, uid, gid) = (fields.next(), fields.nth(1), fields.next());
        if number(gid) != Some(group) {
            continue;
        }
        if number(uid) != Some(user) {
            return false;
        }
        own = name;
    }
    let Some(own) = own else { return false };
    let mut members = groups.lines().filter_map(|line| {
        let mut fields = line.split(':').skip(2);
        (number(fields.next()) == Some(group)).then(|| fields.next().unwrap_or_default())
    });
    members.all(|members| members.split(',').all(|member| member.trim().is_empty() || member.trim() == own))
}

fn number(field: Option<&str>) -> Option<u32> {
    field?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ANA: u32 = 1000;
    const USERS: &str = "root:x:0:0:root:/root:/bin/sh\nsync:x:4:0::/:/bin/sync\nana:x:1000:1000::/home/ana:/bin/sh\n\
                         ben:x:1001:100::/home/ben:/bin/sh\nceu:x:1002:100::/:/bin/sh\ndom:x:1003:1003::/:/bin/sh\nbad";
    const GROUPS: &str = "root:x:0:\nusers:x:100:\nana:x:1000:\ndom:x:1003:dom,ana\neva:x:1004:\n:::\nbad";

    fn fault(uid: u32, gid: u32, mode: u32, user: u32) -> Option<Fault> {
        judge(Node { uid, gid, mode }, user, |group| has_nobody_else(user, group, USERS, GROUPS))
    }

    #[rstest]
    #[case::own(ANA, 0o600)]
    #[case::own_for_all_to_read(ANA, 0o644)]
    #[case::own_with_the_own_group(ANA, 0o664)]
    #[case::roots(ROOT, 0o444)]
    #[case::roots_for_all_to_read(ROOT, 0o755)]
    fn what_nobody_else_can_write_is_obeyed(#[case] uid: u32, #[case] mode: u32) {
        assert_eq!(fault(uid, ANA, mode, ANA), None);
    }

    #[test]
    fn whoever_else_can_write_is_a_fault() {
        let own = Some(Fault::Writable { takes_root: false });
        for (gid, mode) in
            [(ANA, 0o602), (ANA, 0o666), (ANA, 0o1777), (100, 0o660), (1003, 0o620), (0, 0o664)]
        {
            assert_eq!(fault(ANA, gid, mode, ANA), own, "{gid} {mode:o}");
        }
        assert_eq!(fault(ROOT, 100, 0o664, ANA), Some(Fault::Writable { takes_root: true }));
        for mode in [0o600, 0o400, 0o666] {
            let foreign = Some(Fault::Owner { owner: 1001, user: ANA });
            assert_eq!(fault(1001, ANA, mode, ANA), foreign, "{mode:o}");
        }
        // To root, too, another user's file is foreign.
        assert_eq!(fault(ANA, ANA, 0o600, ROOT), Some(Fault::Owner { owner: ANA, user: ROOT }));
    }

    #[rstest]
    #[case::alone(ANA, 1000, true)]
    #[case::shared_by_two(1001, 100, false)]
    #[case::with_a_guest(1003, 1003, false)]
    #[case::of_somebody_else(ANA, 1003, false)]
    #[case::nobodys_first_group(ANA, 1004, false)]
    #[case::unknown(ANA, 4711, false)]
    #[case::roots_here_is_shared(ROOT, 0, false)]
    fn a_group_is_ones_own_when_nobody_else_is_in_it(
        #[case] user: u32,
        #[case] group: u32,
        #[case] own: bool,
    ) {
        assert_eq!(has_nobody_else(user, group, USERS, GROUPS), own);
    }

    #[test]
    fn the_message_has_the_very_command() {
        let of = |fault, what| Distrust { path: "/a b/c".into(), what, fault }.message();
        let foreign = of(Fault::Owner { owner: 5, user: 7 }, What::File);
        let parts = foreign.parts();
        assert_eq!(foreign.key(), "trust-owner");
        assert!(parts.contains(&("quoted", "'/a b/c'".into())) && parts.contains(&("user", "7".into())));
        let keys = [false, true].map(|takes_root| {
            [What::File, What::Folder].map(|what| of(Fault::Writable { takes_root }, what).key())
        });
        assert_eq!(keys, [["trust-file", "trust-folder"], ["trust-file-root", "trust-folder-root"]]);
    }
}
