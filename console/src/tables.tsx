// Every resource as a table, with a filter that a link can carry.

import { matches } from "./filter";
import type { Place } from "./place";
import { KINDS, listOf, nameOf, type World } from "./world";

const ROWS_MAX = 500;

interface Props { world: World; place: Place; go: (change: Partial<Place>) => void }

export function Tables({ world, place, go }: Props) {
  const kind = KINDS.find((one) => one.title === place.kind) ?? KINDS[0]!;
  const columns = [kind.id, "Name", ...kind.columns];
  const rows = listOf(world, kind).map((resource) => ({ id: member(resource, kind.id), row: flatten(resource) }));
  const shown = rows.filter(({ row }) => matches(row, place.filter ?? ""));
  return (
    <div class="tables">
      <nav aria-label="kinds of resource">
        {KINDS.map((one) => (
          <button key={one.title} aria-current={one.title === kind.title ? "page" : undefined} onClick={() => go({ kind: one.title })}>
            {one.title} <small>{listOf(world, one).length}</small>
          </button>
        ))}
      </nav>
      <div class="sheet">
        <table>
          <thead><tr>{columns.map((name) => <th key={name}>{name}</th>)}</tr></thead>
          <tbody>
            {shown.slice(0, ROWS_MAX).map(({ id, row }) => (
              <tr key={id} class={place.selected === id ? "selected" : ""} tabIndex={0}
                onClick={() => go({ selected: id })} onKeyDown={(event) => event.key === "Enter" && go({ selected: id })}>
                {columns.map((name) => <td key={name}>{row[name]}</td>)}
              </tr>
            ))}
          </tbody>
        </table>
        {shown.length === 0 && <p class="empty">{rows.length === 0 ? "none yet" : "nothing meets the filter"}</p>}
        {shown.length > ROWS_MAX && <p class="empty">the first {ROWS_MAX} of {shown.length}: filter for the others</p>}
      </div>
    </div>
  );
}

/** Plain members as they are; of others what tells most. The filter looks at all of them, the table shows some. */
function flatten(resource: object): Record<string, string> {
  const row: Record<string, string> = {};
  for (const name of Object.keys(resource)) row[name] = member(resource, name);
  const { Tags, TagSet, Attachments } = resource as { Tags?: []; TagSet?: []; Attachments?: { VpcId?: string }[] };
  row.Name = nameOf(Tags ?? TagSet) ?? "";
  row.VpcId ??= Attachments?.map((one) => one.VpcId).join(" ") ?? "";
  return row;
}

function member(resource: object, name: string): string {
  const value = (resource as Record<string, unknown>)[name];
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.every((one) => typeof one === "string") ? value.join(" ") : "";
  if (typeof value !== "object") return String(value);
  const { Name, Code, VpcId, CidrBlock } = value as Record<string, string | undefined>;
  return Name ?? Code ?? [VpcId, CidrBlock].filter(Boolean).join(" ");
}
