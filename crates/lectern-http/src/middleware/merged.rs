//! The parts of a streamed body that are there at once, put together: each part that is sent costs a write to the network.

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    web::{Bytes, BytesMut},
};
use std::{
    error::Error,
    mem::take,
    pin::Pin,
    task::{Context, Poll},
};

/// What parts are put together to, in bytes, at the most; a part that is larger by itself stays whole.
const MOST: usize = 16 * 1024;

/// A body whose parts wait for no other, and go together where several are there. Before the first of them is sent, whoever makes them gets
/// one turn to make another.
pub(super) struct Merged {
    inner: BoxBody,
    ready: Ready,
    /// Whether the maker had its turn since the last part.
    asked: bool,
    /// What comes after the parts that are ready: an error or the end.
    last: Option<Option<Box<dyn Error>>>,
}

/// Parts that are not sent yet.
#[derive(Default)]
enum Ready {
    #[default]
    None,
    /// As it came.
    One(Bytes),
    Several(BytesMut),
}

impl Ready {
    fn push(&mut self, part: Bytes) {
        *self = match take(self) {
            Self::None => Self::One(part),
            Self::One(first) => {
                let mut parts = BytesMut::with_capacity((first.len() + part.len()) * 4);
                parts.extend_from_slice(&first);
                parts.extend_from_slice(&part);
                Self::Several(parts)
            }
            Self::Several(mut parts) => {
                parts.extend_from_slice(&part);
                Self::Several(parts)
            }
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(part) => part.len(),
            Self::Several(parts) => parts.len(),
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        match take(self) {
            Self::None => None,
            Self::One(part) => Some(part),
            Self::Several(parts) => Some(parts.freeze()),
        }
    }
}

impl Merged {
    pub(super) fn new(inner: BoxBody) -> Self {
        Self { inner, ready: Ready::default(), asked: false, last: None }
    }
}

impl MessageBody for Merged {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.inner.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let Self { inner, ready, asked, last } = self.get_mut();
        while ready.len() < MOST && last.is_none() {
            match Pin::new(&mut *inner).poll_next(cx) {
                Poll::Ready(Some(Ok(part))) => {
                    ready.push(part);
                    *asked = false;
                }
                Poll::Ready(Some(Err(error))) => *last = Some(Some(error)),
                Poll::Ready(None) => *last = Some(None),
                Poll::Pending if ready.len() == 0 => return Poll::Pending,
                Poll::Pending if !*asked => {
                    *asked = true;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
                Poll::Pending => break,
            }
        }
        *asked = false;
        if let Some(parts) = ready.take() {
            return Poll::Ready(Some(Ok(parts)));
        }
        // After an error there is nothing but the end.
        Poll::Ready(last.replace(None).flatten().map(Err))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt as _, future::poll_fn, stream};
    use std::collections::VecDeque;

    /// What a body does when it is asked.
    #[derive(Clone)]
    enum Step {
        Part(&'static str),
        Wait,
        Fail,
    }
    use Step::{Fail, Part, Wait};

    /// Asks the body until it is at its end; what it gave, `…` where it had nothing, `!` for an error.
    fn given(steps: &[Step]) -> Vec<String> {
        let mut steps: VecDeque<Step> = steps.iter().cloned().collect();
        let made = stream::poll_fn(move |_| match steps.pop_front() {
            Some(Part(text)) => Poll::Ready(Some(Ok(Bytes::from(text)))),
            Some(Wait) => Poll::Pending,
            Some(Fail) => Poll::Ready(Some(Err(std::io::Error::other("on purpose")))),
            None => Poll::Ready(None),
        });
        let mut body = Merged::new(BoxBody::new(actix_web::body::BodyStream::new(made)));
        let mut given = Vec::new();
        for _ in 0..100 {
            match poll_fn(|cx| Pin::new(&mut body).poll_next(cx)).now_or_never() {
                None => given.push("…".to_owned()),
                Some(Some(Ok(part))) => given.push(String::from_utf8(part.to_vec()).expect("text")),
                Some(Some(Err(_))) => given.push("!".to_owned()),
                Some(None) => return given,
            }
        }
        panic!("no end: {given:?}");
    }

    #[track_caller]
    fn check(steps: &[Step], expect: &[&str]) {
        assert_eq!(given(steps), expect);
    }

    #[test]
    fn what_is_there_goes_together_and_waits_for_nothing_else() {
        check(&[], &[]);
        check(&[Part("a"), Part("b"), Part("c")], &["abc"]);
        // One turn for whoever makes them, then what there is goes.
        check(&[Part("a"), Wait, Wait, Part("b")], &["…", "a", "b"]);
        check(&[Part("a"), Wait, Part("b"), Wait, Part("c"), Wait, Wait, Part("d")], &["…", "…", "…", "abc", "d"]);
        check(&[Wait, Wait, Part("a")], &["…", "…", "a"]);
    }

    #[test]
    fn an_error_comes_after_what_came_before_it() {
        check(&[Part("a"), Part("b"), Fail], &["ab", "!"]);
        check(&[Part("a"), Wait, Fail], &["…", "a", "!"]);
        check(&[Fail], &["!"]);
    }

    #[test]
    fn what_goes_together_has_a_bound() {
        let large = "x".repeat(MOST - 1);
        let large: &'static str = Box::leak(large.into_boxed_str());
        let sizes = |steps: &[Step]| given(steps).iter().map(String::len).collect::<Vec<_>>();
        assert_eq!(sizes(&[Part(large), Part("ab"), Part("c")]), [MOST + 1, 1]);
        assert_eq!(sizes(&[Part(large), Part(large), Part(large)]), [2 * (MOST - 1), MOST - 1]);
    }
}
