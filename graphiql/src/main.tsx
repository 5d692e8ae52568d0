import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import "graphiql/style.css";
import "./app.css";

createRoot(document.getElementById("app")!).render(<App />);
