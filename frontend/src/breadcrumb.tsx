/** Where am I: project, then page. */

import { useLocation } from "@tanstack/react-router";

import styles from "./breadcrumb.module.css";
import { useShellText } from "./shell-text.ts";
import { findPlace, projectAddress, useWorkspace } from "./workspace.ts";

export function Breadcrumb() {
  const text = useShellText();
  const { pathname } = useLocation();
  const { project, page, isHome } = findPlace(useWorkspace(), pathname);
  if (!project) return null;

  const here = page?.title ?? (isHome ? text("home") : undefined);
  return (
    <ol className={styles.crumbs}>
      <li>{isHome ? project.name : <a href={projectAddress(project)}>{project.name}</a>}</li>
      {here && <li aria-current="page">{here}</li>}
    </ol>
  );
}
