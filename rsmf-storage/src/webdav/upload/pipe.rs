//! A request whose body is written while it is sent.

use std::io;

use bytes::Bytes;
use futures_util::stream;
use rsmf_http::{Body, Error as HttpError, Pieces, Request};
use tokio::{sync::mpsc, task::JoinHandle};

/// How much goes through at a time.
const PIECE: usize = 256 * 1024;

/// Pieces that wait to be sent.
const WAITING: usize = 4;

/// A request on its way; it ends with this value.
#[derive(Debug)]
pub(super) struct Pipe {
    sender: Option<mpsc::Sender<Bytes>>,
    task: JoinHandle<Result<(), HttpError>>,
}

impl Pipe {
    /// Sends a request with what will be written as its body: so many bytes, where that is known.
    pub(super) fn open(request: Request, length: Option<u64>) -> Self {
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let pieces: Pieces = Box::pin(stream::poll_fn(move |context| {
            receiver
                .poll_recv(context)
                .map(|piece| piece.map(io::Result::Ok))
        }));
        let request = request.body(Body::once(pieces, length));
        Self {
            sender: Some(sender),
            task: tokio::spawn(async move { request.send().await.map(|_| ()) }),
        }
    }

    /// Appends bytes. Gives `false` where nobody takes them any more: [`end`](Self::end) tells why.
    pub(super) async fn write(&mut self, mut bytes: Bytes) -> bool {
        while !bytes.is_empty() {
            let piece = bytes.split_to(bytes.len().min(PIECE));
            let sent = match &self.sender {
                Some(sender) => sender.send(piece).await.is_ok(),
                None => false,
            };
            if !sent {
                return false;
            }
        }
        true
    }

    /// Ends the body, and waits for the answer. `None` where the request was ended from outside.
    pub(super) async fn end(&mut self) -> Option<Result<(), HttpError>> {
        drop(self.sender.take());
        (&mut self.task).await.ok()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.task.abort();
    }
}
