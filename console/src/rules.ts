// Rules in words: what a person reads of a permission or an entry.

import type { AclEntry, Permission } from "./describe";

const PROTOCOLS: Record<string, string> = { "-1": "all", "1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6" };

/** `tcp 443`, `tcp 1024–65535`, `icmp 8/0`, `all`. */
export function traffic(protocol: string, from?: number, to?: number): string {
  const name = PROTOCOLS[protocol] ?? protocol;
  if (name === "all" || from === undefined || to === undefined) return name;
  if (name.startsWith("icmp")) {
    if (from === -1) return name;
    return to === -1 ? `${name} type ${from}` : `${name} type ${from} code ${to}`;
  }
  if (from === 0 && to === 65535) return name;
  return from === to ? `${name} ${from}` : `${name} ${from}–${to}`;
}

/** One line a peer: AWS shows one rule for each too. */
export function permissionLines(permission: Permission): { traffic: string; peer: string; note: string }[] {
  const what = traffic(permission.IpProtocol, permission.FromPort, permission.ToPort);
  const line = (peer: string, note?: string) => ({ traffic: what, peer, note: note ?? "" });
  return [
    ...(permission.IpRanges ?? []).map((one) => line(one.CidrIp, one.Description)),
    ...(permission.Ipv6Ranges ?? []).map((one) => line(one.CidrIpv6, one.Description)),
    ...(permission.PrefixListIds ?? []).map((one) => line(one.PrefixListId)),
    ...(permission.UserIdGroupPairs ?? []).map((one) => line(one.GroupId)),
  ];
}

export function entryTraffic(entry: AclEntry): string {
  const { IcmpTypeCode: icmp, PortRange: ports } = entry;
  return traffic(entry.Protocol, icmp?.Type ?? ports?.From, icmp?.Code ?? ports?.To);
}

/** Entries of one direction in the order in which they are asked; 32767 and up are the closing denies. */
export function entriesOf(entries: AclEntry[] | undefined, egress: boolean): AclEntry[] {
  return (entries ?? []).filter((entry) => entry.Egress === egress).sort((a, b) => a.RuleNumber - b.RuleNumber);
}

export const number = (entry: AclEntry) => (entry.RuleNumber >= 32767 ? "*" : String(entry.RuleNumber));
