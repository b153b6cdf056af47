//! `publish`: puts an internal incident on the page.

use jiff::SignedDuration;

use super::context::Context;
use super::line::Line;
use super::options::{self, Options, Takes};
use super::refusal::Refusal;
use super::target::{Target, closed_internal};
use super::title::with_title_line;
use super::typed_options::TypedOptions;
use super::usage::{Screen, Usage};
use crate::incident::events::StatusEvent;
use crate::incident::model::{Impact, Incident};
use crate::log::record::Event;
use crate::response::events::ResponseEvent;
use crate::response::model::{Response, Visibility};
use crate::text::Text;
use crate::text::markdown::escape;

pub const PUBLISH: Usage = Usage {
    words: &["publish"],
    form: "publish [#42] [minor|major|critical] [on Component, …:] text",
    meaning: "puts an incident on the page that was opened with `open internal …`; what was said \
              before stays internal. `open drill …` opens an exercise, which is never published",
    examples: &["publish Checkout is failing"],
    is_public: true,
    screen: Some(Screen::Page),
    brief: ("publish <text>", "an internal incident"),
    ..Usage::NEW
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publishing {
    /// `None` follows the opening, else the severity.
    pub impact: Option<Impact>,
    /// Component ids; `None` keeps those from the opening.
    pub components: Option<Vec<String>>,
    /// Time until the next update; `None` follows the configuration.
    pub next: Option<SignedDuration>,
    /// Never empty. Contains the title.
    pub text: Text,
    /// The options as they were typed, for a refusal.
    pub typed: TypedOptions,
}

pub(crate) fn read(mut line: Line) -> Result<(Target, Publishing), Refusal> {
    let takes = [Takes::Number, Takes::Impact, Takes::Components, Takes::Promise];
    let (options, text) = options::read(&mut line, &takes, |_| Ok(None))?;
    let target = options.target(line.usage, &text);
    let text = with_title_line(text).map_err(|refusal| options.kept(line.usage, refusal))?;
    let Options { impact, components, next, typed, .. } = options;
    Ok((target, Publishing { impact, components, next, text, typed }))
}

impl Publishing {
    pub(crate) fn decide(
        &self,
        context: &Context,
        response: &Response,
    ) -> Result<Vec<Event>, Refusal> {
        let number = response.number;
        match response.visibility {
            Visibility::Public => {
                return Err(Refusal::new(format!(
                    "#{number} is on the page already, so nothing was changed. To add an update:"
                ))
                .line(format!("update #{number} <text>")));
            }
            Visibility::Drill => {
                return Err(Refusal::new(
                    "A drill is never published. Nothing was changed. For a real incident:",
                )
                .line("open <text>"));
            }
            Visibility::Internal if !response.is_open() => return Err(closed_internal(number)),
            Visibility::Internal => {}
        }
        context.check_room()?;
        let Some(components) = self.components.as_ref().or(no_components(response)) else {
            return Err(self.of_internal_components(context, response));
        };
        let opened = StatusEvent::Opened {
            number,
            update: context.state.status.incident(number).map_or(1, Incident::next_update),
            month: context.month(),
            impact: context.config.impact(self.impact.or(response.impact), response.severity),
            components: components.clone(),
            next_update_by: context.promise(self.next),
            began: None,
            text: self.text.clone(),
        };
        Ok(vec![Event::Response(ResponseEvent::Published { number }), Event::Status(opened)])
    }

    /// Asks about components that were named internally only.
    fn of_internal_components(&self, context: &Context, response: &Response) -> Refusal {
        let number = response.number;
        let known = &context.state.status.component_names;
        let names = response.components.iter().map(|id| context.config.component_name(id, known));
        let names = names.collect::<Vec<_>>().join(", ");
        let refusal = Refusal::new(format!(
            "{} was only named internally. Nothing was published. To show it on the page:",
            escape(&names)
        ))
        .line(format!("publish #{number} on {names}: <text>"))
        .offer("If not:", format!("publish #{number} on none: <text>"));
        self.typed.kept(PUBLISH.name(), Some(number), refusal)
    }
}

fn no_components(response: &Response) -> Option<&Vec<String>> {
    Some(&response.components).filter(|components| components.is_empty())
}
