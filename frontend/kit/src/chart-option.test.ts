import { expect, test } from "vitest";

import { type ChartLook, chartOption } from "./chart-option.ts";
import type { ChartSpec } from "./chart-spec.ts";

const look: ChartLook = {
  series: ["teal", "copper"],
  text: "grey",
  grid: "hairline",
  axis: "line",
  font: "Grotesk",
  animate: false,
  format: { day: (day) => day.slice(5), shortNumber: String },
};
const spec: ChartSpec = { kind: "line", days: ["2026-11-22", "2026-11-23", "2026-11-24"], series: [{ label: "signed up", values: [4, 8, 1] }] };

interface Drawn {
  name: string;
  type: string;
  data: unknown[];
  lineStyle?: { type?: unknown; color: string };
}
const series = (changes: Partial<ChartSpec>): Drawn[] => chartOption({ ...spec, ...changes }, look)["series"] as Drawn[];

test("a complete range is one whole line", () => {
  const drawn = series({});

  expect(drawn).toHaveLength(1);
  expect(drawn[0]).toMatchObject({ name: "signed up", type: "line", data: [4, 8, 1], lineStyle: { color: "teal" } });
  expect(drawn[0]?.lineStyle?.type).toBeUndefined();
});

test("the stretch to an incomplete day is dashed and joins the whole line", () => {
  const [whole, dashed] = series({ lastIncomplete: true });

  expect(whole?.data).toEqual([4, 8]);
  expect(dashed?.data).toEqual([null, 8, 1]);
  expect(dashed?.lineStyle).toMatchObject({ color: "teal", type: [4, 4] });
});

test("an incomplete bar is an outline", () => {
  const [bars] = series({ kind: "bar", lastIncomplete: true });

  expect(bars?.data).toMatchObject([4, 8, { value: 1, itemStyle: { color: "transparent", borderColor: "teal" } }]);
});

test("series take turns with the theme's colours", () => {
  const drawn = series({ series: ["a", "b", "c"].map((label) => ({ label, values: [1, 2, 3] })) });

  expect(drawn.map(({ lineStyle }) => lineStyle?.color)).toEqual(["teal", "copper", "teal"]);
});

test("counts start at zero, and stillness is respected", () => {
  expect(chartOption(spec, look)).toMatchObject({ animation: false, yAxis: { min: 0 }, xAxis: { data: spec.days } });
});

test("a range of one day, and one of none, can be drawn", () => {
  expect(series({ days: ["2026-11-24"], series: [{ label: "a", values: [5] }], lastIncomplete: true })).toMatchObject([{ data: [5], showSymbol: true }]);
  expect(series({ days: [], series: [{ label: "a", values: [] }], lastIncomplete: true })).toMatchObject([{ data: [] }]);
});
