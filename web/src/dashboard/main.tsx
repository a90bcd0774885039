import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../shared/theme.css";
import "../shared/theme";
import "./base.css";
import "./desk.css";
import "./panel/panel.css";
import "./table.css";
import "./dialogs.css";
import "./narrow.css";
import { Gate } from "./gate";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <Gate />
    </StrictMode>,
  );
}
