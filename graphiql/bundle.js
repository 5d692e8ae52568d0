// Writes dist/: the page, its script, its style, and the licences of what is in them.
import { build } from "esbuild";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { licences } from "./licences.js";
import { patching } from "./patches.js";

await rm("dist", { recursive: true, force: true });
await mkdir("dist");
const { metafile } = await build({
  entryPoints: { app: "src/main.tsx" },
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
  alias: { "react-style-singleton": "./src/style_singleton.ts" },
  plugins: [patching],
  legalComments: "none",
  metafile: true,
  logLevel: "warning",
});
await copyFile("src/index.html", "dist/index.html");
await writeFile("dist/licences.txt", await licences(metafile));
