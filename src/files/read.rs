//! Reads a user-named file: only a regular one, up to a size limit. Nothing here waits for a pipe, and nothing fills the
//! memory.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use super::{
    FileError,
    trust::{self, Node},
};

/// The bytes of a mebibyte.
pub const MIB: u64 = 1024 * 1024;

/// A regular file, open for reading.
#[derive(Debug)]
pub struct Input {
    file: File,
    path: PathBuf,
    node: Node,
}

/// Opens a regular file; anything else is neither opened nor waited for.
pub fn open(path: &Path) -> Result<Input, FileError> {
    // Opening a device may already have an effect, so the type is checked first.
    if !path.metadata()?.is_file() {
        return Err(FileError::NotRegular);
    }
    // If a pipe has taken its place meanwhile, opening it does not wait for a writer.
    let file =
        OpenOptions::new().read(true).custom_flags(OFlags::NONBLOCK.bits().cast_signed()).open(path)?;
    let found = file.metadata()?;
    if !found.is_file() {
        return Err(FileError::NotRegular);
    }
    Ok(Input { file, path: path.to_owned(), node: Node::from(&found) })
}

/// Checks that a regular file which other code opens belongs to the user or to root, and that nobody else can write it or
/// replace it in its folder.
pub fn trusted(path: &Path) -> Result<(), FileError> {
    let found = path.metadata()?;
    if found.is_file() { trust::file(path, Node::from(&found)) } else { Err(FileError::NotRegular) }
}

impl Input {
    /// The same file, if it belongs to the user or to root and nobody else can write it or replace it in its folder.
    pub fn trusted(self) -> Result<Self, FileError> {
        trust::file(&self.path, self.node)?;
        Ok(self)
    }

    /// Whether only its owner can read it.
    pub fn is_private(&self) -> bool {
        const OTHERS: u32 = 0o077;
        self.node.mode & OTHERS == 0
    }

    /// Whether it belongs to root.
    pub fn is_roots(&self) -> bool {
        self.node.uid == trust::ROOT
    }

    /// Its whole content, if that is no more than `most` bytes.
    pub fn bytes(self, most: u64) -> Result<Vec<u8>, FileError> {
        bounded(self.file, most)
    }

    /// Its whole content as text, if that is no more than `most` bytes.
    pub fn text(self, most: u64) -> Result<String, FileError> {
        text_of(self.bytes(most)?)
    }
}

/// The whole content of a reader, if that is no more than `most` bytes.
pub fn bounded(reader: impl Read, most: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(FileError::TooLong(most)) } else { Ok(bytes) }
}

/// The text of a file of at most `most` bytes; `-` is standard input.
pub fn text_of_input(path: &Path, most: u64) -> Result<String, FileError> {
    if path == Path::new("-") { text_of(bounded(io::stdin().lock(), most)?) } else { open(path)?.text(most) }
}

/// Bytes as text, without the byte order mark that some editors put before it.
pub fn text_of(bytes: Vec<u8>) -> Result<String, FileError> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        FileError::NoText { line: String::from_utf8_lossy(valid).matches('\n').count() + 1 }
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

impl From<FileError> for io::Error {
    fn from(error: FileError) -> Self {
        match error {
            FileError::System(error) => error,
            other => Self::other(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    // rustix makes no pipes on macOS.
    #[cfg(not(target_vendor = "apple"))]
    #[test]
    fn nothing_but_a_regular_file_is_read() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let folder = TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        let socket = folder.path().join("socket");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        for path in [&pipe, &link, &socket, folder.path(), Path::new("/dev/zero"), Path::new("/dev/null")] {
            assert!(matches!(open(path), Err(FileError::NotRegular)), "{}", path.display());
        }
        assert_eq!(open(Path::new("/nowhere/x")).unwrap_err().kind(), Some(io::ErrorKind::NotFound));
    }

    #[test]
    fn nothing_is_read_beyond_the_limit() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("file");
        let read = |most| open(&path).unwrap().bytes(most);
        fs::write(&path, "12345").unwrap();
        assert_eq!(read(5).unwrap(), b"12345");
        assert!(matches!(read(4), Err(FileError::TooLong(4))));
        // The file is far too long to read to its end, and takes no disk space.
        fs::File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(matches!(read(MIB), Err(FileError::TooLong(MIB))));
        assert!(matches!(bounded(io::repeat(7), 4096), Err(FileError::TooLong(4096))));
    }

    #[test]
    fn text_is_read_without_its_mark() {
        assert_eq!(text_of(b"\xef\xbb\xbfab\xef\xbb\xbf".to_vec()).unwrap(), "ab\u{feff}");
        assert!(matches!(text_of(b"\xff\xfea\0".to_vec()), Err(FileError::NoText { line: 1 })));
        assert!(matches!(text_of(b"a\nb\xe7\n".to_vec()), Err(FileError::NoText { line: 2 })));
    }
}
