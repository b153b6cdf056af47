// Checks HTML files; prints what is wrong as JSON, a sentence each.
// Usage: node validate.mjs FILE…

import { HtmlValidate } from "html-validate";

const validator = new HtmlValidate({
  // The only script comes from where the page comes from.
  rules: { "require-sri": ["error", { target: "crossorigin" }] },
  extends: ["html-validate:standard", "html-validate:a11y", "html-validate:document"],
});
const wrong = [];
for (const file of process.argv.slice(2)) {
  const { results } = await validator.validateFile(file);
  for (const { messages } of results) {
    for (const { line, column, ruleId, message } of messages) {
      wrong.push(`${file}:${line}:${column} ${ruleId}: ${message}`);
    }
  }
}
console.log(JSON.stringify(wrong));
