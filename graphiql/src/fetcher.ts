// Where GraphiQL's requests go: subscriptions over WebSocket, everything else over HTTP, with files where there is a place for them.
import type { Fetcher, FetcherParams, FetcherReturnType } from "@graphiql/toolkit";
import { Kind, type OperationDefinitionNode, parse } from "graphql";
import { firstMessage } from "./access.ts";
import { chosenFor } from "./files.ts";
import { type Body, failure, post } from "./http.ts";
import { subscribe } from "./socket.ts";

export function fetcher(token: string | null, onRefused: (message: string) => void): Fetcher {
  async function execute(params: FetcherParams): Promise<Body> {
    if (token === null) {
      return failure("There is no token: enter one at the top of the page.");
    }
    const answer = await post(token, params, chosenFor(params.variables));
    if (answer.status === 401) onRefused(firstMessage(answer));
    return answer.body;
  }
  return ({ query, variables, operationName }) => {
    const operation = operationOf(query, operationName);
    const params = { query, variables, operationName: operation?.name?.value };
    const answer =
      token !== null && operation?.operation === "subscription"
        ? subscribe(token, params, onRefused)
        : execute(params);
    // GraphiQL's types want errors to be the classes that graphql-js makes of them; it shows any JSON.
    return answer as FetcherReturnType;
  };
}

/** The operation of this name, or the only one: GraphiQL may not have seen yet that it was renamed. */
function operationOf(query: string, name?: string | null): OperationDefinitionNode | undefined {
  try {
    const operations = parse(query).definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION);
    const only = operations.length === 1 ? operations[0] : undefined;
    return operations.find((operation) => operation.name?.value === name) ?? only;
  } catch {
    // What is wrong with it the server says best.
    return undefined;
  }
}
