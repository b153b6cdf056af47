//! Roles and permissions by name, compared with the ids that Microsoft documents.

use std::collections::{BTreeMap, BTreeSet};

use super::docs::documents;
use super::infra::files;
use crate::house::read;

/// The built-in roles that the templates assign.
const ROLES: [&str; 5] = [
    "Storage Blob Data Owner",
    "Storage Blob Data Contributor",
    "Storage Table Data Contributor",
    "Monitoring Metrics Publisher",
    "Key Vault Secrets User",
];

/// Name → id of every documented role, or permission.
fn documented(kind: &str) -> BTreeMap<String, String> {
    let table = read("tests/deploy/documented_ids.tsv");
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    let cells = rows.map(|row| row.split('\t').collect::<Vec<_>>());
    let all: Vec<Vec<&str>> = cells.collect();
    for row in &all {
        assert!(row.len() == 3 && is_id(row[2]), "{row:?}");
    }
    let ids: BTreeSet<&str> = all.iter().map(|row| row[2]).collect();
    assert_eq!(ids.len(), all.len(), "an id appears twice");
    let of_kind = all.iter().filter(|row| row[0] == kind);
    of_kind.map(|row| (row[1].to_owned(), row[2].to_owned())).collect()
}

fn ids_of_roles() -> BTreeSet<String> {
    let documented = documented("role");
    ROLES.iter().map(|name| documented[*name].clone()).collect()
}

fn is_id(word: &str) -> bool {
    word.len() == 36
        && word.split('-').map(str::len).eq([8, 4, 4, 4, 12])
        && word.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// Every id in a text, in its order.
fn ids(text: &str) -> Vec<&str> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    words.filter(|word| is_id(word)).collect()
}

/// Names of role ids in a template file: the comment on the line above each.
fn named_roles(text: &str) -> Vec<(String, String)> {
    let mut named = Vec::new();
    let mut above = "";
    for line in text.lines() {
        for id in ids(line) {
            let comment = above.trim().strip_prefix("// ").unwrap_or_default();
            let name = comment.split(':').next().unwrap_or_default();
            named.push((name.to_owned(), id.to_owned()));
        }
        above = line;
    }
    named
}

#[test]
fn each_role_has_its_documented_id() {
    let documented = documented("role");
    let mut found = BTreeSet::new();
    for (file, text) in files(".bicep") {
        for (name, id) in named_roles(&text) {
            assert_eq!(documented.get(&name), Some(&id), "{file}: {name:?}");
            found.insert(name);
        }
    }
    assert_eq!(found, ROLES.map(str::to_owned).into_iter().collect());

    let swapped =
        named_roles("// Key Vault Reader\nvar id = '4633458b-17de-408a-b874-0445c86b69e6'");
    assert_ne!(documented.get(&swapped[0].0), Some(&swapped[0].1), "{swapped:?}");
}

/// The deployer may assign and remove only these roles, and only for identities.
#[test]
fn the_deployer_assigns_only_the_roles_of_the_templates() {
    let condition = read("infra/deployer-condition.txt");
    let mut lists = 0;
    for list in condition.split("GuidEquals {").skip(1) {
        let ids = list.split('}').next().unwrap().split(", ").map(str::to_owned);
        assert_eq!(ids.collect::<BTreeSet<_>>(), ids_of_roles());
        lists += 1;
    }
    assert_eq!(lists, 2, "one for giving, one for taking");
    for action in ["write", "delete"] {
        let guarded =
            format!("ActionMatches{{'Microsoft.Authorization/roleAssignments/{action}'}}");
        assert!(condition.contains(&guarded), "{action}");
    }
    assert_eq!(condition.matches("{'ServicePrincipal'}").count(), 2);
    assert_eq!(condition.matches('(').count(), condition.matches(')').count());
    assert_eq!(condition.lines().count(), 1, "az takes it as one argument");
}

#[test]
fn roles_are_the_least() {
    // The site's account: blob data, on its containers and nothing wider.
    let site = read("infra/modules/site-storage.bicep");
    assert!(site.contains("scope: containers[index]") && !site.contains("scope: account"));
    // An action group has no other way in than a key of the app, which opens that and nothing else.
    let of_the_app = "listKeys('${app.id}/host/default'";
    for (name, text) in files(".bicep") {
        let is_door = name == "incidents.bicep";
        let text = if is_door { text.replacen(of_the_app, "", 1) } else { text };
        for key in ["listKeys(", "listAccountSas(", "listSecrets("] {
            assert!(!text.contains(key), "{name} asks for a key");
        }
    }
}

/// The value of an option in a command, without its quotes.
fn option<'a>(command: &'a str, name: &str) -> Option<&'a str> {
    let value = command.split(&format!(" {name} ")).nth(1)?;
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split(' ').next(),
    }
}

#[test]
fn documents_name_roles_and_permissions_that_exist() {
    let (roles, permissions) = (documented("role"), documented("permission"));
    let (mut of_roles, mut of_permissions) = (0, 0);
    for document in documents() {
        for line in read(&document).lines() {
            if let Some(role) = option(line, "--role") {
                assert!(roles.contains_key(role), "{document}: {role:?}");
                of_roles += 1;
            }
            let Some(id) = line.split("appRoleId\\\":\\\"").nth(1).and_then(|rest| rest.get(..36))
            else {
                continue;
            };
            if is_id(id) {
                let name = line.rsplit("# ").next().unwrap();
                assert_eq!(permissions.get(name).map(String::as_str), Some(id), "{document}");
                of_permissions += 1;
            }
        }
    }
    assert!(of_roles >= 3 && of_permissions >= 3, "{of_roles} roles, {of_permissions} permissions");
}
