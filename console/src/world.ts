// The answers of the API, joined: what stands where, and what each thing is called.

import type {
  Described, Instance, NetworkAcl, NetworkInterface, Route, RouteTable, SecurityGroup, Subnet, Tag, Vpc,
} from "./describe";

/** How a subnet reaches out, told from its own route table. */
export type Reach = "public" | "nat" | "egress-only" | "private";

export interface SubnetView {
  subnet: Subnet;
  name: string;
  table?: RouteTable;
  /** The subnet has no association of its own and uses the VPC's main table. */
  byMain: boolean;
  acl?: NetworkAcl;
  reach: Reach;
  interfaces: InterfaceView[];
}

export interface InterfaceView {
  eni: NetworkInterface;
  /** What stands behind it. */
  kind: "instance" | "nat" | "endpoint" | "load-balancer" | "free";
  name: string;
  instance?: Instance;
  addresses: string[];
}

export interface Gateway { id: string; kind: "igw" | "eigw" | "vpce" | "pcx"; label: string; state: string }

export interface VpcView {
  vpc: Vpc;
  region: string;
  name: string;
  cidrs: string[];
  /** Zone names, ascending, each with its subnets. */
  zones: { zone: string; subnets: SubnetView[] }[];
  gateways: Gateway[];
}

export interface World {
  described: Described;
  /** More than one if they are looked at side by side. */
  regions: string[];
  vpcs: VpcView[];
  /** Every resource by id, as the API describes it. */
  byId: Map<string, { kind: string; resource: object }>;
  interfaces: Map<string, InterfaceView>;
  /** Private addresses repeat across VPCs. Public ones are those of one interface. */
  byAddress: Map<string, InterfaceView[]>;
  subnets: Map<string, SubnetView>;
  instances: Instance[];
}

/** A kind of resource: its list in the answers, its id's member, and what its table shows. */
export interface Kind { list: keyof Described | "Instances"; id: string; title: string; columns: string[] }

