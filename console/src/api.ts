// The daemon's own small HTTP interface for the console: reads only.

import type { Described, Scope } from "./describe";

/** One line of the live view: what `openvpc flows --output json` prints. */
export type FlowRecord = Record<string, string | number | null>;

export interface Flows {
  /** Where to go on from. */
  next: number;
  /** How many were forgotten before they could be read. */
  lost: number;
  records: FlowRecord[];
}

/** Bytes over time: bars of `step` seconds without a gap. */
export interface Plot { records: number; step: number; bars: { from: number; accepted: number; rejected: number }[] }
export interface NamedQuery { name: string; about: string; sql: string }
export interface Answer { columns: string[]; rows: (string | number | null)[][]; cut: boolean }

/** An answer that is not the one asked for, in the daemon's words. */
export class Refused extends Error {}

/** What a reader is told of an error. */
export const told = (error: unknown) => (error instanceof Refused ? error.message : "the daemon does not answer");

async function get<T>(path: string, query: Record<string, string | undefined>): Promise<T> {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const response = await fetch(`${path}?${new URLSearchParams(given)}`, { headers: { accept: "application/json" } });
  const text = await response.text();
  if (!response.ok) throw new Refused(text.trim() || response.statusText);
  return JSON.parse(text) as T;
}

export const scope = () => get<Scope>("/api/scope", {});
export const revision = async () => (await get<{ revision: number }>("/api/revision", {})).revision;
export const describe = (region: string, account: string) => get<Described>("/api/describe", { region, account });
export const flows = (after: number) => get<Flows>("/api/flows", { after: String(after) });
export const why = (query: { src?: string; dst?: string; port?: string; protocol?: string; region?: string; account?: string }) =>
  get<{ reachable: boolean; text: string }>("/api/why", query);
export const plot = (last?: string) => get<Plot>("/api/plot", { last });
export const queries = () => get<NamedQuery[]>("/api/queries", {});
export const query = (sql: string, last?: string) => get<Answer>("/api/query", { sql, last });
