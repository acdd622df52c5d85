// Bundles the console into dist/ (or --out DIR), which the daemon embeds; with --test, the tests into test-build/.
import { build } from "esbuild";
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";

const arguments_ = process.argv.slice(2);
const outdir = resolve(arguments_[0] === "--out" ? arguments_[1] : join(import.meta.dirname, "dist"));
process.chdir(import.meta.dirname);
// Not from where it was called.
const absWorkingDir = import.meta.dirname;
const common = { absWorkingDir, bundle: true, target: "es2022", logLevel: "warning", jsx: "automatic", jsxImportSource: "preact" };
if (arguments_[0] === "--test") {
  const tests = readdirSync("test").filter((name) => name.endsWith(".test.ts"));
  const entryPoints = tests.map((name) => `test/${name}`);
  await build({
    ...common, entryPoints, outdir: "test-build", platform: "node", format: "esm", external: ["node:*"], outExtension: { ".js": ".mjs" },
  });
} else {
  mkdirSync(outdir, { recursive: true });
  await build({ ...common, entryPoints: { console: "src/main.tsx" }, outdir, format: "esm", minify: true, legalComments: "none" });
  copyFileSync("src/index.html", join(outdir, "index.html"));
}
