"""Reads the Bicep files below a folder and prints what they declare, as JSON.

There is no Bicep compiler to be had offline, so this also finds what one would refuse first: text
that does not parse, a name that is not declared or not used, a function that does not exist, and
modules whose parameters and outputs do not fit.
"""

import json
import pathlib
import re
import sys

import tree_sitter
import tree_sitter_bicep

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
FUNCTIONS = set(
    "base64 bool concat contains empty environment filter format guid int items join json last length listKeys "
    "loadTextContent map replace resourceGroup resourceId split string subscription subscriptionResourceId substring "
    "take tenant toLower toUpper trim union uniqueString".split()
)
DECORATORS = set("allowed batchSize description maxLength maxValue metadata minLength minValue secure".split())
DECLARATIONS = {
    "parameter_declaration": "params",
    "variable_declaration": "vars",
    "resource_declaration": "resources",
    "module_declaration": "modules",
    "output_declaration": "outputs",
}


def text(node):
    return node.text.decode()


def walk(node):
    yield node
    for child in node.named_children:
        yield from walk(child)


def literal(node):
    """The value of a string without interpolation."""
    parts = node.named_children
    if node.type != "string" or any(part.type not in ("string_content", "escape_sequence") for part in parts):
        return None
    return "".join(text(part) for part in parts)


def key(node):
    name = node.named_children[0]
    return literal(name) if name.type == "string" else text(name)


def value(node):
    """An expression as JSON: null where it is not known before the deployment."""
    kinds = {"string": literal, "number": lambda n: int(text(n)), "boolean": lambda n: text(n) == "true"}
    if node.type in kinds:
        return kinds[node.type](node)
    children = [child for child in node.named_children if child.type != "comment"]
    if node.type == "object":
        known = {key(child) or "*": value(child.named_children[-1]) for child in children}
        return known
    if node.type == "array":
        return [value(child) for child in children]
    if node.type == "for_statement":
        return [value(children[-1])]
    if node.type == "ternary_expression":
        branches = [value(child) for child in children[1:]]
        lists = [branch for branch in branches if isinstance(branch, list)]
        return sum(lists, []) if lists else next((b for b in branches if b is not None), None)
    if node.type == "call_expression" and text(children[0]) == "union":
        merged = {}
        for argument in children[1].named_children:
            merged |= value(argument) or {}
        return merged
    return None


def find(node, kind):
    return next((child for child in walk(node) if child.type == kind), None)


