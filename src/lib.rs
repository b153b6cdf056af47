//! A status page, and the response to incidents, that a team runs from its Microsoft Teams channel.
//!
//! | module | what it does | what it may use |
//! | --- | --- | --- |
//! | [`core`] | what a message means, what follows from it, what is shown: pure functions | nothing here |
//! | [`store`] | the port behind which blobs are kept, and its adapters | nothing here |
//! | [`service`] | orders the effects: catch up, decide, commit, publish | `core`, the port |
//! | [`settings`] | the environment and `status.toml`, checked | `core`, the adapters' settings |
//! | [`web`] | HTTP, and the only reader of the clock | all of the above |
//! | [`serve`] | puts the above together and serves, under the host or on its own | all of the above |
//! | [`log`] | lines for a terminal or for the host | nothing here |
//! | [`outbound`] | the port to services of others, and its adapter | `core`'s requests and answers |
//! | [`identity`] | who this program is on Azure: tokens | an HTTP client |
//! | [`demo`] | services of others as they behave, in memory | `core`'s requests and answers |
//! | [`cli`] | everything at a terminal but serving: `send`, `say`, `verify`, `rebuild`, `roster`, `stats`, `review`, `demo` | all of the above |
//! | [`http_client`] | the one way to make an HTTP client: time limits, TLS | nothing here |

pub mod cli;
pub mod core;
pub mod demo;
pub mod http_client;
pub mod identity;
pub mod log;
pub mod outbound;
pub mod serve;
pub mod service;
pub mod settings;
pub mod store;
pub mod web;
