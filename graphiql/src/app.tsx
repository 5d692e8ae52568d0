import { GraphiQL } from "graphiql";
import { useCallback, useEffect, useMemo, useState } from "react";
import { type Access, NO_TOKEN, ask, remembered } from "./access.ts";
import { Bar } from "./bar.tsx";
import { EXAMPLES, WELCOME } from "./examples.ts";
import { fetcher } from "./fetcher.ts";
import { FILES } from "./files_panel.tsx";

// One list for all renders: a new one would close the panel that is open.
const PLUGINS = [FILES];

export function App() {
  const [access, setAccess] = useState<Access>(() => {
    const token = remembered();
    return token === null ? NO_TOKEN : { state: "asking", token };
  });
  const token = access.state === "open" ? access.token : null;

  const enter = useCallback(async (given: string) => {
    setAccess({ state: "asking", token: given });
    setAccess(await ask(given));
  }, []);
  useEffect(() => {
    const token = remembered();
    if (token !== null) void enter(token);
  }, [enter]);

  const fetch = useMemo(
    () => fetcher(token, (message) => setAccess({ state: "refused", message })),
    [token],
  );
  return (
    <>
      <Bar access={access} onToken={enter} onForget={() => setAccess(NO_TOKEN)} />
      <main>
        <GraphiQL
          fetcher={fetch}
          // `undefined` lets GraphiQL ask for the schema, as soon as the fetcher changes.
          schema={token === null ? null : undefined}
          // Variables may hold what opens a channel's account: nothing of them outlives the tab.
          storage={sessionStorage}
          plugins={PLUGINS}
          defaultQuery={WELCOME}
          defaultTabs={EXAMPLES}
          defaultEditorToolsVisibility="variables"
          // The one header that counts is the token's, which has its own place.
          isHeadersEditorEnabled={false}
          shouldPersistHeaders={false}
        >
          <GraphiQL.Logo>{null}</GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}