class File:
    def __init__(self, root, path):
        self.name = path.relative_to(root).as_posix()
        self.folder = path.parent
        self.tree = PARSER.parse(path.read_bytes()).root_node
        self.complaints = []
        self.declared = {kind: {} for kind in DECLARATIONS.values()}
        self.read()

    def complain(self, node, what):
        self.complaints.append(f"{self.name}:{node.start_point[0] + 1}: {what}")

    def read(self):
        decorators = []
        for node in walk(self.tree):
            if node.type == "ERROR" or node.is_missing:
                self.complain(node, f"does not parse: {text(node)[:40]!r}")
        for node in self.tree.named_children:
            if node.type == "decorators":
                decorators = [child for child in walk(node) if child.type == "call_expression"]
            elif node.type in DECLARATIONS:
                names = [child for child in node.named_children if child.type == "identifier"]
                node_decorators, decorators = decorators, []
                self.declared[DECLARATIONS[node.type]][text(names[0])] = (node, node_decorators)

    def decorated(self, decorators, name):
        """The argument of a decorator, as JSON."""
        for call in decorators:
            if text(call.named_children[0]) == name:
                return value(call.named_children[1].named_children[0])
        return None

    def has_default(self, name):
        node, _ = self.declared["params"][name]
        return any(text(child) == "=" for child in node.children)

    def default(self, name):
        node, _ = self.declared["params"][name]
        return value(node.named_children[-1]) if self.has_default(name) else None

    def check_names(self):
        known, used = set(), set()
        for kind in ("params", "vars", "resources", "modules"):
            known |= self.declared[kind].keys()
        local = set()
        for node in walk(self.tree):
            if node.type in ("loop_variable", "loop_enumerator"):
                local.add(text(node))
            if node.type == "for_statement" and node.named_children[0].type == "identifier":
                local.add(text(node.named_children[0]))
            if node.type == "lambda_expression":
                local |= {text(leaf) for leaf in walk(node.named_children[0]) if leaf.type == "identifier"}
        for node in walk(self.tree):
            if node.type != "identifier":
                continue
            parent, name = node.parent, text(node)
            first = parent.named_children[0] == node
            if parent.type in DECLARATIONS and first or parent.type == "object_property" and first:
                continue
            if parent.type == "call_expression" and first:
                allowed = DECORATORS if find_up(parent, "decorator") else FUNCTIONS
                if name not in allowed:
                    self.complain(node, f"no function {name} is known")
                continue
            used.add(name)
            if name not in known and name not in local:
                self.complain(node, f"{name} is not declared")
        for kind in ("params", "vars"):
            for name in self.declared[kind].keys() - used:
                self.complain(self.declared[kind][name][0], f"{name} is not used")

    def check_modules(self, files):
        for symbol, (node, _) in self.declared["modules"].items():
            path = literal(node.named_children[1])
            target = (self.folder / path).resolve()
            module = files.get(target)
            if module is None:
                self.complain(node, f"there is no {path}")
                continue
            given = (value(find(node, "object")) or {}).get("params") or {}
            for name in given.keys() - module.declared["params"].keys():
                self.complain(node, f"{path} has no parameter {name}")
            for name in module.declared["params"].keys() - given.keys():
                if not module.has_default(name):
                    self.complain(node, f"{path} is not given {name}")
            for found in re.findall(rf"\b{symbol}!?\.outputs\.(\w+)", text(self.tree)):
                if found not in module.declared["outputs"]:
                    self.complain(node, f"{path} has no output {found}")

    def resources(self):
        for symbol, (node, decorators) in self.declared["resources"].items():
            kind, _, version = (literal(node.named_children[1]) or "").partition("@")
            yield {
                "file": self.name,
                "symbol": symbol,
                "type": kind,
                "version": version,
                "body": value(find(node, "object")),
                "after": depends_on(node),
                "one_by_one": self.decorated(decorators, "batchSize") == 1,
            }


def depends_on(resource):
    """The names in a resource's `dependsOn`."""
    for node in walk(resource):
        if node.type == "object_property" and key(node) == "dependsOn":
            return [text(leaf) for leaf in walk(node.named_children[-1]) if leaf.type == "identifier"]
    return []


def find_up(node, kind):
    while node is not None and node.type != kind:
        node = node.parent
    return node


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    files = {path: File(root, path) for path in sorted(root.rglob("*.bicep"))}
    broken = [complaint for file in files.values() for complaint in file.complaints]
    if broken:
        print(json.dumps({"complaints": broken}))
        return
    for file in files.values():
        file.check_names()
        file.check_modules(files)
    main_file = files[root / "main.bicep"]
    with open(root / "main.parameters.json", encoding="utf-8") as parameters:
        given = json.load(parameters)["parameters"]
    print(
        json.dumps(
            {
                "files": [file.name for file in files.values()],
                "complaints": [complaint for file in files.values() for complaint in file.complaints],
                "resources": [resource for file in files.values() for resource in file.resources()],
                "params": {
                    name: {
                        "default": main_file.default(name),
                        "type": text(node.named_children[1]),
                        **{
                            decorator: main_file.decorated(decorators, decorator)
                            for decorator in ("allowed", "description", "metadata")
                        },
                    }
                    for name, (node, decorators) in main_file.declared["params"].items()
                },
                "given": {name: parameter["value"] for name, parameter in given.items()},
                "outputs": sorted(main_file.declared["outputs"]),
            }
        )
    )


main()
