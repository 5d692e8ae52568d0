import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { letTabLeaveEditors } from "./keys.ts";
import "graphiql/style.css";
import "./app.css";

letTabLeaveEditors();
createRoot(document.getElementById("app")!).render(<App />);
