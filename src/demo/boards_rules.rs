//! Rules of a project that changes of work items must follow: fields, states and people, and the
//! texts of errors (MicrosoftDocs/azure-devops-docs and issue threads of clients).

use serde_json::{Map, Value, json};

/// A work item type as its process defines it (azure-devops-docs, "Choose a process").
#[derive(Clone, Debug)]
pub struct WorkItemType {
    pub name: &'static str,
    /// States with their categories; new items get the first one.
    pub states: &'static [(&'static str, &'static str)],
    /// The type has the field Severity with the four standard values.
    pub has_severity: bool,
    /// Field of the long text in the form. Every type has `System.Description`, but the form of a
    /// Bug shows `Microsoft.VSTS.TCM.ReproSteps` instead (azure-devops-docs, "Define, capture,
    /// triage, and manage bugs").
    pub text_field: &'static str,
}

/// `Issue` of the Basic process.
pub const BASIC_ISSUE: WorkItemType = WorkItemType {
    name: "Issue",
    states: &[("To Do", "Proposed"), ("Doing", "InProgress"), ("Done", "Completed")],
    has_severity: false,
    text_field: DESCRIPTION,
};

/// `Bug` of the Agile process.
pub const AGILE_BUG: WorkItemType = WorkItemType {
    name: "Bug",
    states: &[
        ("New", "Proposed"),
        ("Active", "InProgress"),
        ("Resolved", "Resolved"),
        ("Closed", "Completed"),
        ("Removed", "Removed"),
    ],
    has_severity: true,
    text_field: REPRO_STEPS,
};

/// `Issue` of the Agile process, which has no state in progress.
pub const AGILE_ISSUE: WorkItemType = WorkItemType {
    name: "Issue",
    states: &[("Active", "Proposed"), ("Closed", "Completed")],
    has_severity: false,
    text_field: DESCRIPTION,
};

/// `Bug` of the Scrum process, which has no Issue.
pub const SCRUM_BUG: WorkItemType = WorkItemType {
    name: "Bug",
    states: &[
        ("New", "Proposed"),
        ("Approved", "Proposed"),
        ("Committed", "InProgress"),
        ("Done", "Completed"),
        ("Removed", "Removed"),
    ],
    has_severity: true,
    text_field: REPRO_STEPS,
};

/// `Impediment` of the Scrum process.
pub const SCRUM_IMPEDIMENT: WorkItemType = WorkItemType {
    name: "Impediment",
    states: &[("Open", "Proposed"), ("Closed", "Completed")],
    has_severity: false,
    text_field: DESCRIPTION,
};

const DESCRIPTION: &str = "System.Description";
const REPRO_STEPS: &str = "Microsoft.VSTS.TCM.ReproSteps";

const SEVERITIES: [&str; 4] = ["1 - Critical", "2 - High", "3 - Medium", "4 - Low"];
const FIELDS: [&str; 7] = [
    "System.Title",
    "System.Description",
    "System.Tags",
    "System.AreaPath",
    "System.AssignedTo",
    "System.State",
    "Microsoft.VSTS.Common.Priority",
];
const SEVERITY: &str = "Microsoft.VSTS.Common.Severity";

impl WorkItemType {
    /// Reference names of its fields.
    pub(super) fn fields(&self) -> Vec<&'static str> {
        let severity = self.has_severity.then_some(SEVERITY);
        let text = (self.text_field != DESCRIPTION).then_some(self.text_field);
        FIELDS.into_iter().chain(severity).chain(text).collect()
    }

    /// Returns `true` if the state is in a category of finished work.
    fn is_completed(&self, state: &str) -> bool {
        self.states.iter().any(|(name, category)| *name == state && *category == "Completed")
    }

    /// JSON of the type (vsts-rest-api-specs, `WorkItemType`).
    pub(super) fn json(&self) -> Value {
        let fields: Vec<Value> =
            self.fields().iter().map(|name| json!({ "referenceName": name })).collect();
        let state = |(name, category): &(&str, &str)| json!({ "name": name, "color": "b2b2b2", "category": category });
        let states: Vec<Value> = self.states.iter().map(state).collect();
        let control = |field: &str, kind: &str| {
            format!("<Control FieldName=\"{field}\" Type=\"{kind}\" LabelPosition=\"Top\" />")
        };
        let form = format!(
            "<FORM><Layout><Group>{}{}</Group></Layout></FORM>",
            control("System.Title", "FieldControl"),
            control(self.text_field, "HtmlFieldControl")
        );
        json!({
            "name": self.name,
            "isDisabled": false,
            "xmlForm": form,
            "fields": fields,
            "states": states,
        })
    }
}

