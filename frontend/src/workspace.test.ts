import { expect, test } from "vitest";

import { findPlace, inOrder, type PluginPage, type Workspace } from "./workspace.ts";

const page = (path: string, order = 0): PluginPage => ({ plugin: "p", path, title: path, entry: "", style: null, order });
const workspace: Workspace = {
  viewer: { email: "ada@example.com" },
  projects: [{ number: 1, name: "Web shop", token: "", timezone: "UTC" }],
  pages: [page("/insights"), page("/insights/funnels")],
};

test.each([
  ["/project/1", { project: 1, page: undefined, isHome: true }],
  ["/project/1/", { project: 1, page: undefined, isHome: true }],
  ["/project/1/insights", { project: 1, page: "/insights", isHome: false }],
  ["/project/1/insights/abc", { project: 1, page: "/insights", isHome: false }],
  ["/project/1/insights/funnels/", { project: 1, page: "/insights/funnels", isHome: false }],
  ["/project/1/insightsful", { project: 1, page: undefined, isHome: false }],
  ["/project/2/insights", { project: undefined, page: undefined, isHome: false }],
  ["/project/1x", { project: undefined, page: undefined, isHome: false }],
])("%s", (pathname, expected) => {
  const place = findPlace(workspace, pathname);

  expect({ project: place.project?.number, page: place.page?.path, isHome: place.isHome }).toEqual(expected);
});

test("pages come by order, then title", () => {
  expect(inOrder([page("/c", 2), page("/b", 1), page("/a", 2)]).map(({ path }) => path)).toEqual(["/b", "/a", "/c"]);
});
