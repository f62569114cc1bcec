import { expect, test } from "vitest";

import { createFormat, today } from "./format.ts";

test("a calendar day stays the day it is, in every language", () => {
  expect(createFormat("en").longDay("2026-11-24")).toBe("Tue, Nov 24, 2026");
  expect(createFormat("de").day("2026-11-24")).toBe("24. Nov.");
});

test("numbers have the language's separators", () => {
  expect(createFormat("en").number(1234567)).toBe("1,234,567");
  expect(createFormat("de").number(1234567)).toBe("1.234.567");
});

test("today is the project's, not the browser's", () => {
  const lateEvening = new Date("2026-11-24T23:30:00Z");

  expect(today("America/New_York", lateEvening)).toBe("2026-11-24");
  expect(today("Europe/Stockholm", lateEvening)).toBe("2026-11-25");
});
