//! The parts of Azure Monitor's common alert schema, and the alert's state according to them.

use jiff::Timestamp;
use serde_json::Value;

use super::super::json::{list, pairs, text, texts, written};
use super::super::reading::AlertKind;
use super::super::words::{Grade, grade_of, time};
use crate::incident::severity::Severity;

/// The service that raised an alert. Services differ in how they report an end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Service {
    /// Azure's own outages and maintenance.
    AzureHealth,
    ResourceHealth,
    Security,
    /// Any other event of the activity log.
    ActivityLog,
    Other,
}

pub(super) struct Parts<'a> {
    pub data: &'a Value,
    pub essentials: &'a Value,
    pub context: &'a Value,
    pub service: Service,
}

impl<'a> Parts<'a> {
    pub(super) fn read(data: &'a Value, essentials: &'a Value) -> Self {
        let name = text(essentials, "monitoringService").unwrap_or_default();
        let service = match name.replace([' ', '-'], "").to_ascii_lowercase().as_str() {
            "servicehealth" => Service::AzureHealth,
            "resourcehealth" => Service::ResourceHealth,
            "activitylogsecurity" => Service::Security,
            name if name.starts_with("activitylog") => Service::ActivityLog,
            _ => Service::Other,
        };
        let context = data.get("alertContext").unwrap_or(&Value::Null);
        Self { data, essentials, context, service }
    }

