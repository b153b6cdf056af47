//! The port behind which services of others are called, and its adapter.
//!
//! A request goes out once: nothing here is tried again, because only the caller can find out
//! whether what was asked for was done.

mod heartbeat;
pub mod http;
pub mod logged;
mod workflow;

use std::pin::Pin;

use crate::core::http::{Failure, Receiver, Request, Response};

pub use heartbeat::Heartbeat;
pub use workflow::Workflow;

/// The future of one request.
pub type OutboundFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send + 'a>>;

/// The way to services of others. Dropping a request's future gives the request up, which does not
/// say that it was not carried out: see [`Failure::Unknown`].
pub trait Outbound: Send + Sync {
    /// Whether this receiver is set up, not whether it answers.
    fn reaches(&self, receiver: Receiver) -> bool;

    /// Sends a request once and gives the answer, whatever its status.
    ///
    /// # Errors
    /// Why there is no answer.
    fn send<'a>(&'a self, request: &'a Request) -> OutboundFuture<'a>;
}

/// The way where nothing is set up: it leads to nobody, so that what waits for a service that was
/// taken away finds that out and ends.
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
