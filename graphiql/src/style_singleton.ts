// In the place of react-style-singleton, which writes a <style> element: the page's policy forbids those, but not style sheets that are
// made by a script. GraphiQL's dialogs use it, through react-remove-scroll, to keep the page behind them from scrolling.
import { useEffect } from "react";

export function styleSingleton() {
  return function Style({ styles }: { styles: string }) {
    useEffect(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      document.adoptedStyleSheets.push(sheet);
      return () => {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
      };
    }, [styles]);
    return null;
  };
}
