/** What the shell knows of its surroundings: who is here, which projects and which pages there are. */

import { graphql, type ResultOf } from "@jackfield/kit";
import { createContext, useContext } from "react";

export const WorkspaceQuery = graphql(`
  query Workspace {
    viewer {
      email
    }
    projects {
      name
      number
      token
      timezone
    }
    pages {
      plugin
      path
      title
      entry
      style
      order
    }
  }
`);

export type Workspace = ResultOf<typeof WorkspaceQuery>;
export type Project = Workspace["projects"][number];
export type PluginPage = Workspace["pages"][number];

export const WorkspaceContext = createContext<Workspace | null>(null);

export function useWorkspace(): Workspace {
  const workspace = useContext(WorkspaceContext);
  if (!workspace) throw new Error("useWorkspace() works only within the frame");
  return workspace;
}

/** The project's own page in the shell. */
export function projectAddress(project: Project): string {
  return `/project/${project.number}`;
}

/** Where a plugin's page lives in a project. */
export function pageAddress(project: Project, page: PluginPage): string {
  return projectAddress(project) + page.path;
}

/** Pages in the order of the navigation. */
export function inOrder(pages: readonly PluginPage[]): PluginPage[] {
  return pages.toSorted((one, other) => one.order - other.order || one.title.localeCompare(other.title));
}

/** What an address means within a workspace. */
export interface Place {
  readonly project: Project | undefined;
  readonly page: PluginPage | undefined;
  /** The project itself is meant. */
  readonly isHome: boolean;
}

/** Find project and page of a path; the page with the longest matching path wins, so that pages may nest. */
export function findPlace({ projects, pages }: Workspace, pathname: string): Place {
  const [, number, rest = ""] = /^\/project\/(\d+)(\/.+?)?\/?$/.exec(pathname) ?? [];
  const project = projects.find((each) => each.number === Number(number));
  const page = pages
    .filter(({ path }) => rest === path || rest.startsWith(`${path}/`))
    .toSorted((one, other) => other.path.length - one.path.length)[0];
  return { project, page: project && page, isHome: project !== undefined && rest === "" };
}
