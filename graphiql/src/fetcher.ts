// Where GraphiQL's requests go: subscriptions over WebSocket, everything else over HTTP, with files where there is a place for them.
import type { Fetcher, FetcherParams, FetcherReturnType } from "@graphiql/toolkit";
import { getOperationAST, parse } from "graphql";
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
  return (params) => {
    const answer =
      token !== null && isSubscription(params) ? subscribe(token, params, onRefused) : execute(params);
    // GraphiQL's types want errors to be the classes that graphql-js makes of them; it shows any JSON.
    return answer as FetcherReturnType;
  };
}

function isSubscription({ query, operationName }: FetcherParams): boolean {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    // What is wrong with it the server says best.
    return false;
  }
}
