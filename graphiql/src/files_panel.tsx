import { type GraphiQLPlugin, useVariablesEditorState } from "@graphiql/react";
import { type Row, add, change, remove, useRows } from "./files.ts";
import { hasPlace } from "./multipart.ts";

export const FILES: GraphiQLPlugin = { title: "Files", icon: Icon, content: Panel };

function Icon() {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round">
      <title>paper clip</title>
      <path d="M20 11.5 12.2 19.3a5 5 0 0 1-7.1-7.1l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7l-8.5 8.5a1.7 1.7 0 0 1-2.4-2.4l7.8-7.8" />
    </svg>
  );
}

function Panel() {
  const rows = useRows();
  const [text] = useVariablesEditorState();
  return (
    <section aria-label="Files" className="files">
      <div className="files-header">Files</div>
      <p>
        A file goes with every request whose variables have <code>null</code> at its path, as a{" "}
        <a href="https://github.com/jaydenseric/graphql-multipart-request-spec" target="_blank" rel="noreferrer">
          GraphQL multipart request
        </a>
        .
      </p>
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <Entry row={row} isPlaced={hasPlace(read(text), row.path)} />
          </li>
        ))}
      </ul>
      <button type="button" onClick={add}>
        Add another
      </button>
    </section>
  );
}

function Entry({ row: { id, path, file }, isPlaced }: { row: Row; isPlaced: boolean }) {
  return (
    <>
      <label htmlFor={`path-${id}`}>Path</label>
      <input
        id={`path-${id}`}
        type="text"
        spellCheck={false}
        value={path}
        onChange={(event) => change(id, { path: event.target.value.trim() })}
      />
      <label htmlFor={`file-${id}`}>File</label>
      <div className="files-choice">
        <input
          // Panels are taken down when they close, and a new field shows no file: the text below says which it is.
          key={file === null ? "none" : "some"}
          id={`file-${id}`}
          type="file"
          onChange={(event) => change(id, { file: event.target.files?.[0] ?? file })}
        />
        <button type="button" onClick={() => remove(id)}>
          Remove
        </button>
      </div>
      <p>{file === null ? "No file is chosen." : `${file.name}, ${file.size.toLocaleString("en")} bytes`}</p>
      <p role="status">
        {isPlaced && <span className="files-placed">The variables of this tab have a place for it.</span>}
        {!isPlaced && file !== null && (
          <span className="files-unplaced">The variables of this tab have no null there.</span>
        )}
      </p>
    </>
  );
}

function read(text: string): unknown {
  try {
    return { ...JSON.parse(text) };
  } catch {
    return undefined;
  }
}
