//! The body of an answer that is streamed.

use super::merged::Merged;
use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::Bytes,
};
use futures_util::future::{BoxFuture, FutureExt as _};
use lectern_service::lifecycle::{InHand, Lifecycle};
use std::{
    error::Error,
    fmt,
    pin::Pin,
    task::{Context, Poll},
};
use tracing::Span;

/// A body that is in hand until its end, logs as its request, and is cut when the server stops for good. Parts that are there at once are sent at
/// once.
struct Held {
    inner: Merged,
    cut: BoxFuture<'static, ()>,
    span: Span,
    _in_hand: InHand,
}

/// Holds a body.
pub(super) fn hold(inner: BoxBody, in_hand: InHand, lifecycle: &Lifecycle, span: Span) -> BoxBody {
    let lifecycle = lifecycle.clone();
    let cut = async move { lifecycle.until_cut().await }.boxed();
    BoxBody::new(Held { inner: Merged::new(inner), cut, span, _in_hand: in_hand })
}

impl MessageBody for Held {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.inner.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let Self { inner, cut, span, .. } = self.get_mut();
        let _logs_as_its_request = span.enter();
        match Pin::new(inner).poll_next(cx) {
            // An error cuts the connection: the reader sees an incomplete body. The server below logs it with all that is in it, which may be
            // what an endpoint said: the cause was logged where it is known.
            Poll::Ready(Some(Err(_cause))) => Poll::Ready(Some(Err(Box::new(Cut)))),
            Poll::Pending if cut.poll_unpin(cx).is_ready() => Poll::Ready(Some(Err(Box::new(Cut)))),
            polled => polled,
        }
    }
}

/// The stream broke, or the server stopped before its end.
#[derive(Debug)]
struct Cut;

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stream was cut before its end")
    }
}

impl Error for Cut {}
