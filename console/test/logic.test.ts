import assert from "node:assert/strict";
import { test } from "node:test";

import { matches } from "../src/filter";
import { bytesText, type Flow, farEnd, read, series } from "../src/flow";
import { format, parse } from "../src/place";
import { entriesOf, number, permissionLines, traffic } from "../src/rules";
import { join, reachOf } from "../src/world";

test("a filter asks for every word, and a member by name", () => {
  const row = { Id: "eni-1", State: "available", Address: "10.0.1.5" };
  assert.ok(matches(row, ""));
  assert.ok(matches(row, "avail 10.0."));
  assert.ok(matches(row, "state=avail*"));
  assert.ok(matches(row, "state=*able"));
  assert.ok(!matches(row, "state=avail"));
  assert.ok(!matches(row, "state=pend*"));
  assert.ok(!matches(row, "10.0.2"));
  assert.ok(!matches(row, "nobody=avail*"));
});

test("a link leads back to the same place", () => {
  const place = { view: "why", src: "i-1", dst: "10.0.0.5", port: "443" } as const;
  assert.deepEqual(parse(format(place)), place);
  assert.deepEqual(parse("#nonsense?selected=&x=1"), { view: "map" });
  assert.deepEqual(parse(""), { view: "map" });
});

test("rules read as people write them", () => {
  assert.equal(traffic("-1"), "all");
  assert.equal(traffic("tcp", 443, 443), "tcp 443");
  assert.equal(traffic("6", 1024, 65535), "tcp 1024–65535");
  assert.equal(traffic("1", 8, -1), "icmp type 8");
  assert.equal(traffic("icmp", -1, -1), "icmp");
  assert.equal(traffic("47"), "47");
  const lines = permissionLines({
    IpProtocol: "tcp", FromPort: 22, ToPort: 22,
    IpRanges: [{ CidrIp: "10.0.0.0/8", Description: "office" }], UserIdGroupPairs: [{ GroupId: "sg-1" }],
  });
  assert.deepEqual(lines.map((line) => line.peer), ["10.0.0.0/8", "sg-1"]);
  assert.equal(lines[0]?.note, "office");
});

test("entries come in the order in which they are asked", () => {
  const entry = (RuleNumber: number, Egress: boolean) => ({ RuleNumber, Egress, RuleAction: "allow", Protocol: "-1" });
  const sorted = entriesOf([entry(32767, false), entry(100, false), entry(90, true)], false);
  assert.deepEqual(sorted.map(number), ["100", "*"]);
});

test("a subnet is what its table makes of it", () => {
  const table = (Routes: object[]) => ({ RouteTableId: "rtb-1", VpcId: "vpc-1", Routes });
  assert.equal(reachOf(table([{ DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-1", State: "active" }])), "public");
  assert.equal(reachOf(table([{ DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-1", State: "blackhole" }])), "private");
  assert.equal(reachOf(table([{ NatGatewayId: "nat-1" }, { EgressOnlyInternetGatewayId: "eigw-1" }])), "nat");
  assert.equal(reachOf(table([{ GatewayId: "local" }])), "private");
  assert.equal(reachOf(undefined), "private");
});

const flow: Flow = {
  at: 0, eni: "", egress: false, source: "", destination: "", sourcePort: 0, destinationPort: 0, protocol: 6, packets: 1, bytes: 40,
  accepted: true, rule: "",
};

test("two VPCs with one address are two places", () => {
  const eni = (id: string, VpcId: string) => ({
    NetworkInterfaceId: id, VpcId, SubnetId: `subnet-${VpcId}`, PrivateIpAddress: "10.0.0.5",
    PrivateIpAddresses: [{ PrivateIpAddress: "10.0.0.5" }],
  });
  const world = join([{ region: "us-east-1", described: {
    revision: 1,
    Vpcs: [{ VpcId: "vpc-a", CidrBlock: "10.0.0.0/16" }, { VpcId: "vpc-b", CidrBlock: "10.0.0.0/16" }],
    Subnets: ["vpc-a", "vpc-b"].map((VpcId) => ({ SubnetId: `subnet-${VpcId}`, VpcId, AvailabilityZone: "us-east-1a" })),
    RouteTables: [{
      RouteTableId: "rtb-a", VpcId: "vpc-a", Associations: [{ Main: true }],
      Routes: [{ DestinationCidrBlock: "0.0.0.0/0", GatewayId: "igw-1", State: "active" }],
    }],
    NetworkInterfaces: [eni("eni-a", "vpc-a"), eni("eni-b", "vpc-b")],
  } }]);
  const to = (eni: string) => farEnd(world, { ...flow, eni, egress: true, destination: "10.0.0.5" });
  assert.deepEqual(["eni-a", "eni-b"].map(to), ["eni-a", "eni-b"]);
  const beyond = (destination: string) => farEnd(world, { ...flow, eni: "eni-a", egress: true, destination });
  assert.deepEqual(["10.0.0.6", "172.31.0.9", "100.64.0.1", "fd00::1"].map(beyond), [undefined, undefined, undefined, undefined]);
  assert.deepEqual(["203.0.113.12", "172.32.0.1", "2001:db8::1"].map(beyond), ["internet", "internet", "internet"]);
  const [a, b] = world.vpcs;
  assert.equal(a?.zones[0]?.subnets[0]?.reach, "public");
  assert.ok(a?.zones[0]?.subnets[0]?.byMain);
  assert.equal(b?.zones[0]?.subnets[0]?.reach, "private");
});

test("a record tells who decided", () => {
  const record = { action: "REJECT", srcaddr: "10.0.0.5", dstaddr: "10.0.0.6", "flow-direction": "ingress", end: 100, bytes: 84 };
  const refused = read({ ...record, "openvpc-drop-reason": "SecurityGroupIngress" });
  assert.equal(refused?.rule, "SecurityGroupIngress");
  assert.equal(refused?.accepted, false);
  assert.equal(read({ ...record, action: "ACCEPT", "openvpc-security-group-rule": "sgr-1" })?.rule, "sgr-1");
  assert.equal(read({ ...record, action: "-" }), undefined);
  const [times, accepted, rejected] = series([refused!], 102, 5, 3);
  assert.deepEqual(times, [90, 95, 100]);
  assert.deepEqual([accepted, rejected], [[0, 0, 0], [0, 0, 84]]);
  assert.equal(bytesText(1234), "1.2 kB");
});

test("two regions stand side by side, and a peering between them once", () => {
  const peering = {
    VpcPeeringConnectionId: "pcx-1", Status: { Code: "active" },
    RequesterVpcInfo: { VpcId: "vpc-a", Region: "us-east-1" }, AccepterVpcInfo: { VpcId: "vpc-b", Region: "eu-west-1" },
  };
  const part = (region: string, VpcId: string, revision: number) => ({
    region,
    described: { revision, Vpcs: [{ VpcId, CidrBlock: "10.0.0.0/16", Tags: [{ Key: "Name", Value: `in ${region}` }] }], VpcPeeringConnections: [peering] },
  });
  const world = join([part("us-east-1", "vpc-a", 4), part("eu-west-1", "vpc-b", 5)]);
  assert.deepEqual(world.regions, ["us-east-1", "eu-west-1"]);
  assert.deepEqual(world.vpcs.map((view) => [view.region, view.vpc.VpcId]), [["eu-west-1", "vpc-b"], ["us-east-1", "vpc-a"]]);
  assert.equal(world.described.VpcPeeringConnections?.length, 1);
  assert.equal(world.described.revision, 5);
  assert.equal(world.vpcs[1]?.gateways[0]?.label, "peering to in eu-west-1");
});
