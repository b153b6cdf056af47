"""Holds resources against Microsoft's own models of Azure's API, as their Python SDKs carry them.

Reads a JSON array of {"file", "type", "version", "body"} and prints one complaint a line. A body is
an object of objects, arrays and scalars; null stands for an expression whose value is not known.
"""

import importlib
import json
import re
import sys
import typing

# Where the model of a type's PUT body is: the package's module, the class, and the API version that
# the package speaks where it does not say so in the module's name.
MODELS = {
    "Microsoft.Resources/resourceGroups": ("azure.mgmt.resource.resources.models", "ResourceGroup"),
    "Microsoft.ManagedIdentity/userAssignedIdentities": ("azure.mgmt.msi.v2024_11_30.models", "Identity"),
    "Microsoft.OperationalInsights/workspaces": ("azure.mgmt.loganalytics.models", "Workspace"),
    "Microsoft.Insights/components": (
        "azure.mgmt.applicationinsights.v2020_02_02.models",
        "ApplicationInsightsComponent",
    ),
    "Microsoft.Insights/workbooks": (
        "azure.mgmt.applicationinsights.v2023_06_01.models",
        "Workbook",
    ),
    "Microsoft.Insights/actionGroups": ("azure.mgmt.monitor.models", "ActionGroupResource"),
    "Microsoft.Insights/scheduledQueryRules": ("azure.mgmt.monitor.models", "ScheduledQueryRuleResource"),
    "Microsoft.Authorization/roleAssignments": (
        "azure.mgmt.authorization.v2022_04_01.models",
        "RoleAssignmentCreateParameters",
    ),
    "Microsoft.KeyVault/vaults": ("azure.mgmt.keyvault.models", "VaultCreateOrUpdateParameters"),
    "Microsoft.KeyVault/vaults/secrets": ("azure.mgmt.keyvault.models", "SecretCreateOrUpdateParameters"),
    "Microsoft.Storage/storageAccounts": ("azure.mgmt.storage.models", "StorageAccountCreateParameters"),
    "Microsoft.Storage/storageAccounts/blobServices": ("azure.mgmt.storage.models", "BlobServiceProperties"),
    "Microsoft.Storage/storageAccounts/blobServices/containers": ("azure.mgmt.storage.models", "BlobContainer"),
    "Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies": (
        "azure.mgmt.storage.models",
        "ImmutabilityPolicy",
    ),
    "Microsoft.Web/serverfarms": ("azure.mgmt.web.models", "AppServicePlan"),
    "Microsoft.Web/sites": ("azure.mgmt.web.models", "Site"),
    "Microsoft.Web/sites/config": ("azure.mgmt.web.models", "StringDictionary"),
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": (
        "azure.mgmt.web.models",
        "CsmPublishingCredentialsPoliciesEntity",
    ),
    "Microsoft.Cdn/profiles": ("azure.mgmt.cdn.models", "Profile"),
    "Microsoft.Cdn/profiles/afdEndpoints": ("azure.mgmt.cdn.models", "AFDEndpoint"),
    "Microsoft.Cdn/profiles/originGroups": ("azure.mgmt.cdn.models", "AFDOriginGroup"),
    "Microsoft.Cdn/profiles/originGroups/origins": ("azure.mgmt.cdn.models", "AFDOrigin"),
    "Microsoft.Cdn/profiles/customDomains": ("azure.mgmt.cdn.models", "AFDDomain"),
    "Microsoft.Cdn/profiles/afdEndpoints/routes": ("azure.mgmt.cdn.models", "Route"),
}

# Bicep's own, and what a resource's address is made of.
EVERYWHERE = {"name", "parent", "scope", "dependsOn"}


class Open:
    """A model that takes any name, or of which nothing is known."""


def fields(model, module):
    """The names that a model has on the wire, each with the model of its value."""
    if hasattr(model, "_attribute_map"):
        return flattened(model, module)
    model.__new__(model)  # the first instance fills in the fields
    rest = model._attr_to_rest_field
    return {field._rest_name: [of_annotation(hint(model, name), module)] for name, field in rest.items()}


