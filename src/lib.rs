//! A status page, and the response to incidents, that a team runs from its Microsoft Teams channel.
//!
//! | module | purpose | may use |
//! | --- | --- | --- |
//! | [`core`] | parsing, deciding and rendering, as pure functions | nothing here |
//! | [`store`] | the port for blobs, and its adapters | nothing here |
//! | [`service`] | runs the effects in order: catch up, decide, commit, publish | `core`, the port |
//! | [`settings`] | the environment and `status.toml`, checked | `core`, the adapters' settings |
//! | [`web`] | HTTP, and the only reader of the clock | all of the above |
//! | [`serve`] | assembles the above and serves, under the host or standalone | all of the above |
//! | [`log`] | log lines for a terminal or for the host | nothing here |
//! | [`outbound`] | the port to external services, and its adapter | `core`'s requests and answers |
//! | [`identity`] | this program's identity on Azure: tokens | an HTTP client |
//! | [`demo`] | external services simulated in memory | `core`'s requests and answers |
//! | [`cli`] | the commands at a terminal, except serving: `send`, `say`, `verify`, `rebuild`, `roster`, `stats`, `review`, `demo` | all of the above |
//! | [`http_client`] | creates every HTTP client: time limits, TLS | nothing here |

pub mod cli;
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

pub use status_update_core as core;
