// Flow records as they come: a chart of accepted and rejected bytes, and the newest lines, searchable.

import { Chart } from "./chart";
import { matches } from "./filter";
import { bytesText, type Flow, protocolName, series } from "./flow";
import type { Place } from "./place";
import type { World } from "./world";

const LINES_MAX = 300;
const BUCKET_SECS = 5;
const BUCKETS = 60;

interface Props { world?: World; place: Place; flows: Flow[]; lost: number; go: (change: Partial<Place>) => void }

export function Flows({ world, place, flows, lost, go }: Props) {
  const name = (flow: Flow) => world?.interfaces.get(flow.eni)?.name ?? flow.eni;
  const rows = flows.map((flow) => ({ flow, row: rowOf(flow, name(flow)) }));
  const shown = rows.filter(({ row }) => matches(row, place.filter ?? "")).reverse();
  return (
    <div class="flows">
      <Chart series={series(shown.map(({ flow }) => flow), Date.now() / 1000, BUCKET_SECS, BUCKETS)}
        title={`bytes in buckets of ${BUCKET_SECS} seconds, accepted and rejected`} />
      {lost > 0 && <p class="warning">{lost} records went by faster than this page could read them.</p>}
      <div class="sheet">
        <table>
          <thead><tr><th>time</th><th>interface</th><th></th><th>source</th><th>destination</th><th>protocol</th><th>packets</th><th>bytes</th><th>action</th><th>decided by</th></tr></thead>
          <tbody>
            {shown.slice(0, LINES_MAX).map(({ flow, row }, index) => (
              <tr key={index} class={flow.accepted ? "" : "bad"} onClick={() => go({ selected: flow.eni })}>
                <td>{new Date(flow.at * 1000).toLocaleTimeString()}</td><td title={flow.eni}>{row.interface}</td><td>{row.direction}</td>
                <td>{row.source}</td><td>{row.destination}</td><td>{row.protocol}</td>
                <td class="number">{flow.packets}</td><td class="number">{bytesText(flow.bytes)}</td><td>{row.action}</td><td>{row.rule}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p class="empty">{flows.length === 0 ? "No packets yet." : "Nothing meets the filter."}</p>}
      </div>
    </div>
  );
}

function rowOf(flow: Flow, name: string): Record<string, string> {
  const end = (address: string, port: number) => (port ? (address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`) : address);
  return {
    eni: flow.eni, interface: name, direction: flow.egress ? "egress" : "ingress", src: flow.source, dst: flow.destination,
    source: end(flow.source, flow.sourcePort), destination: end(flow.destination, flow.destinationPort),
    port: String(flow.destinationPort), protocol: protocolName(flow.protocol), action: flow.accepted ? "ACCEPT" : "REJECT", rule: flow.rule,
  };
}
