//! Sizes of typical records: with sealed lines, and as the plain JSON that they would be without.

use jiff::ToSpan;
use serde_json::Value;
use status_update::core::commands::context::Context;
use status_update::core::commands::parse::parse;
use status_update::core::config::Config;
use status_update::core::decide::{Decision, decide};
use status_update::core::log::evict::Limits;
use status_update::core::log::fold::fold;
use status_update::core::log::seal::{self, Salt};
use status_update::core::log::state::State;

use super::history::{message, now};

const LINES: [&str; 6] = [
    "open major Checkout is failing for customers in Europe",
    "update identified The payment provider rejects our certificate. We are renewing it",
    "note The certificate expired at 09:40; the renewal failed on Sunday",
    "role commander me",
    "task Call the payment provider",
    "close The certificate was renewed. Payments work again",
];

pub fn sizes() {
    println!("bytes of a record: sealed, of which the head | as plain JSON, without seals");
    let (config, limits) = (Config::default(), &Limits::DEFAULT);
    let mut state = State::default();
    let mut sums = (0, 0);
    for (place, line) in LINES.iter().enumerate() {
        let message = message(&place.to_string(), line);
        let command = parse(&message.said, &config);
        let at = now() + i64::try_from(place).unwrap().seconds();
        let cause = &message.cause(at);
        let context = Context { state: &state, config: &config, limits, cause, recalled: None };
        let Decision::Record(record) = decide(context, &command) else {
            panic!("not recorded: {line}");
        };
        let sealed = seal::write(&record, &Salt::default()).unwrap();
        let bare = plain(serde_json::to_value(&**record).unwrap()).to_string().len();
        let verb = line.split(' ').next().unwrap();
        println!("{verb:>8}: {:>5}, {:>5} | {bare:>5}", sealed.len(), seal::head(&sealed).len());
        sums = (sums.0 + sealed.len(), sums.1 + bare);
        fold(&mut state, &record, &sealed).unwrap();
    }
    let ratio = sums.0 as f64 / sums.1 as f64;
    println!("     all: {:>5}, {ratio:.2} times the {} of plain JSON", sums.0, sums.1);
}

/// A record's JSON with its sealed values where they belong.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => match fields.remove("sealed") {
            Some(sealed) if fields.is_empty() => plain(sealed),
            Some(_) => panic!("a sealed value stands alone"),
            None => Value::Object(fields.into_iter().map(|(name, it)| (name, plain(it))).collect()),
        },
        Value::Array(values) => Value::Array(values.into_iter().map(plain).collect()),
        other => other,
    }
}
