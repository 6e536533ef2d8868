//! A path, and a handler for each of its methods.

use crate::{
    docs::{Answers, Describe, Doc, Operation},
    error::plain,
};
use actix_web::{
    FromRequest, Handler, HttpResponse, Resource, Responder,
    http::{
        Method, StatusCode,
        header::{ALLOW, HeaderValue},
    },
    web,
};

/// A path, and a handler for each of its methods; the others are answered with 405.
pub(crate) struct Endpoint {
    /// The path's pattern.
    pub path: &'static str,
    /// The methods that have a handler.
    pub methods: Vec<Method>,
    /// How each of them is documented.
    pub operations: Vec<Operation>,
    /// Whether it answers while the server stops.
    pub while_stopping: bool,
    resource: Resource,
    /// What requests' paths are matched with: the path, unless a segment takes more than one segment.
    pub pattern: &'static str,
    /// Whether a handler of its own answers the other methods.
    otherwise: bool,
}

impl Endpoint {
    /// A path without handlers.
    pub(crate) fn at(path: &'static str) -> Self {
        Self {
            path,
            methods: Vec::new(),
            operations: Vec::new(),
            while_stopping: false,
            resource: web::resource(path),
            pattern: path,
            otherwise: false,
        }
    }

    /// Adds a handler and what is said about it.
    pub(crate) fn route<F, Args>(mut self, method: Method, handler: F, doc: Doc) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + Describe + 'static,
        F::Output: Responder + Answers + 'static,
    {
        self.resource = self.resource.route(web::method(method.clone()).to(handler));
        self.methods.push(method);
        self.operations.push(Operation::new::<F, Args, F::Output>(doc));
        self
    }

    /// The same, answering while the server stops.
    pub(crate) fn while_stopping(mut self) -> Self {
        self.while_stopping = true;
        self
    }

    /// Another pattern than the path itself; before any handler.
    pub(crate) fn matching(mut self, pattern: &'static str) -> Self {
        self.resource = web::resource(pattern);
        self.pattern = pattern;
        self
    }

    /// Adds a handler for all other methods, instead of 405.
    pub(crate) fn otherwise<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.resource = self.resource.default_service(web::to(handler));
        self.otherwise = true;
        self
    }

    /// The same for actix-web.
    pub(crate) fn resource(self) -> Resource {
        if self.otherwise {
            return self.resource;
        }
        let allow = self.methods.iter().map(Method::as_str).collect::<Vec<_>>().join(", ");
        self.resource.default_service(web::to(move || {
            let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed");
            if let Ok(allow) = HeaderValue::from_str(&allow) {
                answer.headers_mut().insert(ALLOW, allow);
            }
            std::future::ready::<HttpResponse>(answer)
        }))
    }
}