export const KINDS: Kind[] = [
  { list: "Vpcs", id: "VpcId", title: "VPCs", columns: ["CidrBlock", "State", "IsDefault", "DhcpOptionsId"] },
  { list: "Subnets", id: "SubnetId", title: "Subnets", columns: ["VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "AvailableIpAddressCount"] },
  { list: "Instances", id: "InstanceId", title: "Instances", columns: ["State", "PrivateIpAddress", "PublicIpAddress", "SubnetId", "VpcId", "InstanceType"] },
  { list: "NetworkInterfaces", id: "NetworkInterfaceId", title: "Network interfaces", columns: ["PrivateIpAddress", "InterfaceType", "Status", "SubnetId", "VpcId", "MacAddress", "Description"] },
  { list: "RouteTables", id: "RouteTableId", title: "Route tables", columns: ["VpcId"] },
  { list: "InternetGateways", id: "InternetGatewayId", title: "Internet gateways", columns: ["VpcId"] },
  { list: "EgressOnlyInternetGateways", id: "EgressOnlyInternetGatewayId", title: "Egress-only gateways", columns: ["VpcId"] },
  { list: "NatGateways", id: "NatGatewayId", title: "NAT gateways", columns: ["State", "ConnectivityType", "SubnetId", "VpcId"] },
  { list: "VpcPeeringConnections", id: "VpcPeeringConnectionId", title: "Peering connections", columns: ["Status", "RequesterVpcInfo", "AccepterVpcInfo"] },
  { list: "VpcEndpoints", id: "VpcEndpointId", title: "Endpoints", columns: ["VpcEndpointType", "ServiceName", "State", "VpcId", "PrivateDnsEnabled"] },
  { list: "SecurityGroups", id: "GroupId", title: "Security groups", columns: ["GroupName", "VpcId", "Description"] },
  { list: "NetworkAcls", id: "NetworkAclId", title: "Network ACLs", columns: ["VpcId", "IsDefault"] },
  { list: "Addresses", id: "AllocationId", title: "Elastic addresses", columns: ["PublicIp", "PrivateIpAddress", "InstanceId", "NetworkInterfaceId"] },
  { list: "PrefixLists", id: "PrefixListId", title: "Prefix lists", columns: ["PrefixListName", "Cidrs"] },
  { list: "FlowLogs", id: "FlowLogId", title: "Flow logs", columns: ["ResourceId", "TrafficType", "LogDestinationType", "LogDestination", "DeliverLogsStatus", "DeliverLogsErrorMessage"] },
];

/** All resources of a kind. */
export function listOf(world: World, kind: Kind): object[] {
  if (kind.list === "Instances") return world.instances;
  return (world.described[kind.list] as object[] | undefined) ?? [];
}

export function nameOf(tags: Tag[] | undefined): string | undefined {
  return tags?.find((tag) => tag.Key === "Name")?.Value || undefined;
}

/** The one target that a route has. */
export function targetOf(route: Route): string {
  return (
    route.GatewayId ?? route.NatGatewayId ?? route.EgressOnlyInternetGatewayId ?? route.VpcPeeringConnectionId ??
    route.NetworkInterfaceId ?? route.InstanceId ?? "–"
  );
}

export function destinationOf(route: Route): string {
  return route.DestinationCidrBlock ?? route.DestinationIpv6CidrBlock ?? route.DestinationPrefixListId ?? "–";
}

/** What a subnet's table makes of it. A blackhole leads nowhere. */
export function reachOf(table: RouteTable | undefined): Reach {
  const targets = (table?.Routes ?? []).filter((route) => route.State !== "blackhole").map(targetOf);
  if (targets.some((target) => target.startsWith("igw-"))) return "public";
  if (targets.some((target) => target.startsWith("nat-"))) return "nat";
  if (targets.some((target) => target.startsWith("eigw-"))) return "egress-only";
  return "private";
}

/** What one region answered. */
export interface Part { region: string; described: Described }

/** The answers of several regions as one: ids are unique, and a peering between two of them is told by both. */
function merge(parts: Part[]): Described {
  const all: Record<string, unknown[]> = {};
  for (const { described } of parts) {
    for (const [name, list] of Object.entries(described)) {
      if (Array.isArray(list)) all[name] = [...(all[name] ?? []), ...list];
    }
  }
  const merged = { ...all, revision: Math.max(...parts.map((part) => part.described.revision)) } as Described;
  const peerings = new Map((merged.VpcPeeringConnections ?? []).map((one) => [one.VpcPeeringConnectionId, one]));
  merged.VpcPeeringConnections = [...peerings.values()];
  return merged;
}

export function join(parts: Part[]): World {
  const described = merge(parts);
  const instances = (described.Reservations ?? []).flatMap((reservation) => reservation.Instances ?? []);
  const instanceById = new Map(instances.map((instance) => [instance.InstanceId, instance]));
  const byId: World["byId"] = new Map();

  const interfaces: World["interfaces"] = new Map();
  const byAddress: World["byAddress"] = new Map();
  for (const eni of described.NetworkInterfaces ?? []) {
    const view = viewInterface(eni, instanceById);
    interfaces.set(eni.NetworkInterfaceId, view);
    const published = (eni.PrivateIpAddresses ?? []).flatMap((one) => one.Association?.PublicIp ?? []);
    for (const address of [...view.addresses, ...published]) {
      const holders = byAddress.get(address);
      if (holders) holders.push(view);
      else byAddress.set(address, [view]);
    }
  }

  const subnets: World["subnets"] = new Map();
  const vpcs = parts.flatMap((part) =>
    (part.described.Vpcs ?? []).map((vpc) => viewVpc(part.region, described, vpc, interfaces, subnets)));
  vpcs.sort((a, b) => Number(a.vpc.IsDefault ?? false) - Number(b.vpc.IsDefault ?? false) || compare(a.name, b.name));
  const regions = parts.map((part) => part.region);
  const world: World = { described, regions, vpcs, byId, interfaces, byAddress, subnets, instances };
  for (const kind of KINDS) {
    for (const resource of listOf(world, kind)) {
      byId.set(String((resource as Record<string, unknown>)[kind.id]), { kind: kind.title, resource });
    }
  }
  return world;
}

const compare = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });

function viewInterface(eni: NetworkInterface, instances: Map<string, Instance>): InterfaceView {
  const instance = instances.get(eni.Attachment?.InstanceId ?? "");
  const kinds: Record<string, InterfaceView["kind"]> = {
    nat_gateway: "nat", vpc_endpoint: "endpoint", network_load_balancer: "load-balancer",
  };
  const kind = kinds[eni.InterfaceType ?? ""] ?? (instance ? "instance" : "free");
  const own = nameOf(instance?.Tags) ?? nameOf(eni.TagSet);
  const by = instance?.InstanceId ?? /(?:nat|vpce)-[0-9a-f]+/.exec(eni.Description ?? "")?.[0];
  const ipv4 = (eni.PrivateIpAddresses ?? []).map((one) => one.PrivateIpAddress);
  const ipv6 = (eni.Ipv6Addresses ?? []).map((one) => one.Ipv6Address);
  return { eni, kind, name: own ?? by ?? eni.NetworkInterfaceId, instance, addresses: [...ipv4, ...ipv6] };
}

