//! What a handler's arguments say about its requests.

use super::{Answers, Asked, Doc, answers::Schemas};
use crate::{
    address::CallerAddress,
    caller::Authority,
    error::ApiError,
    validate::{Checked, request::Input},
};
use actix_web::{
    HttpRequest,
    web::{Bytes, Data, Payload},
};
use lectern_service::app::App;
use utoipa::openapi::content::Content;

/// What requests to a route hold.
#[derive(Default)]
pub(crate) struct Description {
    /// Whether callers must say who they are.
    pub(crate) authenticated: bool,
    /// The segments of the path.
    pub(crate) path: Vec<Asked>,
    /// The parameters of the query.
    pub(crate) query: Vec<Asked>,
    /// The fields of the body, where there is one, and whether others are refused.
    pub(crate) body: Option<(Vec<Asked>, bool)>,
    /// Whether what is wrong with a request is told in OpenAI's shape: then the route says what.
    pub(crate) like_openai: bool,
    /// What reading the request may refuse, besides what is told of every request that is validated.
    pub(crate) errors: Vec<ApiError>,
    /// The parts of a form that is taken instead.
    pub(crate) form: Option<Vec<Asked>>,
}

/// An argument of a handler.
pub(crate) trait Describe {
    /// Adds what it takes from a request; most arguments take nothing.
    fn describe(_: &mut Description, _: &App) {}
}

impl Describe for () {}
impl Describe for HttpRequest {}
impl Describe for CallerAddress {}
impl Describe for Payload {}
impl Describe for Bytes {}
impl<T> Describe for Data<T> {}

impl<W: Authority, I: Input> Describe for Checked<W, I> {
    fn describe(description: &mut Description, app: &App) {
        description.authenticated |= W::AUTHENTICATED;
        I::describe(description, app);
    }
}

macro_rules! describe_tuples {
    ($(($($name:ident)+))+) => {$(
        impl<$($name: Describe),+> Describe for ($($name,)+) {
            fn describe(description: &mut Description, app: &App) {
                $($name::describe(description, app);)+
            }
        }
    )+};
}

describe_tuples!((A) (A B) (A B C) (A B C D));

/// One method of a route, as it is documented.
pub(crate) struct Operation {
    /// The handler's name: its folder, its file and its function.
    pub(crate) handler: &'static str,
    /// What its requests hold.
    pub(crate) describe: fn(&mut Description, &App),
    /// The status of a success.
    pub(crate) status: u16,
    /// What a success answers.
    pub(crate) answer: fn() -> Option<(&'static str, Content)>,
    /// The shapes that the answer refers to.
    pub(crate) schemas: fn(&mut Schemas),
    /// What is said about it in words and examples.
    pub(crate) doc: Doc,
}

impl Operation {
    /// A handler and what is said about it.
    pub(crate) fn new<F, Args: Describe, O: Answers>(doc: Doc) -> Self {
        Self {
            handler: std::any::type_name::<F>(),
            describe: Args::describe,
            status: O::STATUS,
            answer: O::content,
            schemas: O::schemas,
            doc,
        }
    }
}
