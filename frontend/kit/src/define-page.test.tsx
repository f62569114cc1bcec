import { expect, test, vi } from "vitest";

import { definePage } from "./define-page.tsx";
import { constant, createLive } from "./live.ts";
import { useProject } from "./page-context.ts";
import type { PageContext, PageLocation } from "./page-contract.ts";
import { useSearchParam } from "./search-param.ts";

function pageContext(changes: Partial<PageContext> = {}): PageContext {
  return {
    project: { number: 1, name: "Web shop", timezone: "Europe/Stockholm" },
    basePath: "/project/1/insights",
    location: constant<PageLocation>({ path: "", search: "" }),
    locale: constant("en"),
    theme: constant("light"),
    navigate: () => undefined,
    fail: () => undefined,
    ...changes,
  };
}

function Days() {
  const { name } = useProject();
  const [days] = useSearchParam("days", "30");
  return (
    <p>
      {name}: {days}
    </p>
  );
}

test("a page draws, follows the address, and takes itself away", async () => {
  const page = definePage(Days);
  const location = createLive<PageLocation>({ path: "", search: "?days=7" });
  const element = document.createElement("div");

  page.mount(element, pageContext({ location }));
  await vi.waitFor(() => expect(element.textContent).toBe("Web shop: 7"));

  location.set({ path: "", search: "" });
  await vi.waitFor(() => expect(element.textContent).toBe("Web shop: 30"));

  page.unmount(element);
  await vi.waitFor(() => expect(element.textContent).toBe(""));
});

test("a page that throws hands the error to the shell", async () => {
  const error = new Error("no socket");
  const fail = vi.fn();
  const page = definePage(() => {
    throw error;
  });

  page.mount(document.createElement("div"), pageContext({ fail }));

  await vi.waitFor(() => expect(fail).toHaveBeenCalledExactlyOnceWith(error));
});
