//! A file in place of an SMS provider, for development.

use core::fmt;
use std::{
    fs::{self, File, Metadata, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use async_trait::async_trait;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::ports::{SendError, SendReceipt, SmsMessage, SmsSender};

/// Appends every message to a file, one JSON object a line: `{"to":"+919999900001","body":"482913 is your code."}`.
/// Several processes may write to one file; each line is appended in one write.
///
/// **For development only.** This is the one place in this crate that keeps codes (invariant I7 excepts it by name):
/// whoever reads the file can sign in as anybody who is in it. So the file is made readable for its owner alone.
///
/// Sending writes to the file on the thread that asks and does not give way meanwhile. A line takes a local file system
/// microseconds, and nobody waits for a developer's machine.
pub struct Outbox(File);

impl Outbox {
    /// Opens the file at `path` for appending, and makes it if there is none.
    ///
    /// On Unix it is made with mode 0600, and one that is there already must be a regular file, no symbolic link, and
    /// closed to group and others: a file that others may read, or that somebody laid out to catch the codes, is not
    /// written to.
    ///
    /// # Errors
    /// What the file system says; [`io::ErrorKind::InvalidInput`] if `path` names something that is not a regular file;
    /// [`io::ErrorKind::PermissionDenied`] if group or others have any permission.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        match options().create_new(true).open(path) {
            Ok(file) => Ok(Self(file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Self::reopen(path),
            Err(error) => Err(error),
        }
    }

    fn reopen(path: &Path) -> io::Result<Self> {
        // Looked at before it is opened: opening a pipe waits for a reader.
        let seen = fs::symlink_metadata(path)?;
        check(&seen)?;
        let file = options().open(path)?;
        let opened = file.metadata()?;
        check(&opened)?;
        if !is_same(&seen, &opened) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the outbox was exchanged while it was opened",
            ));
        }
        Ok(Self(file))
    }
}

impl fmt::Debug for Outbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").finish_non_exhaustive()
    }
}

#[async_trait]
impl SmsSender for Outbox {
    async fn send(&self, message: &SmsMessage) -> Result<SendReceipt, SendError> {
        let (to, body) = (message.to.e164(), message.body.expose_secret());
        // Room for the worst escape (`\u001f`), so that no copy is left behind by a buffer that grew.
        let mut line = Zeroizing::new(Vec::with_capacity(body.len().saturating_mul(6).saturating_add(64)));
        serde_json::to_writer(&mut *line, &Line { to, body })
            .map_err(|error| SendError::TryAnother(error.into()))?;
        line.push(b'\n');
        // One write of the whole line: the operating system appends it where the file then ends, unmixed with others.
        (&self.0).write_all(&line).map_err(|error| SendError::Unknown(error.into()))?;
        Ok(SendReceipt::new(None))
    }
}

#[derive(Serialize)]
struct Line<'a> {
    to: &'a str,
    body: &'a str,
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn check(metadata: &Metadata) -> io::Result<()> {
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the outbox is not a regular file"));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0 {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "the outbox is open to group or others: it holds codes, so set its mode to 0600",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
const fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[cfg(test)]
#[path = "outbox_tests.rs"]
mod tests;
