/** Project, pages and user: the same in the sidebar, folded to icons, and in the sheet of narrow screens. */

import { Select } from "@jackfield/kit";
import { useLocation, useRouter } from "@tanstack/react-router";

import { useShellText } from "./shell-text.ts";
import styles from "./sidebar.module.css";
import { UserMenu } from "./user-menu.tsx";
import { findPlace, inOrder, pageAddress, type Project, projectAddress, useWorkspace } from "./workspace.ts";

export function Sidebar() {
  const text = useShellText();
  const workspace = useWorkspace();
  const { pathname } = useLocation();
  const place = findPlace(workspace, pathname);
  const project = place.project ?? workspace.projects[0];

  return (
    <nav className={styles.sidebar} aria-label={text("navigation")}>
      <a className={styles.name} href="/" title="Jackfield">
        <Socket plugged />
        <span className={styles.label}>Jackfield</span>
      </a>
      {project && <ProjectChoice project={project} />}
      <div className={styles.pages}>
        {project && (
          <ul>
            <Entry href={projectAddress(project)} title={text("home")} current={place.isHome} />
            {inOrder(workspace.pages).map((page) => (
              <Entry key={page.path} href={pageAddress(project, page)} title={page.title} current={page === place.page} />
            ))}
          </ul>
        )}
      </div>
      <UserMenu />
    </nav>
  );
}

function Entry({ href, title, current }: { readonly href: string; readonly title: string; readonly current: boolean }) {
  return (
    <li>
      <a className={styles.entry} href={href} title={title} aria-current={current ? "page" : undefined}>
        <Socket plugged={current} />
        {/* Folded, every entry is a socket: its first letter tells them apart. */}
        <span className={styles.initial} aria-hidden="true">
          {title.slice(0, 1)}
        </span>
        <span className={styles.label}>{title}</span>
      </a>
    </li>
  );
}

/** The mark of Jackfield and of what plugs into it: a ring with a dark centre, filled with brass where the cable is. */
function Socket({ plugged }: { readonly plugged: boolean }) {
  return (
    <svg className={styles.socket} viewBox="0 0 20 20" data-plugged={plugged} aria-hidden="true">
      <circle cx="10" cy="10" r="6.5" />
    </svg>
  );
}

function ProjectChoice({ project }: { readonly project: Project }) {
  const text = useShellText();
  const router = useRouter();
  const workspace = useWorkspace();
  const { projects } = workspace;
  const { pathname } = useLocation();
  if (projects.length < 2) return <div className={styles.project}>{project.name}</div>;

  function goTo(number: string): void {
    const next = projects.find((each) => String(each.number) === number);
    const { page } = findPlace(workspace, pathname);
    if (next) router.history.push(page ? pageAddress(next, page) : projectAddress(next));
  }

  return (
    <div className={styles.projectChoice}>
      <Select
        aria-label={text("project")}
        value={String(project.number)}
        options={projects.map(({ number, name }) => ({ value: String(number), label: name }))}
        onChange={goTo}
      />
    </div>
  );
}
