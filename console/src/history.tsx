// What was recorded over a longer time: a chart of it, and questions in SQL, named ones among them.

import { useEffect, useRef, useState } from "preact/hooks";

import * as api from "./api";
import { Chart, type Series } from "./chart";
import type { Flow } from "./flow";
import { Link } from "./inspector";
import type { Place } from "./place";
import type { World } from "./world";

const RANGES: [string | undefined, string][] = [
  ["300", "5 minutes"], ["3600", "1 hour"], ["21600", "6 hours"], [undefined, "all that is kept"],
];
/** The chart is drawn anew no more often than this, and only if there are new records. */
const EVERY_MS = 5_000;

interface Props { world?: World; place: Place; flows: Flow[]; go: (change: Partial<Place>) => void }

export function History({ world, place, flows, go }: Props) {
  const { last, sql } = place;
  const plot = usePlot(last, flows);
  const [queries, setQueries] = useState<api.NamedQuery[]>([]);
  const [told, setTold] = useState<{ answer?: api.Answer; trouble?: string }>({});
  useEffect(() => {
    api.queries().then(setQueries, () => undefined);
  }, []);
  useEffect(() => {
    setTold({});
    if (!sql) return undefined;
    let live = true;
    api.query(sql, last).then(
      (answer) => live && setTold({ answer }),
      (error: unknown) => live && setTold({ trouble: api.told(error) }),
    );
    return () => {
      live = false;
    };
  }, [sql, last]);
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    go({ sql: String(form.get("sql") ?? "").trim() || undefined });
  };
  const chosen = queries.find((query) => query.sql === sql);
  return (
    <div class="history">
      <div class="ranges" role="group" aria-label="how much of it">
        {RANGES.map(([seconds, title]) => (
          <button key={title} aria-pressed={last === seconds} onClick={() => go({ last: seconds })}>{title}</button>
        ))}
        <small>{plot ? `${plot.records} records, ${plot.step} s a point` : ""}</small>
      </div>
      {plot && <Chart series={seriesOf(plot)} title="bytes over time, accepted and rejected" />}
      <form onSubmit={ask} key={sql}>
        <label>a question that has a name{" "}
          <select value={chosen?.name ?? ""} onChange={(event) => go({ sql: queries.find((one) => one.name === event.currentTarget.value)?.sql })}>
            <option value="">choose one, or write your own</option>
            {queries.map((query) => <option key={query.name} value={query.name}>{query.about}</option>)}
          </select>
        </label>
        <textarea name="sql" rows={3} spellcheck={false} defaultValue={sql} aria-label="SQL"
          placeholder="SELECT srcaddr, dstaddr, dstport, sum(bytes) AS bytes FROM vpc_flow_logs WHERE action = 'REJECT' GROUP BY 1, 2, 3" />
        <button class="primary">Ask</button>
      </form>
      {told.trouble && <p class="warning" role="status">{told.trouble}</p>}
      {told.answer && <Rows answer={told.answer} world={world} go={go} />}
    </div>
  );
}

function Rows({ answer, world, go }: { answer: api.Answer; world?: World; go: Props["go"] }) {
  const cell = (value: string | number | null) =>
    typeof value === "string" && world?.byId.has(value) ? <Link id={value} go={go} /> : (value ?? "–");
  return (
    <div class="sheet">
      <table>
        <thead><tr>{answer.columns.map((name) => <th key={name}>{name}</th>)}</tr></thead>
        <tbody>
          {answer.rows.map((row, index) => (
            <tr key={index}>{row.map((value, at) => <td key={at} class={typeof value === "number" ? "number" : ""}>{cell(value)}</td>)}</tr>
          ))}
        </tbody>
      </table>
      {answer.rows.length === 0 && <p class="empty">no rows</p>}
      {answer.cut && <p class="empty">the first {answer.rows.length} rows: ask for less to see the others</p>}
    </div>
  );
}

/** The plot of a range, as of the newest of the records that the page knows. */
function usePlot(last: string | undefined, flows: Flow[]): api.Plot | undefined {
  const [plot, setPlot] = useState<api.Plot>();
  const isOld = useRef(true);
  useEffect(() => {
    isOld.current = true;
  }, [last, flows]);
  useEffect(() => {
    let live = true;
    const draw = () => {
      if (!isOld.current) return;
      isOld.current = false;
      api.plot(last).then((drawn) => live && setPlot(drawn), () => {
        isOld.current = true;
      });
    };
    draw();
    const timer = setInterval(draw, EVERY_MS);
    return () => {
      live = false;
      clearInterval(timer);
    };
  }, [last]);
  return plot;
}

function seriesOf({ bars }: api.Plot): Series {
  return [bars.map((bar) => bar.from), bars.map((bar) => bar.accepted), bars.map((bar) => bar.rejected)];
}
