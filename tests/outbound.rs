//! External services: requests, the meaning of responses, and faults in between.

mod wire;
mod workflows;
