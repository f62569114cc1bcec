/** Turns a chart's spec into ECharts' option. Pure: the same spec and look give the same option. */

import type { EChartsCoreOption } from "echarts/core";

import type { ChartSpec } from "./chart-spec.ts";
import type { Format } from "./format.ts";

/** How charts look now: theme, language and the reader's wish for stillness. */
export interface ChartLook {
  readonly series: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly axis: string;
  readonly font: string;
  readonly animate: boolean;
  readonly format: Pick<Format, "day" | "shortNumber">;
}

export function chartOption(spec: ChartSpec, look: ChartLook): EChartsCoreOption {
  const label = { color: look.text, fontFamily: look.font, fontSize: 12 };

  return {
    animation: look.animate,
    animationDuration: 150,
    animationDurationUpdate: 150,
    color: [...look.series],
    grid: { left: 4, right: 4, top: 12, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: {
      type: "category",
      data: [...spec.days],
      boundaryGap: spec.kind === "bar",
      axisLine: { lineStyle: { color: look.axis } },
      axisTick: { show: false },
      axisLabel: { ...label, hideOverlap: true, margin: 10, formatter: look.format.day },
    },
    yAxis: {
      type: "value",
      min: 0, // counts: a line that does not start at zero exaggerates
      minInterval: 1,
      splitNumber: 4,
      axisLabel: { ...label, margin: 10, formatter: look.format.shortNumber },
      splitLine: { lineStyle: { color: look.grid } },
    },
    series: spec.series.flatMap((_, index) => drawSeries(spec, look, index)),
  };
}

function drawSeries(spec: ChartSpec, look: ChartLook, index: number): object[] {
  const { label, values } = spec.series[index]!;
  const color = look.series[index % look.series.length]!;
  const last = values.length - 1;
  const shared = { name: label, emphasis: { disabled: true } };

  if (spec.kind === "bar") {
    const unfinished = { value: values[last], itemStyle: { color: "transparent", borderColor: color, borderWidth: 1.5, borderType: "dashed" } };
    const data = spec.lastIncomplete && last >= 0 ? [...values.slice(0, last), unfinished] : [...values];
    return [{ ...shared, type: "bar", data, barMaxWidth: 32, itemStyle: { color, borderRadius: [2, 2, 0, 0] } }];
  }

  const line = { ...shared, type: "line", symbol: "circle", symbolSize: 6, lineStyle: { color, width: 2 }, itemStyle: { color } };
  if (!spec.lastIncomplete || last < 1) return [{ ...line, data: [...values], showSymbol: values.length === 1 }];
  // ECharts dashes whole lines only, so the last stretch is a line of its own.
  return [
    { ...line, data: values.slice(0, last), showSymbol: values.length === 2 },
    { ...line, data: values.map((value, at) => (at < last - 1 ? null : value)), showSymbol: false, lineStyle: { color, width: 2, type: [4, 4] } },
  ];
}
