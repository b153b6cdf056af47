"""Has Microsoft's own az read commands, without running any.

Reads a JSON array of commands, each an array of words behind `az`, and prints one complaint a line.
"""

import contextlib
import io
import json
import os
import sys
import tempfile

# What az keeps of itself stays out of the home folder, and nobody is asked or told anything.
os.environ |= {
    "AZURE_CONFIG_DIR": tempfile.mkdtemp(),
    "AZURE_CORE_COLLECT_TELEMETRY": "no",
    "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
}

from azure.cli.core import get_default_cli  # noqa: E402
from azure.cli.core.commands.events import EVENT_INVOKER_PRE_LOAD_ARGUMENTS  # noqa: E402


def complaint(words):
    """What az says of the words of a command; nothing where it would run it.

    With `--help` as the last word, only whether there is such a command or group.
    """
    cli = get_default_cli()
    cli.invocation = cli.invocation_cls(
        cli_ctx=cli, parser_cls=cli.parser_cls, commands_loader_cls=cli.commands_loader_cls, help_cls=cli.help_cls
    )
    loader, parser = cli.invocation.commands_loader, cli.invocation.parser
    loader.load_command_table(words)
    if words[-1] == "--help":
        name = " ".join(words[:-1])
        known = any(f"{command} ".startswith(f"{name} ") for command in loader.command_table)
        return None if known else "there is no such command"
    for option, value in zip(words, words[1:]):
        if option in ("--body", "--parameters") and value.startswith("{"):
            try:
                json.loads(value)
            except ValueError as error:
                return f"{option} is not JSON: {error}"
    command = cli.invocation._rudimentary_get_command(words)
    if command not in loader.command_table:
        return "there is no such command"
    cli.invocation.data["command_string"] = command
    # Here az adds --subscription to every command.
    cli.raise_event(EVENT_INVOKER_PRE_LOAD_ARGUMENTS, commands_loader=loader)
    loader.load_arguments(command)
    parser.cli_ctx = cli
    parser.load_command_table(loader)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parser.parse_args(words)
    except SystemExit:
        return said.getvalue().strip().splitlines()[0]
    return None


def main():
    for words in json.load(sys.stdin):
        said = complaint(words)
        if said is not None:
            print(f"az {' '.join(words)}: {said}")


main()
