// Accepted and rejected bytes over time, as two areas.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";

import { bytesText } from "./flow";

const HEIGHT = 180;

/** Unix seconds, accepted bytes, rejected bytes; as long as one another. */
export type Series = [number[], number[], number[]];

export function Chart({ series, title }: { series: Series; title: string }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  useEffect(() => {
    const element = place.current;
    if (!element) return undefined;
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 } };
    const value = (_: uPlot, bytes: number | null) => (bytes === null ? "" : bytesText(bytes));
    const made = new uPlot({
      width: element.clientWidth, height: HEIGHT, cursor: { y: false }, legend: { live: true },
      axes: [axis, { ...axis, size: 70, values: (_: uPlot, ticks: number[]) => ticks.map(bytesText) }],
      series: [
        {},
        { label: "accepted", stroke: colour("--good"), fill: colour("--good-soft"), width: 2, value },
        { label: "rejected", stroke: colour("--bad"), fill: colour("--bad-soft"), width: 2, value },
      ],
    }, series, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, []);
  useEffect(() => plot.current?.setData(series));
  return <div class="chart" ref={place} role="img" aria-label={title} />;
}
