import { useEffect, useState } from "react";
import { type Access, remember, remembered } from "./access.ts";

interface Props {
  access: Access;
  onToken(token: string): void;
  onForget(): void;
}

export function Bar({ access, onToken, onForget }: Props) {
  const [text, setText] = useState(() => remembered() ?? "");
  useEffect(() => {
    if (access.state === "open") {
      remember(access.token);
      setText("");
    } else if (access.state === "refused") {
      remember(null);
    }
  }, [access]);

  function forget() {
    remember(null);
    onForget();
  }
  return (
    // GraphiQL's class has the colours of its theme.
    <header className="graphiql-container bar">
      <h1>Roster</h1>
      {access.state === "open" ? (
        <>
          <p role="status">{access.who}</p>
          <button type="button" onClick={forget}>
            Forget token
          </button>
        </>
      ) : (
        <>
          <Message access={access} />
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (text.trim()) onToken(text.trim());
            }}
          >
            <label htmlFor="token">Token</label>
            <input
              id="token"
              // Not of type password: browsers would offer to keep it.
              type="text"
              autoComplete="off"
              spellCheck={false}
              autoFocus
              placeholder="rst_…"
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
            <button type="submit" disabled={access.state === "asking"}>
              Connect
            </button>
          </form>
        </>
      )}
    </header>
  );
}

function Message({ access }: { access: Access }) {
  switch (access.state) {
    case "refused":
    case "failed":
      return (
        <p role="alert" className="bar-error">
          {access.message}
        </p>
      );
    case "asking":
      return <p role="status">Asking whose token it is…</p>;
    default:
      return (
        <p role="status">
          Everything needs a token: the first start printed one, and <code>roster token create --role owner</code>{" "}
          prints another.
        </p>
      );
  }
}
