"""Kusto queries over made-up tables, translated for DuckDB.

Reads {"tables": {name: "(column:type, ...)"}, "asks": [{"query": ..., "now": ..., "rows": {table:
[row, ...]}}]} on stdin, and prints the rows that each query finds as JSON.
"""

import json
import sys

import duckdb_kql

TYPES = {
    "datetime": "TIMESTAMP",
    "string": "VARCHAR",
    "dynamic": "JSON",
    "int": "INTEGER",
    "real": "DOUBLE",
}


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


given = json.load(sys.stdin)
connection = duckdb_kql.connect()
for table, schema in given["tables"].items():
    columns = (column.split(":") for column in schema.strip("()").split(","))
    columns = [f"{quoted(name.strip())} {TYPES[kind.strip()]}" for name, kind in columns]
    connection.execute(f"CREATE TABLE {quoted(table)} ({', '.join(columns)})")

answers = []
for ask in given["asks"]:
    for table in given["tables"]:
        connection.execute(f"DELETE FROM {quoted(table)}")
        for row in ask["rows"].get(table, []):
            names = ", ".join(map(quoted, row))
            marks = ", ".join("?" for _ in row)
            values = [json.dumps(v) if isinstance(v, dict) else v for v in row.values()]
            connection.execute(f"INSERT INTO {quoted(table)} ({names}) VALUES ({marks})", values)
    found = duckdb_kql.kql(connection, ask["query"], query_now=ask["now"])
    answers.append([dict(zip(found.columns, row)) for row in found.fetchall()])
json.dump(answers, sys.stdout, default=str)
