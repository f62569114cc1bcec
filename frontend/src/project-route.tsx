/** `/project/<number>/…`: finds what the address means, the project's home or a plugin's page. */

import { useLocation } from "@tanstack/react-router";

import { HomePage } from "./home-page.tsx";
import { NotFoundPage } from "./not-found-page.tsx";
import { PluginPageMount } from "./plugin-page-mount.tsx";
import { findPlace, pageAddress, useWorkspace } from "./workspace.ts";

export function ProjectRoute() {
  const { project, page, isHome } = findPlace(useWorkspace(), useLocation().pathname);

  if (project && isHome) return <HomePage project={project} />;
  if (!project || !page) return <NotFoundPage />;
  // One mount per page and project: a page never has to cope with another project under its feet.
  return <PluginPageMount key={pageAddress(project, page)} project={project} page={page} />;
}
