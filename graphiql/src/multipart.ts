// GraphQL multipart requests: files beside an operation, each in the place of a null in its variables.

export interface Attached {
  /** From the operation on, such as `variables.input.file`. */
  path: string;
  file: File;
}

/** Whether the variables keep a place for a file: a null at its path. */
export function hasPlace(variables: unknown, path: string): boolean {
  const [root, ...keys] = path.split(".");
  if (root !== "variables" || keys.length === 0) return false;
  let value = variables;
  for (const key of keys) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string, unknown>)[key];
  }
  return value === null;
}

export function multipart(operation: object, files: Attached[]): FormData {
  const form = new FormData();
  form.append("operations", JSON.stringify(operation));
  form.append("map", JSON.stringify(Object.fromEntries(files.map(({ path }, n) => [n, [path]]))));
  files.forEach(({ file }, n) => form.append(String(n), file, file.name));
  return form;
}
