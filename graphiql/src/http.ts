// One request over HTTP. Whatever comes back is told as GraphQL tells of errors, so that it can be shown where answers are shown.
import type { FetcherParams } from "@graphiql/toolkit";
import { type Attached, multipart } from "./multipart.ts";

export interface Answer {
  /** 0 where there was none. */
  status: number;
  body: Body;
}

export interface Body {
  data?: unknown;
  errors?: readonly { message: string }[];
}

// Beside the page, whatever stands before both where a proxy serves them.
export const ENDPOINT = new URL("graphql", document.baseURI);

export async function post(
  token: string,
  params: Pick<FetcherParams, "query" | "variables" | "operationName">,
  files: Attached[] = [],
): Promise<Answer> {
  const headers = new Headers({
    Accept: "application/graphql-response+json, application/json",
    Authorization: `Bearer ${token}`,
  });
  let body: BodyInit;
  if (files.length > 0) {
    body = multipart(params, files);
  } else {
    headers.set("Content-Type", "application/json");
    body = JSON.stringify(params);
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(ENDPOINT, { method: "POST", headers, body });
    text = await response.text();
  } catch (error) {
    return { status: 0, body: failure(`Roster cannot be reached: ${(error as Error).message}.`) };
  }
  return { status: response.status, body: read(text) ?? failure(notJson(response, text)) };
}

export function failure(message: string): Body {
  return { errors: [{ message }] };
}

function read(text: string): Body | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? (body as Body) : undefined;
  } catch {
    return undefined;
  }
}

function notJson(response: Response, text: string): string {
  const status = `HTTP ${response.status} ${response.statusText}`.trim();
  const shown = text.length > 1000 ? `${text.slice(0, 1000)}…` : text;
  return `The answer is no JSON but ${status}: ${shown.trim() || "nothing"}`;
}
