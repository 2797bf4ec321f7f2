//! A connection whose client must read what it asked for.

use core::{
    future::Future as _,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use std::io::{self, IoSlice};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// Ends with an error when what is to be written has not all been taken for so long. A client that takes it a byte at a time is no
/// better than one that takes none: the time runs until everything is out.
pub(super) struct Patient {
    stream: TcpStream,
    most: Duration,
    /// Rings when it has been too long; there while something waits to be taken.
    bell: Option<Pin<Box<Sleep>>>,
}

impl Patient {
    pub(super) const fn new(stream: TcpStream, most: Duration) -> Self {
        Self { stream, most, bell: None }
    }

    fn minded(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() && self.bell.is_none() {
            return written;
        }
        let most = self.most;
        let bell = self.bell.get_or_insert_with(|| Box::pin(sleep(most)));
        match bell.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => written,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.minded(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.minded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Asked when everything was written: whoever writes keeps what was not taken.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(context);
        if flushed.is_ready() {
            self.bell = None;
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::{TcpListener, TcpSocket},
        time::timeout,
    };

    use super::*;

    const MOST: Duration = Duration::from_millis(300);

    async fn pair() -> (Patient, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let client = socket.connect(listener.local_addr().unwrap()).await.unwrap();
        (Patient::new(listener.accept().await.unwrap().0, MOST), client)
    }

    #[tokio::test]
    async fn a_trickle_is_waited_for_no_longer_than_nothing() {
        for each in [0, 65_536] {
            let (mut patient, mut client) = pair().await;
            tokio::spawn(async move {
                let mut bytes = vec![0; each];
                loop {
                    sleep(Duration::from_millis(5)).await;
                    if each > 0 && client.read_exact(&mut bytes).await.is_err() {
                        return;
                    }
                }
            });
            // Minutes of it, and some of it goes all the time.
            let large = vec![0; 256 << 20];
            let ended = timeout(Duration::from_secs(20), patient.write_all(&large)).await;
            assert_eq!(ended.expect("in time").unwrap_err().kind(), io::ErrorKind::TimedOut, "{each}");
        }
    }

    #[tokio::test]
    async fn what_was_taken_in_time_is_no_debt() {
        let (mut patient, mut client) = pair().await;
        let reads = tokio::spawn(async move {
            let mut all = Vec::new();
            client.read_to_end(&mut all).await.unwrap();
            all.len()
        });
        for _ in 0..3 {
            patient.write_all(&vec![0; 8 << 20]).await.unwrap();
            patient.flush().await.unwrap();
            sleep(MOST * 2).await;
        }
        drop(patient);
        assert_eq!(reads.await.unwrap(), 24 << 20);
    }
}
