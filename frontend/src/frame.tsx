/** What surrounds every page: sidebar, bar, and the question that both are drawn from. */

import { Button, Notice, PageSkeleton, useOnline, useQuery } from "@jackfield/kit";
import { Outlet } from "@tanstack/react-router";

import { Breadcrumb } from "./breadcrumb.tsx";
import { useFollowLinks } from "./follow-links.ts";
import styles from "./frame.module.css";
import { NavigationSheet } from "./navigation-sheet.tsx";
import { useShellText } from "./shell-text.ts";
import { Sidebar } from "./sidebar.tsx";
import { WorkspaceContext, WorkspaceQuery } from "./workspace.ts";

export function Frame() {
  const text = useShellText();
  const workspace = useQuery(WorkspaceQuery, {});
  const followLink = useFollowLinks();
  const online = useOnline();

  if (!workspace.data) {
    return (
      <div className={styles.frame}>
        <div className={styles.sidebar} />
        <div className={styles.bar} />
        <main className={`${styles.content} ${styles.alone}`}>
          {workspace.error ? (
            <Notice kind="bad" title={text("loadFailed")} action={<Button onClick={workspace.retry}>{text("retry")}</Button>}>
              {workspace.error.message}
            </Notice>
          ) : (
            <PageSkeleton />
          )}
        </main>
      </div>
    );
  }

  return (
    <WorkspaceContext value={workspace.data}>
      {/* Links are followed here, once for shell and plugin pages: to a page, an ordinary <a href> is enough. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <div className={styles.frame} onClick={followLink}>
        <a className={styles.skip} href="#content">
          {text("skipToContent")}
        </a>
        <div className={styles.sidebar}>
          <Sidebar />
        </div>
        <header className={styles.bar}>
          <NavigationSheet />
          <Breadcrumb />
        </header>
        {!online && (
          <div className={styles.offline} role="status">
            {text("offline")}
          </div>
        )}
        <main id="content" className={styles.content} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </WorkspaceContext>
  );
}
