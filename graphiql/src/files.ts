// The files that were chosen. They live as long as the page; nothing of them is stored.
import { useSyncExternalStore } from "react";
import { type Attached, hasPlace } from "./multipart.ts";

export interface Row {
  id: number;
  path: string;
  file: File | null;
}

let count = 0;
let rows: Row[] = [newRow()];
const listeners = new Set<() => void>();

function newRow(): Row {
  return { id: ++count, path: "variables.input.file", file: null };
}

function set(changed: Row[]): void {
  rows = changed;
  for (const listener of listeners) listener();
}

export function useRows(): Row[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => rows,
  );
}

export function add(): void {
  set([...rows, newRow()]);
}

export function change(id: number, to: Partial<Row>): void {
  set(rows.map((row) => (row.id === id ? { ...row, ...to } : row)));
}

export function remove(id: number): void {
  const left = rows.filter((row) => row.id !== id);
  set(left.length > 0 ? left : [newRow()]);
}

/** The files that go with a request: those for which its variables have a place. */
export function chosenFor(variables: unknown): Attached[] {
  return rows.flatMap(({ path, file }) =>
    file !== null && hasPlace(variables, path) ? [{ path, file }] : [],
  );
}
