// Runs Azurite for a test and ends with it: the test holds this process's standard input, which
// closes however the test ends.
import { createRequire } from "node:module";

process.stdin.on("close", () => process.exit(0)).on("end", () => process.exit(0)).resume();
createRequire(import.meta.url)("azurite/dist/src/blob/main.js");