    pub(super) fn essential(&self, name: &str) -> Option<&'a str> {
        text(self.essentials, name)
    }

    /// A property of the event that raised the alert.
    pub(super) fn property(&self, name: &str) -> Option<&'a str> {
        self.context.get("properties").and_then(|properties| text(properties, name))
    }

    fn stage(&self) -> String {
        self.property("stage").unwrap_or_default().to_ascii_lowercase()
    }

    /// Each communication about an Azure outage has news in it, and so has the failure of an
    /// operation. Reports after the end of an outage are notes.
    pub(super) fn kind(&self) -> AlertKind {
        match (self.service, self.stage().as_str()) {
            (Service::AzureHealth, "rca" | "pir") => AlertKind::Note,
            (Service::AzureHealth, _) if !self.is_resolved() => AlertKind::Update,
            // Its start was expected.
            (Service::ActivityLog, _) if self.has_failed() => AlertKind::Update,
            _ => AlertKind::Alert,
        }
    }

    fn has_failed(&self) -> bool {
        text(self.context, "status").is_some_and(|status| status.eq_ignore_ascii_case("failed"))
    }

    /// Activity log alerts never resolve. Azure reports the end as a separate event, and so as a
    /// separate alert, which is "Fired".
    pub(super) fn is_resolved(&self) -> bool {
        let is = |value: Option<&str>, word: &str| {
            value.is_some_and(|value| value.eq_ignore_ascii_case(word))
        };
        if is(self.essential("monitorCondition"), "resolved") {
            return true;
        }
        if self.service == Service::Other {
            return false;
        }
        let operation = text(self.context, "operationName").unwrap_or_default();
        let ended = ["resolved", "complete", "completed", "canceled", "cancelled"];
        is(text(self.context, "status"), "resolved")
            || operation.to_ascii_lowercase().ends_with("/healthevent/resolved/action")
            || self.service == Service::AzureHealth && ended.contains(&self.stage().as_str())
            || self.service == Service::ResourceHealth
                && is(self.property("currentHealthStatus"), "available")
    }

    pub(super) fn resolved_at(&self) -> Option<Timestamp> {
        let event = [
            self.property("impactMitigationTime"),
            text(self.context, "eventTimestamp"),
            self.essential("firedDateTime"),
        ];
        let event = event.into_iter().flatten().filter(|_| self.service != Service::Other);
        self.essential("resolvedDateTime").into_iter().chain(event).find_map(time)
    }

    /// The maintenance window that Azure announces.
    pub(super) fn planned(&self) -> Option<(Timestamp, Timestamp)> {
        let is_maintenance = self
            .property("incidentType")
            .is_some_and(|kind| kind.eq_ignore_ascii_case("maintenance"));
        let moment = |name| self.property(name).and_then(time);
        let window = moment("impactStartTime").zip(moment("impactMitigationTime"));
        window.filter(|_| is_maintenance && !self.is_resolved())
    }

    /// Azure counts from 0, we from 1; its two lowest are one here. Rules about events are always
    /// `Sev4`, so the event's own level counts.
    pub(super) fn severity(&self) -> Option<Severity> {
        let own = match self.service {
            Service::Security => self.property("severity").and_then(grade_of),
            // In words, or as numbers from 1 (critical) to 4 (informational).
            Service::AzureHealth => {
                written(self.context, "level").and_then(|level| grade_of(&level))
            }
            _ => None,
        };
        own.and_then(Grade::severity).or_else(|| {
            match self.essential("severity")?.to_ascii_lowercase().as_str() {
                "sev0" => Some(Severity::Critical),
                "sev1" => Some(Severity::High),
                "sev2" => Some(Severity::Medium),
                "sev3" | "sev4" => Some(Severity::Low),
                _ => None,
            }
        })
    }

    /// The ids of the targets, sorted and in lower case, because Azure varies their case.
    fn targets(&self) -> String {
        let mut targets: Vec<String> =
            texts(self.essentials, "alertTargetIDs").map(str::to_lowercase).collect();
        targets.sort();
        targets.join(",")
    }

    /// `alertId` changes with each firing of a stateless rule. So a rule is identified by its name,
    /// targets and dimensions, an operation by its id, and the events of one outage by their
    /// subject.
    pub(super) fn identity(&self, title: &str) -> Vec<String> {
        let targets = self.targets();
        let parts: Vec<String> = match self.service {
            Service::AzureHealth if self.property("trackingId").is_some() => {
                vec![
                    "service health".into(),
                    self.property("trackingId").unwrap_or_default().into(),
                ]
            }
            Service::ResourceHealth if !targets.is_empty() => {
                vec!["resource health".into(), targets]
            }
            Service::ActivityLog if text(self.context, "correlationId").is_some() => {
                let id = text(self.context, "correlationId").unwrap_or_default();
                vec!["operation".into(), id.into(), self.rule().unwrap_or(title).into()]
            }
            Service::Security => {
                let what = self.property("category").unwrap_or(title);
                vec![
                    "security".into(),
                    self.rule().unwrap_or_default().into(),
                    what.into(),
                    targets,
                ]
            }
            _ => {
                let Some(rule) = self.rule() else { return vec![self.id(title, &targets)] };
                let mut labels = self.dimensions();
                labels.sort();
                let labels: Vec<String> =
                    labels.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
                vec!["rule".into(), rule.into(), targets, labels.join(",")]
            }
        };
        parts.into_iter().map(|part| part.to_lowercase()).collect()
    }

    /// Names are unique only within a resource group, so the id is preferred.
    fn rule(&self) -> Option<&'a str> {
        self.essential("alertRuleId").or_else(|| self.essential("alertRule"))
    }

    /// The identity of an alert without a rule.
    fn id(&self, title: &str, targets: &str) -> String {
        let ids = ["originAlertId", "alertId"];
        let id = ids.iter().find_map(|id| self.essential(id));
        id.map_or_else(|| format!("{title}|{targets}"), str::to_owned).to_lowercase()
    }

    /// The values by which one rule distinguishes its alerts: dimensions, and labels of Prometheus.
    pub(super) fn dimensions(&self) -> Vec<(String, String)> {
        let condition = self.context.get("condition").unwrap_or(&Value::Null);
        let criteria = list(condition, "allOf").flat_map(|criterion| list(criterion, "dimensions"));
        let dimensions = criteria
            .chain(list(self.context, "Dimensions"))
            .filter_map(|of| Some((text(of, "name")?.to_owned(), written(of, "value")?)));
        let labels = pairs(self.context, "labels").map(|(name, value)| (name.to_owned(), value));
        let mut all: Vec<(String, String)> = dimensions.chain(labels).collect();
        all.dedup();
        all
    }
}
