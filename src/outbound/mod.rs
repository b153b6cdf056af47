//! The port to external services, and its adapter.
//!
//! Each request is sent once and never retried here, because only the caller can find out if it was
//! performed.

mod heartbeat;
pub mod http;
pub mod logged;
mod workflow;

use std::pin::Pin;

use crate::core::http::{Failure, Receiver, Request, Response};

pub use heartbeat::Heartbeat;
pub use workflow::Workflow;

pub type OutboundFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send + 'a>>;

/// External services. Dropping a request's future abandons it, but it may still be performed: see
/// [`Failure::Unknown`].
pub trait Outbound: Send + Sync {
    /// Returns `true` if the receiver is configured, which does not mean that it answers.
    fn reaches(&self, receiver: Receiver) -> bool;

    /// Sends a request once and returns the answer, whatever its status.
    ///
    /// # Errors
    /// Returns the reason why there is no answer.
    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a>;
}

/// Stands in if no service is configured. Every request fails, which ends messages still queued for
/// a service that was removed.
#[derive(Clone, Copy, Debug)]
pub struct Nowhere;

impl Outbound for Nowhere {
    fn reaches(&self, _: Receiver) -> bool {
        false
    }

    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a> {
        let why = format!("{} is not set up", request.to.name());
        Box::pin(std::future::ready(Err(Failure::Refused(why))))
    }
}
