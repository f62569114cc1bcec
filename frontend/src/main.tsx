/** Starts the shell. */

import "./styles/shell.css";

import { graphqlClient } from "@jackfield/kit";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { Provider as GraphqlProvider } from "urql";

import { router } from "./router.tsx";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <GraphqlProvider value={graphqlClient}>
      <RouterProvider router={router} />
    </GraphqlProvider>
  </StrictMode>,
);
