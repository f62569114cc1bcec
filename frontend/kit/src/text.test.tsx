import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";

import { defineText, setLocale } from "./text.ts";

test("words follow the language, and counts their plural", async ({ onTestFinished }) => {
  onTestFinished(() => setLocale("en"));
  const useText = defineText("text-test", {
    en: { rows_one: "{{count}} row", rows_other: "{{count}} rows" },
    de: { rows_one: "{{count}} Zeile", rows_other: "{{count}} Zeilen" },
  });
  function Rows() {
    const text = useText();
    return <>{[1, 2].map((count) => text("rows", { count })).join(", ")}</>;
  }
  const element = document.createElement("div");

  createRoot(element).render(<Rows />);
  await vi.waitFor(() => expect(element.textContent).toBe("1 row, 2 rows"));

  setLocale("de");
  await vi.waitFor(() => expect(element.textContent).toBe("1 Zeile, 2 Zeilen"));
  expect(document.documentElement.lang).toBe("de");
});
