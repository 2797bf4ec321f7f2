//! What happens, as lines for whoever runs the server.

use core::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};
use std::{
    io::{self, Write},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use crate::{
    hosts::audit_line::line,
    ports::{AuditEvent, AuditSink},
};

/// How many events wait to be written at most; more are counted, and lost.
const WAITING: usize = 1024;

/// Writes each event as a line of JSON, from a thread of its own: who reads the lines slowly holds nobody up.
pub(super) struct AuditLines {
    queue: SyncSender<AuditEvent>,
    lost: Arc<AtomicU64>,
}

impl AuditLines {
    /// Begins to write to `out`. The thread ends after this was dropped.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, events) = sync_channel(WAITING);
        let lost = Arc::<AtomicU64>::default();
        let told = Arc::clone(&lost);
        thread::Builder::new()
            .name("custom-auth-audit".to_owned())
            .spawn(move || write(&events, &told, out))?;
        Ok(Self { queue, lost })
    }
}

impl AuditSink for AuditLines {
    fn record(&self, event: &AuditEvent) {
        if self.queue.try_send(*event).is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// A line that cannot be written is nobody's affair but the reader's.
fn write(events: &Receiver<AuditEvent>, lost: &AtomicU64, mut out: impl Write) {
    for event in events {
        let _ = writeln!(out, "{}", serde_json::Value::Object(line(&event)));
        let lost = lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let _ = writeln!(out, "{{\"lost\":{lost}}}");
        }
    }
}

impl fmt::Debug for AuditLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditLines").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;
    use std::sync::{Mutex, mpsc};

    use super::*;
    use crate::{
        ports::Occurrence,
        types::{PhoneNumber, Pseudonym, Timestamp},
    };

    /// Passes lines on, once it is let.
    struct Out {
        lines: mpsc::Sender<String>,
        gate: Arc<Mutex<()>>,
    }

    impl Write for Out {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _gate = self.gate.lock().unwrap();
            self.lines.send(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn event() -> AuditEvent {
        let phone: PhoneNumber = "+919999900001".parse().unwrap();
        let at = Timestamp::from_unix_millis(1_790_000_000_000);
        let account = Pseudonym::from_bytes([0xab; 16]);
        AuditEvent::new(at, Occurrence::SendThrottled, Some(account), Some(phone.into()), 1)
    }

    #[test]
    fn i7_an_event_is_a_line_that_names_nobody() {
        let (lines, read) = mpsc::channel();
        let sink = AuditLines::start(Out { lines, gate: Arc::default() }).unwrap();
        sink.record(&event());
        drop(sink);
        let written: String = read.iter().collect();
        let told: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(told["what"], "SendThrottled");
        assert_eq!(told["account"], "ab".repeat(16));
        assert_eq!(told["at"], 1_790_000_000_000_i64);
        assert!(written.ends_with('\n') && !written.contains("99999"), "{written}");
    }

    #[test]
    fn whoever_does_not_read_holds_nobody_up_and_hears_how_much_was_lost() {
        let (lines, read) = mpsc::channel();
        let gate = Arc::<Mutex<()>>::default();
        let sink = AuditLines::start(Out { lines, gate: Arc::clone(&gate) }).unwrap();
        let shut = gate.lock().unwrap();
        for _ in 0..5_000 {
            sink.record(&event());
        }
        drop(shut);
        thread::sleep(Duration::from_millis(10));
        drop(sink);
        let written: String = read.iter().collect();
        let of = |told: &str| told.parse::<usize>().unwrap();
        let lost: usize = written
            .lines()
            .filter_map(|line| Some(of(line.strip_prefix("{\"lost\":")?.strip_suffix('}')?)))
            .sum();
        let told = written.lines().filter(|line| line.contains("SendThrottled")).count();
        assert!(lost >= 5_000 - WAITING - 2 && lost + told == 5_000, "{lost} {told}");
    }
}
