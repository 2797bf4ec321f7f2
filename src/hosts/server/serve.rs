//! Serving a router: connections that cannot be held open for nothing, and an end that finishes what it holds.

use core::{convert::Infallible, future::Future, net::SocketAddr, pin::pin, time::Duration};
use std::{io, sync::Arc};

use axum::{Router, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time,
};

use super::{
    DoorLimits,
    crowd::{Crowd, Seat},
    patience::Patient,
};

/// How long what is under way has to end, once the server is told to stop.
const LAST_WORDS: Duration = Duration::from_secs(30);
/// How long to wait when no connection can be taken: no more files may be open, say.
const PAUSE: Duration = Duration::from_millis(100);
/// The largest head of a request.
const HEAD: usize = 16_384;

/// What one connection takes up. Its calls hold it too: one whose client has gone still takes up what it did, and the server still waits
/// for it before it ends.
#[derive(Clone)]
pub(super) struct UnderWay(#[allow(dead_code)] Arc<Held>); // held, not read

#[allow(dead_code)]
struct Held {
    place: Option<OwnedSemaphorePermit>,
    seat: Seat,
    open: mpsc::Sender<Infallible>,
}

/// Serves `router` until `stop` is there; then takes no more connections, and waits up to 30 s for what is under way.
///
/// # Errors
/// What the operating system says of the listener itself. A connection that cannot be taken is passed over.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: &DoorLimits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.local_addr()?;
    let places = Arc::new(Semaphore::new(limits.connections));
    let crowd = Arc::new(Crowd::default());
    let graceful = GracefulShutdown::new();
    // Nothing is ever sent: it closes when all that hold the other end are gone.
    let (open, mut closed) = mpsc::channel(1);
    let mut stop = pin!(stop);
    loop {
        let taken = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            () = &mut stop => break,
            taken = taken => taken,
        };
        let Ok((stream, address)) = accepted else {
            time::sleep(PAUSE).await;
            continue;
        };
        // A proxy's connections are everybody's.
        let most = if limits.trusts(address.ip()) { usize::MAX } else { limits.connections_per_address };
        let Some(seat) = crowd.seat(address.ip(), most) else { continue };
        // Small answers, each at once.
        let _ = stream.set_nodelay(true);
        let held = Held { place: place.ok(), seat, open: open.clone() };
        let under_way = UnderWay(Arc::new(held));
        let service = service(router.clone(), address, under_way.clone());
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_timeout)
            .max_buf_size(HEAD)
            .serve_connection(TokioIo::new(Patient::new(stream, limits.write_timeout)), service);
        let watched = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that goes away in the middle is nobody's error.
            let _ = watched.await;
            drop(under_way);
        });
    }
    drop((listener, open));
    let all = async {
        graceful.shutdown().await;
        closed.recv().await
    };
    let _ = time::timeout(LAST_WORDS, all).await;
    Ok(())
}

fn service(
    router: Router,
    address: SocketAddr,
    under_way: UnderWay,
) -> impl hyper::service::Service<
    Request<Incoming>,
    Response = axum::response::Response,
    Error = Infallible,
    Future: Send,
> {
    let router = hyper_util::service::TowerToHyperService::new(router);
    service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(address));
        request.extensions_mut().insert(under_way.clone());
        hyper::service::Service::call(&router, request)
    })
}
