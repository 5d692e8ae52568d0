// Whose token it is, and where it is kept: in this tab's sessionStorage and nowhere else.
import { type Answer, post } from "./http.ts";

export type Access =
  | { state: "none" }
  | { state: "asking"; token: string }
  | { state: "open"; token: string; who: string }
  | { state: "refused"; message: string }
  | { state: "failed"; token: string; message: string };

export const NO_TOKEN: Access = { state: "none" };

const KEY = "roster:token";

export function remembered(): string | null {
  return sessionStorage.getItem(KEY);
}

export function remember(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
}

/** Asks the server who comes with this token. */
export async function ask(token: string): Promise<Access> {
  const query = "{ viewer { role member { name } } workspace { name } }";
  const answer = await post(token, { query });
  const message = firstMessage(answer);
  if (answer.status === 401) {
    return { state: "refused", message };
  }
  const data = answer.body.data as Who | undefined;
  if (!data) {
    return { state: "failed", token, message };
  }
  const { viewer, workspace } = data;
  const name = viewer.member?.name ?? "a script";
  return { state: "open", token, who: `Connected to ${workspace.name} as ${name}, with the role ${viewer.role}.` };
}

interface Who {
  viewer: { role: string; member: { name: string } | null };
  workspace: { name: string };
}

export function firstMessage(answer: Answer): string {
  return answer.body.errors?.[0]?.message ?? `The server answered with HTTP ${answer.status}.`;
}
