use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use super::*;
use crate::{
    conformance::{sms_sender_conforms, sms_sender_fails_silently},
    testing::block_on,
    types::SmsBody,
};

/// A directory of this test's own, removed at its end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("custom-auth-outbox-{}-{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).expect("a new directory");
        Self(path)
    }

    fn outbox(&self) -> PathBuf {
        self.0.join("outbox.jsonl")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn received(path: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(path).expect("text");
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is whole");
    text.lines()
        .map(|line| {
            let mut line: BTreeMap<String, String> = serde_json::from_str(line).expect("one object a line");
            let both = (line.remove("to").expect("a number"), line.remove("body").expect("a text"));
            assert!(line.is_empty());
            both
        })
        .collect()
}

fn send(outbox: &Outbox, body: &str) {
    let message = SmsMessage::new("+919999900001".parse().expect("a number"), SmsBody::new(body.to_owned()));
    block_on(outbox.send(&message)).expect("written");
}

#[test]
fn the_outbox_conforms() {
    let directory = Directory::new();
    let path = directory.outbox();
    let open = || Outbox::open(&path).expect("opens");
    sms_sender_conforms(open(), || received(&path));
    sms_sender_conforms(Box::new(open()) as Box<dyn SmsSender>, || received(&path));
    sms_sender_conforms(Arc::new(open()) as Arc<dyn SmsSender>, || received(&path));
}

#[test]
fn a_line_is_as_documented() {
    let directory = Directory::new();
    let path = directory.outbox();
    send(&Outbox::open(&path).expect("opens"), "482913 is your \"code\".\n");
    assert_eq!(
        fs::read_to_string(&path).expect("text"),
        "{\"to\":\"+919999900001\",\"body\":\"482913 is your \\\"code\\\".\\n\"}\n"
    );
}

#[test]
fn an_outbox_that_is_opened_again_is_appended_to() {
    let directory = Directory::new();
    let path = directory.outbox();
    let first = Outbox::open(&path).expect("opens");
    let second = Outbox::open(&path).expect("opens again");
    for (outbox, body) in [(&first, "1"), (&second, "2"), (&first, "3")] {
        send(outbox, body);
    }
    let bodies: Vec<String> = received(&path).into_iter().map(|(_, body)| body).collect();
    assert_eq!(bodies, ["1", "2", "3"]);
}

#[test]
fn long_lines_from_several_handles_do_not_mix() {
    // Each handle is a file description of its own, as another process would have.
    let directory = Directory::new();
    let path = directory.outbox();
    let body = |handle: usize, n: usize| format!("{handle} {n} {}", "x".repeat(40_000));
    thread::scope(|scope| {
        for handle in 0..8 {
            let outbox = Outbox::open(&path).expect("opens");
            scope.spawn(move || (0..16).for_each(|n| send(&outbox, &body(handle, n))));
        }
    });
    let mut bodies: Vec<String> = received(&path).into_iter().map(|(_, body)| body).collect();
    let mut expected: Vec<String> = (0..8).flat_map(|handle| (0..16).map(move |n| body(handle, n))).collect();
    bodies.sort();
    expected.sort();
    assert!(bodies == expected, "{} whole lines of {}", bodies.len(), expected.len());
}

#[test]
fn what_is_not_a_regular_file_is_refused() {
    let directory = Directory::new();
    let error = Outbox::open(&directory.0).expect_err("a directory");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(Outbox::open(directory.0.join("absent").join("outbox.jsonl")).is_err());
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::{
        fs::{PermissionsExt as _, symlink},
        net::UnixListener,
    };

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("metadata").permissions().mode() & 0o777
    }

    #[test]
    fn i7_a_new_outbox_is_its_owners_alone() {
        let directory = Directory::new();
        Outbox::open(directory.outbox()).expect("opens");
        assert_eq!(mode(&directory.outbox()), 0o600);
    }

    #[test]
    fn i7_an_outbox_that_others_may_touch_is_refused() {
        for bits in [0o640, 0o620, 0o604, 0o602, 0o666, 0o610] {
            let directory = Directory::new();
            let path = directory.outbox();
            drop(Outbox::open(&path).expect("opens"));
            fs::set_permissions(&path, fs::Permissions::from_mode(bits)).expect("changed");
            let error = Outbox::open(&path).expect_err("open to others");
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied, "{bits:o}");
            assert!(error.to_string().contains("0600"));
            assert_eq!(mode(&path), bits, "it is refused, not repaired behind the owner's back");
        }
    }

    #[test]
    fn i7_a_symbolic_link_is_refused_wherever_it_leads() {
        let directory = Directory::new();
        let target = directory.0.join("target");
        symlink(&target, directory.outbox()).expect("a link to nothing");
        assert_eq!(
            Outbox::open(directory.outbox()).expect_err("a link to nothing").kind(),
            io::ErrorKind::InvalidInput
        );
        assert!(!target.exists(), "nothing was made at the end of the link");
        drop(Outbox::open(&target).expect("opens"));
        assert_eq!(
            Outbox::open(directory.outbox()).expect_err("a link to a good file").kind(),
            io::ErrorKind::InvalidInput
        );
    }

    #[test]
    fn sockets_and_devices_are_refused() {
        let directory = Directory::new();
        let _listener = UnixListener::bind(directory.outbox()).expect("a socket");
        for path in [directory.outbox(), PathBuf::from("/dev/null")] {
            let error = Outbox::open(path).expect_err("no regular file");
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_failed_write_may_have_been_sent() {
        // A full device: every write fails. No path leads here, since devices are refused.
        let full = Outbox(OpenOptions::new().append(true).open("/dev/full").expect("Linux has it"));
        let message =
            SmsMessage::new("+919999900001".parse().expect("a number"), SmsBody::new("482913".to_owned()));
        let error = block_on(full.send(&message)).expect_err("full");
        assert!(matches!(error, SendError::Unknown(_)));
        sms_sender_fails_silently(full);
    }
}
