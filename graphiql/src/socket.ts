// One subscription over a WebSocket of its own, which ends with it: so a token that was changed is never used again.
import type { FetcherParams } from "@graphiql/toolkit";
import { createClient } from "graphql-ws";
import { type Body, ENDPOINT, failure } from "./http.ts";

/** What the server closes a socket with when the token is none. */
const FORBIDDEN = 4403;

interface Sink {
  next(body: Body): void;
  complete(): void;
}

export function subscribe(
  token: string,
  { query, variables, operationName }: FetcherParams,
  onRefused: (message: string) => void,
) {
  const url = new URL(ENDPOINT);
  url.protocol = url.protocol.replace("http", "ws");
  return {
    subscribe({ next, complete }: Sink) {
      const client = createClient({
        url: url.href,
        connectionParams: { Authorization: `Bearer ${token}` },
        // A connection that breaks is told of: whoever looks wants to know.
        retryAttempts: 0,
      });
      const unsubscribe = client.subscribe(
        { query, variables, operationName },
        {
          next: (value) => next(value as Body),
          complete,
          error(error) {
            if (error instanceof CloseEvent && error.code === FORBIDDEN) {
              onRefused("This token was refused: mistyped, expired or revoked.");
            }
            next(told(error));
            complete();
          },
        },
      );
      return { unsubscribe };
    },
  };
}

function told(error: unknown): Body {
  if (Array.isArray(error)) return { errors: error };
  if (error instanceof CloseEvent) {
    const reason = error.reason ? `: ${error.reason}` : "";
    return failure(`The connection was closed with ${error.code}${reason}.`);
  }
  return failure(error instanceof Error ? error.message : "The connection failed.");
}
