/** A chart: spec in, picture or table out. */

import { useEffect, useRef, useState } from "react";

import { Button } from "./button.tsx";
import { readChartLook } from "./chart-look.ts";
import styles from "./chart.module.css";
import { chartOption } from "./chart-option.ts";
import type { ChartSpec } from "./chart-spec.ts";
import { ChartTable } from "./chart-table.tsx";
import { buildTooltip } from "./chart-tooltip.ts";
import { type Format, useFormat } from "./format.ts";
import { useKitText } from "./kit-text.ts";
import { useLive, usePageContext } from "./page-context.ts";

export type ChartView = "chart" | "table";

export interface ChartProps {
  readonly spec: ChartSpec;
  readonly view: ChartView;
  /** The view is the page's to keep, in the address. */
  readonly onViewChange: (view: ChartView) => void;
}

export function Chart({ spec, view, onViewChange }: ChartProps) {
  const text = useKitText();
  const other: ChartView = view === "chart" ? "table" : "chart";

  return (
    <figure className={styles.figure} data-testid="chart">
      <figcaption className={styles.caption}>
        <ul className={styles.legend}>
          {spec.series.map(({ label }, index) => (
            <li key={label}>
              <span className={styles.mark} data-series={index % 6} />
              {label}
            </li>
          ))}
        </ul>
        <Button look="quiet" className={styles.otherView ?? ""} onClick={() => onViewChange(other)}>
          {text(other === "table" ? "viewAsTable" : "viewAsChart")}
        </Button>
      </figcaption>
      {view === "table" ? <ChartTable spec={spec} /> : <Drawing spec={spec} />}
    </figure>
  );
}

type Pen = Awaited<ReturnType<typeof import("./chart-drawing.ts")["startDrawing"]>>;

function Drawing({ spec }: { readonly spec: ChartSpec }) {
  const text = useKitText();
  const format = useFormat();
  const theme = useLive(usePageContext().theme);
  const element = useRef<HTMLDivElement>(null);
  const [pen, setPen] = useState<Pen>();
  const soFar = text("soFar");
  const days = spec.days.join();

  useEffect(() => {
    let gone = false;
    let started: Pen | undefined;
    void import("./chart-drawing.ts").then(({ startDrawing }) => {
      if (gone || !element.current) return;
      started = startDrawing(element.current);
      setPen(started);
    });
    return () => {
      gone = true;
      started?.stop();
      setPen(undefined);
    };
  }, []);

  useEffect(() => {
    if (!pen || !element.current) return;
    const look = { ...readChartLook(element.current), format };
    pen.chart.setOption({ ...chartOption(spec, look), tooltip: tooltipOption(spec, format, soFar, look.axis) }, { replaceMerge: ["series"] });
  }, [pen, spec, format, soFar, theme]);

  useEffect(() => {
    // Other days under a resting pointer: ECharts would go on showing what was there before.
    pen?.chart.dispatchAction({ type: "updateAxisPointer", currTrigger: "leave" });
    pen?.chart.dispatchAction({ type: "hideTip" });
  }, [pen, days]);

  const summary = text("chartSummary", {
    series: spec.series.map(({ label }) => label).join(", "),
    from: format.longDay(spec.days[0] ?? ""),
    to: format.longDay(spec.days.at(-1) ?? ""),
  });
  return (
    <div role="img" aria-label={`${text("chart")}: ${summary}`}>
      <div ref={element} className={styles.drawing} aria-hidden="true" />
    </div>
  );
}

function tooltipOption(spec: ChartSpec, format: Format, soFar: string, axis: string): object {
  return {
    trigger: "axis",
    confine: true,
    transitionDuration: 0,
    borderWidth: 0,
    padding: 0,
    backgroundColor: "transparent",
    extraCssText: "box-shadow: none",
    axisPointer: { lineStyle: { color: axis, type: "solid" } },
    formatter: (points: readonly { dataIndex: number }[]) => buildTooltip(spec, points[0]?.dataIndex ?? 0, format, soFar),
  };
}
