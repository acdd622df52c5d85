// What the daemon answers: the AWS API's own answers, member for member, of one account in one region.

export interface Tag { Key: string; Value: string }
interface Tagged { Tags?: Tag[] }

export interface Vpc extends Tagged {
  VpcId: string; CidrBlock: string; IsDefault?: boolean;
  CidrBlockAssociationSet?: { CidrBlock: string }[];
  Ipv6CidrBlockAssociationSet?: { Ipv6CidrBlock: string }[];
}
export interface Subnet extends Tagged {
  SubnetId: string; VpcId: string; CidrBlock?: string; AvailabilityZone: string; AvailabilityZoneId?: string;
  AvailableIpAddressCount?: number;
  Ipv6CidrBlockAssociationSet?: { Ipv6CidrBlock: string }[];
}
export interface Route {
  DestinationCidrBlock?: string; DestinationIpv6CidrBlock?: string; DestinationPrefixListId?: string;
  GatewayId?: string; NatGatewayId?: string; NetworkInterfaceId?: string; EgressOnlyInternetGatewayId?: string;
  VpcPeeringConnectionId?: string; InstanceId?: string; State?: string; Origin?: string;
}
export interface RouteTable extends Tagged {
  RouteTableId: string; VpcId: string; Routes?: Route[];
  Associations?: { Main?: boolean; SubnetId?: string; GatewayId?: string }[];
}
export interface InternetGateway extends Tagged {
  InternetGatewayId: string; Attachments?: { VpcId: string; State: string }[];
}
export interface EgressOnlyInternetGateway extends Tagged {
  EgressOnlyInternetGatewayId: string; Attachments?: { VpcId: string; State: string }[];
}
export interface NatGateway extends Tagged {
  NatGatewayId: string; VpcId: string; SubnetId: string; State: string; ConnectivityType?: string;
  NatGatewayAddresses?: { NetworkInterfaceId?: string; PublicIp?: string; PrivateIp?: string }[];
}
export interface Peering extends Tagged {
  VpcPeeringConnectionId: string; Status: { Code: string; Message?: string };
  RequesterVpcInfo: { VpcId: string; Region?: string; OwnerId?: string; CidrBlock?: string };
  AccepterVpcInfo: { VpcId: string; Region?: string; OwnerId?: string; CidrBlock?: string };
}
export interface VpcEndpoint extends Tagged {
  VpcEndpointId: string; VpcId: string; ServiceName: string; VpcEndpointType: string; State: string;
  RouteTableIds?: string[]; SubnetIds?: string[]; NetworkInterfaceIds?: string[]; PrivateDnsEnabled?: boolean;
  DnsEntries?: { DnsName?: string }[];
}
export interface NetworkInterface {
  NetworkInterfaceId: string; VpcId: string; SubnetId: string; PrivateIpAddress?: string; MacAddress?: string;
  InterfaceType?: string; Description?: string; Status?: string; SourceDestCheck?: boolean; AvailabilityZone?: string;
  Association?: { PublicIp?: string };
  Attachment?: { InstanceId?: string; DeviceIndex?: number; Status?: string };
  Groups?: { GroupId: string; GroupName: string }[];
  PrivateIpAddresses?: { PrivateIpAddress: string; Association?: { PublicIp?: string } }[];
  Ipv6Addresses?: { Ipv6Address: string }[];
  TagSet?: Tag[];
}
export interface Instance extends Tagged {
  InstanceId: string; VpcId?: string; SubnetId?: string; State: { Name: string }; InstanceType?: string;
  PrivateIpAddress?: string; PublicIpAddress?: string; PrivateDnsName?: string;
}
export interface Permission {
  IpProtocol: string; FromPort?: number; ToPort?: number;
  IpRanges?: { CidrIp: string; Description?: string }[]; Ipv6Ranges?: { CidrIpv6: string; Description?: string }[];
  PrefixListIds?: { PrefixListId: string }[]; UserIdGroupPairs?: { GroupId: string }[];
}
export interface SecurityGroup extends Tagged {
  GroupId: string; GroupName: string; VpcId: string; Description?: string;
  IpPermissions?: Permission[]; IpPermissionsEgress?: Permission[];
}
export interface AclEntry {
  RuleNumber: number; Egress: boolean; RuleAction: string; Protocol: string; CidrBlock?: string; Ipv6CidrBlock?: string;
  PortRange?: { From: number; To: number }; IcmpTypeCode?: { Type: number; Code: number };
}
export interface NetworkAcl extends Tagged {
  NetworkAclId: string; VpcId: string; IsDefault?: boolean; Entries?: AclEntry[];
  Associations?: { SubnetId: string }[];
}
export interface FlowLog extends Tagged {
  FlowLogId: string; ResourceId: string; TrafficType?: string; LogDestinationType?: string; LogDestination?: string;
  LogGroupName?: string; DeliverLogsStatus?: string; DeliverLogsErrorMessage?: string;
}
export interface Address extends Tagged {
  AllocationId: string; PublicIp: string; NetworkInterfaceId?: string; InstanceId?: string; PrivateIpAddress?: string;
}
export interface PrefixList { PrefixListId: string; PrefixListName?: string; Cidrs?: string[] }

/** One account in one region. Lists that the daemon does not serve yet are absent. */
export interface Described {
  revision: number;
  Vpcs?: Vpc[]; Subnets?: Subnet[]; RouteTables?: RouteTable[]; InternetGateways?: InternetGateway[];
  EgressOnlyInternetGateways?: EgressOnlyInternetGateway[]; NatGateways?: NatGateway[];
  VpcPeeringConnections?: Peering[]; VpcEndpoints?: VpcEndpoint[]; NetworkInterfaces?: NetworkInterface[];
  Reservations?: { Instances?: Instance[] }[]; SecurityGroups?: SecurityGroup[]; NetworkAcls?: NetworkAcl[];
  FlowLogs?: FlowLog[]; Addresses?: Address[]; PrefixLists?: PrefixList[];
}

/** What there is to choose from. */
export interface Scope { version: string; regions: string[]; accounts: string[]; outside: { name: string; addresses: string[] }[] }
