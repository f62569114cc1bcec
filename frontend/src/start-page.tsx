/** `/`: goes to the first page of the first project. */

import { EmptyState, Page } from "@jackfield/kit";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";

import { useShellText } from "./shell-text.ts";
import { inOrder, pageAddress, projectAddress, useWorkspace } from "./workspace.ts";

export function StartPage() {
  const text = useShellText();
  const navigate = useNavigate();
  const { projects, pages } = useWorkspace();
  const [project] = projects;
  const [page] = inOrder(pages);

  useEffect(() => {
    if (project) void navigate({ href: page ? pageAddress(project, page) : projectAddress(project), replace: true });
  }, [navigate, project, page]);

  if (project) return null;
  return (
    <Page title={text("noProjectTitle")}>
      <EmptyState title={text("noProject")} hint={text("noProjectHint")} />
    </Page>
  );
}