/// Work item types, fields and people of a project.
#[derive(Clone, Debug)]
pub struct Rules {
    pub types: Vec<WorkItemType>,
    /// Sign-in addresses.
    pub people: Vec<&'static str>,
    /// Area paths.
    pub areas: Vec<&'static str>,
    /// A custom rule: nobody may set this state.
    pub forbidden_state: Option<&'static str>,
    /// A custom rule: this field is required in a finished state. Reference name and display name
    /// (azure-devops-docs, "Rules and rule evaluation").
    pub needed_to_close: Option<[&'static str; 2]>,
}

impl Rules {
    /// The rule that a changed work item breaks.
    pub(super) fn broken(
        &self,
        kind: &WorkItemType,
        fields: &Map<String, Value>,
    ) -> Result<(), Broken> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let Some([field, name]) = self.needed_to_close else { return Ok(()) };
        if !kind.is_completed(text("System.State")) || !text(field).trim().is_empty() {
            return Ok(());
        }
        let message = format!(
            "TF401320: Rule Error for field {name}. Error code: Required, HasValues, \
             LimitedToValues, AllowsOldValue, InvalidEmpty."
        );
        Err((message, "RuleValidationException"))
    }
}

/// Message and error type of a broken rule.
pub(super) type Broken = (String, &'static str);

/// Sets a field if the rules allow it.
pub(super) fn set(
    fields: &mut Map<String, Value>,
    kind: &WorkItemType,
    rules: &Rules,
    field: &str,
    value: &Value,
) -> Result<(), Broken> {
    if !kind.fields().contains(&field) {
        return Err((
            format!("TF51535: Cannot find field {field}."),
            "WorkItemTrackingFieldDefinitionNotFoundException",
        ));
    }
    let text = value.as_str().unwrap_or_default();
    let rule = |message: String| (message, "RuleValidationException");
    let value = match field {
        "System.Title" if text.trim().is_empty() => {
            return Err(rule(
                "TF401320: Rule Error for field Title. Error code: Required, HasValues, \
                 InvalidEmpty."
                    .to_owned(),
            ));
        }
        // solidify/jira-azuredevops-migrator issue 627.
        "System.Title" if text.chars().count() > 255 => {
            return Err(rule("TF401324: Value for field 'System.Title' is too long.".to_owned()));
        }
        "System.AreaPath" if !rules.areas.contains(&text) => {
            return Err(rule(
                "TF401347: Invalid tree name given for work item -1, field 'System.AreaPath'."
                    .to_owned(),
            ));
        }
        "System.State"
            if rules.forbidden_state == Some(text)
                || !kind.states.iter().any(|(name, _)| *name == text) =>
        {
            return Err(rule(format!(
                "The field 'State' contains the value '{text}' that is not in the list of \
                 supported values"
            )));
        }
        SEVERITY if !SEVERITIES.contains(&text) => {
            return Err(rule(
                "TF401320: Rule Error for field Severity. Error code: Required, HasValues, \
                 LimitedToValues, InvalidNotInList."
                    .to_owned(),
            ));
        }
        "Microsoft.VSTS.Common.Priority" if !(1..=4).contains(&value.as_u64().unwrap_or(0)) => {
            return Err(rule("TF401320: Rule Error for field Priority.".to_owned()));
        }
        // Proxy addresses and names are unknown, too: MicrosoftPremier/VstsExtensions issue 254.
        "System.AssignedTo" => match rules.people.iter().find(|known| **known == text) {
            Some(known) => identity(known),
            None => {
                return Err(rule(format!(
                    "The identity value '{text}' for field 'Assigned To' is an unknown identity."
                )));
            }
        },
        "System.Tags" => tags(text).map_err(rule)?.into(),
        _ => value.clone(),
    };
    fields.insert(field.to_owned(), value);
    Ok(())
}

/// Tags as the service returns them: unique and sorted.
fn tags(text: &str) -> Result<String, String> {
    let mut tags: Vec<&str> =
        text.split(';').map(str::trim).filter(|tag| !tag.is_empty()).collect();
    if tags.len() > 100 || tags.iter().any(|tag| tag.contains(',') || tag.chars().count() > 400) {
        return Err("TF401407: Tag name is not valid.".to_owned());
    }
    tags.sort_by_key(|tag| tag.to_lowercase());
    tags.dedup();
    Ok(tags.join("; "))
}

/// A person as the service returns them.
pub(super) fn identity(address: &str) -> Value {
    json!({
        "displayName": address.split('@').next().unwrap_or_default(),
        "url": "https://spsprodweu5.vssps.visualstudio.com/_apis/Identities/0",
        "id": "00000000-0000-0000-0000-000000000000",
        "uniqueName": address,
        "imageUrl": "https://dev.azure.com/_apis/GraphProfile/MemberAvatars/aad.0",
        "descriptor": "aad.0",
    })
}
