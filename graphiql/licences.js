// What must go with the bundle: the licence of every package that is in it.
import { readFile, readdir } from "node:fs/promises";

export async function licences({ outputs }) {
  const inputs = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const used = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const folders = used.map(([path]) => path.match(/^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]);
  const names = new Map();
  for (const folder of [...new Set(folders)].filter(Boolean).sort()) {
    const { name, text } = await licence(folder);
    names.set(text, [...(names.get(text) ?? []), name]);
  }
  const parts = [...names].map(([text, names]) => `${names.join("\n")}\n\n${text}\n`);
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}

async function licence(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, "utf8"));
  const file = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  const text = file ? await readFile(`${folder}/${file}`, "utf8") : "This package brings no text of its licence.";
  return { name: `${name} ${version} (${license})`, text: text.trim() };
}
