// In GraphiQL's editors Tab indents, so the keyboard alone could go in and never out: Escape lets the next Tab move on.

export function letTabLeaveEditors(): void {
  let escaped = false;
  const listen = (event: KeyboardEvent) => {
    if (event.key === "Tab" && escaped && (event.target as Element).closest(".CodeMirror")) {
      event.stopPropagation();
    }
    // Shift comes before Shift-Tab.
    if (event.key !== "Shift") escaped = event.key === "Escape";
  };
  window.addEventListener("keydown", listen, { capture: true });
}
