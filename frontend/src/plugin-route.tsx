/** `/project/<number>/…`: finds the plugin's page that the address means. */

import { useLocation } from "@tanstack/react-router";

import { NotFoundPage } from "./not-found-page.tsx";
import { PluginPageMount } from "./plugin-page-mount.tsx";
import { findPlace, pageAddress, useWorkspace } from "./workspace.ts";

export function PluginRoute() {
  const { pathname } = useLocation();
  const { project, page } = findPlace(useWorkspace(), pathname.replace(/\/$/, ""));

  if (!project || !page) return <NotFoundPage />;
  // One mount per page and project: a page never has to cope with another project under its feet.
  return <PluginPageMount key={pageAddress(project, page)} project={project} page={page} />;
}
