// Where the reader is: everything that a link can carry, kept behind the `#` of the address.

export type View = "map" | "flows" | "history" | "tables" | "why";

/** The region that stands for all of them, side by side. */
export const EVERYWHERE = "*";

export interface Place {
  view: View;
  region?: string;
  account?: string;
  /** Id of what is looked at. */
  selected?: string;
  /** Text of the search box. */
  filter?: string;
  kind?: string;
  src?: string;
  dst?: string;
  port?: string;
  protocol?: string;
  /** Of the history: how many seconds of it, and the question asked of them. */
  last?: string;
  sql?: string;
}

const VIEWS: View[] = ["map", "flows", "history", "tables", "why"];
const KEYS = ["region", "account", "selected", "filter", "kind", "src", "dst", "port", "protocol", "last", "sql"] as const;

/** Reads `#map?selected=eni-…`; what it does not know it leaves out. */
export function parse(hash: string): Place {
  const [name = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
  const place: Place = { view: VIEWS.find((view) => view === name) ?? "map" };
  const given = new URLSearchParams(query);
  for (const key of KEYS) {
    const value = given.get(key);
    if (value) place[key] = value;
  }
  return place;
}

export function format(place: Place): string {
  const query = new URLSearchParams();
  for (const key of KEYS) {
    const value = place[key];
    if (value) query.set(key, value);
  }
  const text = query.toString();
  return `#${place.view}${text ? `?${text}` : ""}`;
}