function viewVpc(
  region: string, described: Described, vpc: Vpc, interfaces: World["interfaces"], subnets: World["subnets"],
): VpcView {
  const id = vpc.VpcId;
  const tables = (described.RouteTables ?? []).filter((table) => table.VpcId === id);
  const main = tables.find((table) => table.Associations?.some((one) => one.Main));
  const acls = (described.NetworkAcls ?? []).filter((acl) => acl.VpcId === id);
  const zones = new Map<string, SubnetView[]>();
  for (const subnet of (described.Subnets ?? []).filter((one) => one.VpcId === id)) {
    const own = tables.find((table) => table.Associations?.some((one) => one.SubnetId === subnet.SubnetId));
    const table = own ?? main;
    const view: SubnetView = {
      subnet,
      name: nameOf(subnet.Tags) ?? subnet.SubnetId,
      table,
      byMain: !own,
      acl: acls.find((acl) => acl.Associations?.some((one) => one.SubnetId === subnet.SubnetId)),
      reach: reachOf(table),
      interfaces: [...interfaces.values()].filter((one) => one.eni.SubnetId === subnet.SubnetId),
    };
    view.interfaces.sort((a, b) => compare(a.eni.PrivateIpAddress ?? "", b.eni.PrivateIpAddress ?? ""));
    subnets.set(subnet.SubnetId, view);
    zones.set(subnet.AvailabilityZone, [...(zones.get(subnet.AvailabilityZone) ?? []), view]);
  }
  const sorted = [...zones].sort(([a], [b]) => compare(a, b));
  return {
    vpc,
    region,
    name: nameOf(vpc.Tags) ?? (vpc.IsDefault ? "default VPC" : id),
    cidrs: [
      ...(vpc.CidrBlockAssociationSet ?? [{ CidrBlock: vpc.CidrBlock }]).map((one) => one.CidrBlock),
      ...(vpc.Ipv6CidrBlockAssociationSet ?? []).map((one) => one.Ipv6CidrBlock),
    ],
    zones: sorted.map(([zone, views]) => ({
      zone, subnets: views.sort((a, b) => compare(a.subnet.CidrBlock ?? a.name, b.subnet.CidrBlock ?? b.name)),
    })),
    gateways: gatewaysOf(described, id),
  };
}

function gatewaysOf(described: Described, vpc: string): Gateway[] {
  const at = (attachments: { VpcId: string }[] | undefined) => attachments?.some((one) => one.VpcId === vpc);
  const igws = (described.InternetGateways ?? []).filter((one) => at(one.Attachments));
  const eigws = (described.EgressOnlyInternetGateways ?? []).filter((one) => at(one.Attachments));
  const endpoints = (described.VpcEndpoints ?? []).filter((one) => one.VpcId === vpc);
  const peerings = (described.VpcPeeringConnections ?? []).filter(
    (one) => one.RequesterVpcInfo.VpcId === vpc || one.AccepterVpcInfo.VpcId === vpc,
  );
  const service = (name: string) => name.split(".").slice(3).join(".") || name;
  return [
    ...igws.map((one): Gateway => ({
      id: one.InternetGatewayId, kind: "igw", label: nameOf(one.Tags) ?? "internet gateway", state: "available",
    })),
    ...eigws.map((one): Gateway => ({
      id: one.EgressOnlyInternetGatewayId, kind: "eigw", label: nameOf(one.Tags) ?? "egress-only gateway", state: "attached",
    })),
    ...endpoints.map((one): Gateway => ({
      id: one.VpcEndpointId, kind: "vpce", label: `${nameOf(one.Tags) ?? service(one.ServiceName)} endpoint`, state: one.State,
    })),
    ...peerings.map((one): Gateway => {
      const far = one.RequesterVpcInfo.VpcId === vpc ? one.AccepterVpcInfo : one.RequesterVpcInfo;
      const to = nameOf(described.Vpcs?.find((other) => other.VpcId === far.VpcId)?.Tags) ?? far.VpcId;
      return { id: one.VpcPeeringConnectionId, kind: "pcx", label: `peering to ${to}`, state: one.Status.Code };
    }),
  ];
}

/** The groups of an interface, as they stand. */
export function groupsOf(world: World, eni: NetworkInterface): SecurityGroup[] {
  const ids = new Set((eni.Groups ?? []).map((group) => group.GroupId));
  return (world.described.SecurityGroups ?? []).filter((group) => ids.has(group.GroupId));
}