def hint(model, name):
    for cls in model.__mro__:
        if name in vars(cls).get("__annotations__", {}):
            return cls.__annotations__[name]
    return None


def of_annotation(annotation, module):
    """The model class inside of Optional, list and forward references; a dictionary has any names."""
    if isinstance(annotation, typing.ForwardRef):
        annotation = annotation.__forward_arg__
    if isinstance(annotation, str):
        words = annotation.replace("[", " ").replace("]", " ").replace(",", " ").split()
        found = [word for word in words if word.startswith("_models.") and "dict" not in words]
        return getattr(module, found[0].removeprefix("_models."), Open) if found else Open
    if typing.get_origin(annotation) is dict:
        return Open
    for inner in typing.get_args(annotation):
        found = of_annotation(inner, module)
        if found is not Open:
            return found
    return Open


def flattened(model, module):
    """The older models: a path such as properties.foo for each name, and a type in words."""
    tree = {}
    for attribute in model._attribute_map.values():
        *path, last = attribute["key"].replace("\\\\.", "\0").split(".")
        place = tree
        for step in path:
            place = place.setdefault(step, {})
        kind = attribute["type"].strip("[]{}")
        place[last] = [Open if attribute["type"].startswith("{") else getattr(module, kind, Open)]
    return tree


def subtypes(model, module):
    """The model, and with a discriminator also its kinds."""
    yield model
    if model is not Open:
        for kind in model.__subclasses__():
            if kind.__module__.startswith(module.__name__.rsplit(".", 1)[0]):
                yield from subtypes(kind, module)


def complaints(body, known, module, path):
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from complaints(item, known, module, f"{path}[{index}]")
        return
    if not isinstance(body, dict):
        return
    if isinstance(known, list):
        if known[0] is Open or not isinstance(known[0], type):
            return
        merged = {}
        for model in subtypes(known[0], module):
            if all(cls.__name__ != "Model" for cls in model.__mro__):
                return  # an enumeration, or a scalar
            merged.update(fields(model, module))
        known = merged
    for name, value in body.items():
        if not path and name in EVERYWHERE:
            continue
        if name not in known:
            yield f"{path}.{name} is not among {sorted(known)}"
        else:
            yield from complaints(value, known[name], module, f"{path}.{name}")


def version_of(module_name, model):
    """The API version that a package speaks for a model."""
    for part in module_name.split("."):
        if part.startswith("v20"):
            return part[1:].replace("_", "-")
    operations = {
        "ActionGroupResource": "monitor.operations._action_groups",
        "ScheduledQueryRuleResource": "monitor.operations._scheduled_query_rules",
        "AppServicePlan": "web.operations._app_service_plans",
    }
    if model in operations or module_name.startswith("azure.mgmt.web"):
        operation = operations.get(model, "web.operations._web_apps")
        file = importlib.import_module(f"azure.mgmt.{operation}_operations").__file__
    else:
        file = importlib.import_module(module_name.rsplit(".", 1)[0] + "._configuration").__file__
    with open(file, encoding="utf-8") as source:
        text = source.read()
    found = set(re.findall(r'api_version"?,.{0,40}"(\d{4}-\d\d-\d\d[a-z-]*)"', text))
    return found.pop() if len(found) == 1 else f"one of {sorted(found)}"


def main():
    resources = json.load(sys.stdin)
    for resource in resources:
        place = f"{resource['file']}: {resource['type']}@{resource['version']}"
        if resource["type"] not in MODELS:
            print(f"{place}: no model is known for this type; add it to tests/deploy/arm_models.py")
            continue
        module_name, model = MODELS[resource["type"]]
        version = version_of(module_name, model)
        if version != resource["version"]:
            print(f"{place}: the models at hand are of {version}")
        module = importlib.import_module(module_name)
        known = [getattr(module, model)]
        if model == "StringDictionary":
            resource["body"].pop("properties", None)
        for complaint in complaints(resource["body"], known, module, ""):
            print(f"{place}: {complaint}")
    print(f"{len(resources)} resources", file=sys.stderr)


main()
