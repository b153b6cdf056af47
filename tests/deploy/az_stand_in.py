"""Stands in for az where a hook reads Azure: the answer from a file, and az's own --query and tsv.

Answers come from the folder of the script's first argument, the rest are the words behind `az`.
"""

import argparse
import json
import sys
from pathlib import Path

import jmespath
from knack.output import format_tsv
from knack.util import CommandResultItem

ANSWERS = {
    "resource list": "resources.json",
    "deployment sub": "deployments.json",
    "rest --method": "settings.json",
}

folder, words = Path(sys.argv[1]), sys.argv[2:]
parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("--query")
parser.add_argument("--output", required=True, choices=["tsv"])
arguments, _ = parser.parse_known_args(words)
answer = json.loads((folder / ANSWERS[" ".join(words[:2])]).read_text())
result = jmespath.search(arguments.query, answer)
if result is not None:
    print(format_tsv(CommandResultItem(result)), end="")
