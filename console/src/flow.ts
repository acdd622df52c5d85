// Live records, joined to the map: between which two things a packet went.

import type { FlowRecord } from "./api";
import type { World } from "./world";

export interface Flow {
  at: number;
  eni: string;
  egress: boolean;
  source: string;
  destination: string;
  sourcePort: number;
  destinationPort: number;
  protocol: number;
  packets: number;
  bytes: number;
  accepted: boolean;
  /** What decided, in words, where the daemon tells. */
  rule: string;
}

/** One line of the map: everything between two ends, both ways together. */
export interface Strand { from: string; to: string; accepted: boolean; bytes: number; packets: number }

const text = (record: FlowRecord, name: string) => String(record[name] ?? "");
const count = (record: FlowRecord, name: string) => Number(record[name] ?? 0) || 0;

/** Reads a record; one without data (`NODATA`) is nothing. */
export function read(record: FlowRecord): Flow | undefined {
  const action = text(record, "action");
  if (action !== "ACCEPT" && action !== "REJECT") return undefined;
  return {
    at: count(record, "end") || count(record, "start"),
    eni: text(record, "interface-id"),
    egress: text(record, "flow-direction") === "egress",
    source: text(record, "pkt-srcaddr") || text(record, "srcaddr"),
    destination: text(record, "pkt-dstaddr") || text(record, "dstaddr"),
    sourcePort: count(record, "srcport"),
    destinationPort: count(record, "dstport"),
    protocol: count(record, "protocol"),
    packets: count(record, "packets"),
    bytes: count(record, "bytes"),
    accepted: action === "ACCEPT",
    rule: decidedBy(record, action === "ACCEPT"),
  };
}

/** What decided: the rule that let it through, or what refused it. */
function decidedBy(record: FlowRecord, accepted: boolean): string {
  const group = text(record, "openvpc-security-group-rule");
  const number = text(record, "openvpc-network-acl-rule");
  const acl = number && `${text(record, "openvpc-network-acl")} rule ${number}`;
  const reason = text(record, "openvpc-drop-reason");
  return (accepted ? [group || acl, reason && `then dropped: ${reason}`] : [reason, acl]).filter(Boolean).join(", ");
}

/** What is never on the internet: private, shared and link-local addresses. */
const PRIVATE = /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|169\.254\.|f[cd]|fe[89ab])/i;

/** The far end of a flow, seen from the interface that recorded it: an interface's id, `internet`, or nobody. */
export function farEnd(world: World, flow: Flow): string | undefined {
  const far = flow.egress ? flow.destination : flow.source;
  const vpc = world.interfaces.get(flow.eni)?.eni.VpcId;
  const holders = world.byAddress.get(far) ?? [];
  const found = holders.find((view) => view.eni.VpcId === vpc) ?? holders.find((view) => peered(world, vpc, view.eni.VpcId));
  return found?.eni.NetworkInterfaceId ?? (PRIVATE.test(far) ? undefined : "internet");
}

function peered(world: World, one: string | undefined, other: string): boolean {
  return (world.described.VpcPeeringConnections ?? []).some((peering) => {
    const ends = [peering.RequesterVpcInfo.VpcId, peering.AccepterVpcInfo.VpcId];
    return peering.Status.Code === "active" && ends.includes(one ?? "") && ends.includes(other);
  });
}

/** Lines for the map, `max` at the most: what was refused comes first, it is what people look for; then the heaviest. */
export function strands(world: World, flows: Flow[], max: number): Strand[] {
  const all = new Map<string, Strand>();
  for (const flow of flows) {
    const far = farEnd(world, flow);
    if (far === undefined) continue;
    const [from, to] = flow.egress ? [flow.eni, far] : [far, flow.eni];
    // Both ends record a flow between two interfaces: the sender's egress stands for it where it was let through.
    if (from !== "internet" && !flow.egress && flow.accepted) continue;
    const key = `${from}>${to}>${flow.accepted}`;
    const strand = all.get(key) ?? { from, to, accepted: flow.accepted, bytes: 0, packets: 0 };
    strand.bytes += flow.bytes;
    strand.packets += flow.packets;
    all.set(key, strand);
  }
  return [...all.values()].sort((a, b) => Number(a.accepted) - Number(b.accepted) || b.bytes - a.bytes).slice(0, max);
}

/** Bytes a bucket of `seconds`, accepted and rejected, over the last `buckets` buckets up to `now`. */
export function series(flows: Flow[], now: number, seconds: number, buckets: number): [number[], number[], number[]] {
  const last = Math.floor(now / seconds);
  const times = Array.from({ length: buckets }, (_, index) => (last - buckets + 1 + index) * seconds);
  const accepted = new Array<number>(buckets).fill(0);
  const rejected = new Array<number>(buckets).fill(0);
  for (const flow of flows) {
    const index = Math.floor(flow.at / seconds) - (last - buckets + 1);
    const side = flow.accepted ? accepted : rejected;
    if (index >= 0 && index < buckets) side[index] = (side[index] ?? 0) + flow.bytes;
  }
  return [times, accepted, rejected];
}

const NAMES: Record<number, string> = { 1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6" };
export const protocolName = (protocol: number) => NAMES[protocol] ?? String(protocol);

/** `1.2 kB`: powers of ten, as network people count. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
