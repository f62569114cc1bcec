/** The one door to ECharts; loaded only when a chart is on the page. */

import { BarChart, LineChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use as register } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

register([LineChart, BarChart, GridComponent, TooltipComponent, SVGRenderer]);

/** Start a drawing that fills the element and follows its size. */
export function startDrawing(element: HTMLElement): { chart: EChartsType; stop: () => void } {
  const chart = init(element, null, { renderer: "svg" });
  const observer = new ResizeObserver(() => chart.resize());
  observer.observe(element);

  return {
    chart,
    stop() {
      observer.disconnect();
      chart.dispose();
    },
  };
}
