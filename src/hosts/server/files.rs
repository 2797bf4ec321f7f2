//! Keys that are made on the first run and kept in files that only their owner may read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use zeroize::Zeroizing;

use crate::ports::{Entropy as _, OsEntropy};

/// The text in the file at `path`; where there is none, what `make` gives is written there first.
///
/// On Unix the file is made with mode 0600, and one that group or others may read is not used: whoever may read it may have.
pub(super) fn kept(
    path: &Path,
    make: impl FnOnce() -> Result<Zeroizing<String>, String>,
) -> Result<Zeroizing<String>, String> {
    let told = |error: io::Error| format!("its file cannot be used: {}", error.kind());
    match fs::symlink_metadata(path) {
        Ok(metadata) => {
            if !metadata.is_file() || is_open(&metadata) {
                return Err(
                    "its file is open to group or others, or no file: set its mode to 0600".to_owned()
                );
            }
            Ok(Zeroizing::new(fs::read_to_string(path).map_err(told)?))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = make()?;
            match write(path, &text) {
                Ok(()) => Ok(text),
                // Another server was first, and its key is the one that is kept.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    Ok(Zeroizing::new(fs::read_to_string(path).map_err(told)?))
                }
                Err(error) => Err(told(error)),
            }
        }
        Err(error) => Err(told(error)),
    }
}

/// Whole or not at all: a server that is killed while it writes finds no half of a key when it starts again.
fn write(path: &Path, text: &str) -> io::Result<()> {
    // A name that no other start has: two that share one could link each other's half-written key.
    let mut own = [0; 8];
    OsEntropy::new().fill(&mut own).map_err(io::Error::other)?;
    let half = path.with_extension(format!("{:016x}", u64::from_be_bytes(own)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&half)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Of two servers that start at once one makes the key: a link, unlike renaming, does not replace.
    let linked = fs::hard_link(&half, path);
    fs::remove_file(&half)?;
    linked?;
    match path.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(unix)]
fn is_open(metadata: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o077 != 0
}

#[cfg(not(unix))]
const fn is_open(_: &fs::Metadata) -> bool {
    false
}

/// Makes the folder for data, for its owner alone.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> Result<Zeroizing<String>, String> {
        Ok(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_found_again() {
        let home = std::env::temp_dir().join(format!("custom-auth-files-{}", std::process::id()));
        folder(&home).unwrap();
        let path = home.join("key");
        assert_eq!(*kept(&path, || made("one")).unwrap(), "one");
        assert_eq!(*kept(&path, || made("two")).unwrap(), "one");
        assert_eq!(fs::read_dir(&home).unwrap().count(), 1, "nothing is left beside it");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(kept(&path, || made("two")).unwrap_err().contains("0600"));
        }
        fs::remove_dir_all(home).unwrap();
    }
}
