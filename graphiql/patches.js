// What is changed in packages on the way into the bundle.
import { readFile } from "node:fs/promises";

const patches = [
  // 370 kB of web fonts in data: URLs; the system's own fonts do.
  { file: "graphiql/dist/style.css", from: /@font-face\s*{[^}]*}/g, to: "" },
  // Style attributes in HTML, which the page's policy forbids.
  { file: "codemirror/addon/search/jump-to-line.js", from: / style="[^"]*"/g, to: "" },
  // A file's place in the variables is a null, and is no mistake.
  {
    file: "codemirror-graphql/esm/variables/lint.js",
    from: /(instanceof GraphQLNonNull\) {\s*if \(valueAST\.kind === 'Null')\)/,
    to: "$1 && type.ofType.name !== 'Upload')",
  },
  // Nor is a field that is left out where its default is false.
  { file: "codemirror-graphql/esm/variables/lint.js", from: "!field.defaultValue", to: "field.defaultValue === undefined" },
  // The key that the search field shows is Ctrl-K where there is no Meta.
  {
    file: "@graphiql/plugin-doc-explorer/dist/components/search.js",
    from: 'if (event.metaKey && event.key === "k") {',
    to: 'if ((event.metaKey || event.ctrlKey) && event.key === "k") { event.preventDefault();',
  },
];

export const patching = {
  name: "patching",
  setup({ onLoad }) {
    for (const file of new Set(patches.map(({ file }) => file))) {
      const pattern = file.replace(/[.]/g, "\\.").replaceAll("/", "[\\\\/]");
      onLoad({ filter: new RegExp(`node_modules[\\\\/]${pattern}$`) }, async ({ path }) => {
        let contents = await readFile(path, "utf8");
        const errors = [];
        for (const { from, to } of patches.filter((patch) => patch.file === file)) {
          const patched = contents.replace(from, to);
          // A new version may have another shape.
          if (patched === contents) errors.push({ text: `${file} has nothing like ${from} any more.` });
          contents = patched;
        }
        return { contents, loader: file.endsWith(".css") ? "css" : "js", errors };
      });
    }
  },
};
