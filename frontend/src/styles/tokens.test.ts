/** Both themes pass WCAG AA: 4.5:1 for text, 3:1 for marks, controls and focus. */

import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

const css = readFileSync(`${import.meta.dirname}/tokens.css`, "utf8");
const [light = "", dark = ""] = css.split(':root[data-theme="dark"]');

const text = [
  ["text", ["canvas", "surface", "hover"]],
  ["text-muted", ["canvas", "surface", "hover"]],
  ["accent-text", ["canvas", "surface"]],
  ["bad", ["canvas", "surface"]],
  ["good", ["canvas", "surface"]],
  ["attention", ["canvas", "surface"]],
  ["on-accent", ["accent", "accent-strong"]],
  ["text", ["selection"]],
  ["canvas", ["text"]],
  ["panel-text", ["panel", "panel-hover"]],
  ["panel-muted", ["panel", "panel-hover"]],
] as const;
const marks = [
  ["line-strong", ["canvas", "surface"]],
  ["focus", ["canvas", "surface", "panel"]],
  ["brass", ["panel", "panel-hover"]],
  ["panel-line-strong", ["panel"]],
  ...([1, 2, 3, 4, 5, 6] as const).map((number) => [`series-${number}`, ["canvas", "surface"]] as const),
] as const;

const cases = (
  [
    ["light", light],
    ["dark", dark],
  ] as const
).flatMap(([theme, source]) =>
  (
    [
      [text, 4.5],
      [marks, 3],
    ] as const
  ).flatMap(([pairs, least]) => pairs.flatMap(([front, backs]) => backs.map((back) => [`${theme}: ${front} on ${back}`, { front, back, least, source }] as const))),
);

test.each(cases)("%s", (_name, { front, back, least, source }) => {
  expect(contrast(readColour(source, front), readColour(source, back))).toBeGreaterThanOrEqual(least);
});

function readColour(source: string, name: string): number[] {
  const hex = new RegExp(`--jf-${name}: #([0-9a-f]{6})`).exec(source)?.[1] ?? "";
  return (hex.match(/../g) ?? []).map((part) => Number.parseInt(part, 16) / 255);
}

function contrast(one: number[], other: number[]): number {
  const [dim = 0, bright = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (bright + 0.05) / (dim + 0.05);
}

function luminance(colour: number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
