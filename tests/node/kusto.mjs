// Microsoft's own Kusto parser over queries. Reads {"tables": {name: schema}, "queries": {name: text}}
// on stdin, and prints what it has against them as JSON, a sentence each.

import { text } from "node:stream/consumers";
import { createRequire } from "node:module";

// They are scripts, not modules: what they define is global.
const require = createRequire(import.meta.url);
const log = console.log;
require("@kusto/language-service-next/bridge.min.js");
require("@kusto/language-service-next/Kusto.Language.Bridge.min.js");
const { KustoCode, GlobalState, Symbols } = globalThis.Kusto.Language;

const { tables, queries } = JSON.parse(await text(process.stdin));
const symbols = Object.entries(tables).map(([name, schema]) => Symbols.TableSymbol.From(schema).WithName(name));
const database = new Symbols.DatabaseSymbol.$ctor1("logs", symbols, false);
const globals = GlobalState.Default.WithDatabase(database);

const complaints = [];
for (const [name, query] of Object.entries(queries)) {
  const found = KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
  for (let index = 0; index < found.Count; index += 1) {
    const { Code, Message, Start } = found.getItem(index);
    const line = query.slice(0, Start).split("\n").length;
    complaints.push(`${name}:${line}: ${Code}: ${Message}`);
  }
}
log(JSON.stringify(complaints));
