//! Golden XML of security groups, network ACLs, interfaces and instances.

use serde_json::{Value, json};

use crate::lifecycle;
use crate::testing::{Bench, text};

fn tags(kind: &str) -> Value {
    json!([{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": "a <b> & \"c\""}]}])
}

fn lab() -> (Bench, String, String) {
    let mut bench = Bench::new();
    let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = text(&vpc, "/Vpc/VpcId");
    let block = json!({"VpcId": vpc, "Ipv6CidrBlock": "2001:db8:1234:1a00::/56"});
    bench.ok("AssociateVpcCidrBlock", block);
    bench.ok(
        "ModifyVpcAttribute",
        json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}),
    );
    let subnet =
        json!({"VpcId": vpc, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1b"});
    let subnet = text(&bench.ok("CreateSubnet", subnet), "/Subnet/SubnetId");
    let block = json!({"SubnetId": subnet, "Ipv6CidrBlock": "2001:db8:1234:1a01::/64"});
    bench.ok("AssociateSubnetCidrBlock", block);
    (bench, vpc, subnet)
}

#[test]
fn golden_security_groups_and_rules() {
    let (mut bench, vpc, _) = lab();
    let group = json!({
        "GroupName": "web", "Description": "for (web)", "VpcId": vpc,
        "TagSpecifications": tags("security-group"),
    });
    let group = text(&bench.golden("CreateSecurityGroup", group), "/GroupId");
    let ssh = json!({
        "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
        "IpRanges": [{"CidrIp": "203.0.113.0/24", "Description": "office"}],
        "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}],
        "UserIdGroupPairs": [{"GroupId": group}],
    });
    let ping = json!({
        "IpProtocol": "icmp", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
    });
    let rules = json!({
        "GroupId": group, "IpPermissions": [ssh, ping],
        "TagSpecifications": tags("security-group-rule"),
    });
    let rules = bench.golden("AuthorizeSecurityGroupIngress", rules);
    let rule = text(&rules, "/SecurityGroupRules/0/SecurityGroupRuleId");
    let egress = json!({"GroupId": group, "IpPermissions": [ssh]});
    bench.golden("AuthorizeSecurityGroupEgress", egress.clone());
    bench.golden("DescribeSecurityGroups", json!({"GroupIds": [group]}));
    bench.golden(
        "DescribeSecurityGroupRules",
        json!({"SecurityGroupRuleIds": [rule]}),
    );
    let change =
        json!({"IpProtocol": "udp", "FromPort": 53, "ToPort": 53, "CidrIpv4": "10.0.0.0/8"});
    let change = json!([{"SecurityGroupRuleId": rule, "SecurityGroupRule": change}]);
    bench.golden(
        "ModifySecurityGroupRules",
        json!({"GroupId": group, "SecurityGroupRules": change}),
    );
    bench.golden(
        "UpdateSecurityGroupRuleDescriptionsIngress",
        json!({"GroupId": group, "IpPermissions": [ping]}),
    );
    bench.golden("UpdateSecurityGroupRuleDescriptionsEgress", egress.clone());
    bench.golden(
        "DescribeSecurityGroupReferences",
        json!({"GroupId": [group]}),
    );
    bench.golden("DescribeStaleSecurityGroups", json!({"VpcId": vpc}));
    let named = json!([{"Name": "group-name", "Values": ["web"]}]);
    bench.golden(
        "GetSecurityGroupsForVpc",
        json!({"VpcId": vpc, "Filters": named}),
    );
    bench.golden("RevokeSecurityGroupEgress", egress);
    bench.golden(
        "RevokeSecurityGroupIngress",
        json!({"GroupId": group, "SecurityGroupRuleIds": [rule]}),
    );
    bench.golden("DeleteSecurityGroup", json!({"GroupId": group}));
}

#[test]
fn golden_network_acls() {
    let (mut bench, vpc, subnet) = lab();
    let acl = json!({"VpcId": vpc, "ClientToken": "t", "TagSpecifications": tags("network-acl")});
    let acl = text(
        &bench.golden("CreateNetworkAcl", acl),
        "/NetworkAcl/NetworkAclId",
    );
    let mut entry = json!({
        "NetworkAclId": acl, "RuleNumber": 90, "Egress": true, "RuleAction": "deny",
        "Protocol": "1", "IcmpTypeCode": {"Type": 8, "Code": -1}, "CidrBlock": "0.0.0.0/0",
    });
    bench.golden("CreateNetworkAclEntry", entry.clone());
    entry["RuleAction"] = json!("allow");
    bench.golden("ReplaceNetworkAclEntry", entry);
    let web = json!({
        "NetworkAclId": acl, "RuleNumber": 100, "Egress": false, "RuleAction": "allow",
        "Protocol": "6", "PortRange": {"From": 80, "To": 443}, "Ipv6CidrBlock": "::/0",
    });
    bench.ok("CreateNetworkAclEntry", web);
    let of_subnet = json!([{"Name": "association.subnet-id", "Values": [subnet]}]);
    let old = bench.ok("DescribeNetworkAcls", json!({"Filters": of_subnet}));
    let home = text(&old, "/NetworkAcls/0/NetworkAclId");
    let old = text(
        &old,
        "/NetworkAcls/0/Associations/0/NetworkAclAssociationId",
    );
    let moved = json!({"AssociationId": old, "NetworkAclId": acl});
    let moved = bench.golden("ReplaceNetworkAclAssociation", moved);
    bench.golden("DescribeNetworkAcls", json!({"NetworkAclIds": [acl]}));
    let back = json!({"AssociationId": moved["NewAssociationId"], "NetworkAclId": home});
    bench.ok("ReplaceNetworkAclAssociation", back);
    let gone = json!({"NetworkAclId": acl, "RuleNumber": 90, "Egress": true});
    bench.golden("DeleteNetworkAclEntry", gone);
    bench.golden("DeleteNetworkAcl", json!({"NetworkAclId": acl}));
}

#[test]
fn golden_network_interfaces() {
    let (mut bench, _, subnet) = lab();
    let eni = json!({
        "SubnetId": subnet, "Description": "a <b>", "PrivateIpAddress": "10.0.1.10",
        "Ipv6Addresses": [{"Ipv6Address": "2001:db8:1234:1a01::10"}],
        "ClientToken": "t", "TagSpecifications": tags("network-interface"),
    });
    let eni = bench.golden("CreateNetworkInterface", eni);
    let eni = text(&eni, "/NetworkInterface/NetworkInterfaceId");
    let four = json!({"NetworkInterfaceId": eni, "PrivateIpAddresses": ["10.0.1.11"]});
    bench.golden("AssignPrivateIpAddresses", four.clone());
    let six = json!({"NetworkInterfaceId": eni, "Ipv6Addresses": ["2001:db8:1234:1a01::11"]});
    bench.golden("AssignIpv6Addresses", six.clone());
    bench.golden(
        "ModifyNetworkInterfaceAttribute",
        json!({"NetworkInterfaceId": eni, "SourceDestCheck": {"Value": false}}),
    );
    bench.golden(
        "DescribeNetworkInterfaceAttribute",
        json!({"NetworkInterfaceId": eni, "Attribute": "sourceDestCheck"}),
    );
    bench.golden(
        "ResetNetworkInterfaceAttribute",
        json!({"NetworkInterfaceId": eni, "SourceDestCheck": "true"}),
    );
    let instance = json!({
        "ImageId": "ami-0123456789abcdef0", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet,
        "PrivateIpAddress": "10.0.1.20",
    });
    let instance = text(
        &bench.ok("RunInstances", instance),
        "/Instances/0/InstanceId",
    );
    let attach = json!({"NetworkInterfaceId": eni, "InstanceId": instance, "DeviceIndex": 1});
    let bond = text(
        &bench.golden("AttachNetworkInterface", attach),
        "/AttachmentId",
    );
    bench.golden(
        "DescribeNetworkInterfaces",
        json!({"NetworkInterfaceIds": [eni]}),
    );
    bench.golden("DetachNetworkInterface", json!({"AttachmentId": bond}));
    bench.settle(&eni);
    bench.golden("UnassignPrivateIpAddresses", four);
    bench.golden("UnassignIpv6Addresses", six);
    bench.golden("DeleteNetworkInterface", json!({"NetworkInterfaceId": eni}));
}

#[test]
fn golden_instances() {
    let (mut bench, _, subnet) = lab();
    let nic = json!({
        "DeviceIndex": 0, "SubnetId": subnet, "PrivateIpAddress": "10.0.1.10",
        "AssociatePublicIpAddress": true, "Ipv6Addresses": [{"Ipv6Address": "2001:db8:1234:1a01::10"}],
    });
    let launch = json!({
        "ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.micro", "MinCount": 1,
        "MaxCount": 1, "KeyName": "key", "UserData": "ZWNobw==", "NetworkInterfaces": [nic],
        "ClientToken": "t", "TagSpecifications": tags("instance"),
    });
    let id = text(
        &bench.golden("RunInstances", launch),
        "/Instances/0/InstanceId",
    );
    let ids = json!({"InstanceIds": [id]});
    let happen = |bench: &mut Bench, what: fn(&_, _, _) -> Vec<_>| {
        let region = &bench.world.regions[&bench.region];
        let events = what(region, id.parse().unwrap(), bench.now);
        bench.apply("Happening", events);
    };
    happen(&mut bench, lifecycle::started);
    bench.golden("DescribeInstances", ids.clone());
    bench.golden("DescribeInstanceStatus", ids.clone());
    bench.golden("DescribeInstanceCreditSpecifications", ids.clone());
    bench.golden("GetConsoleOutput", json!({"InstanceId": id}));
    bench.golden(
        "DescribeInstanceAttribute",
        json!({"InstanceId": id, "Attribute": "userData"}),
    );
    bench.golden(
        "ModifyInstanceAttribute",
        json!({"InstanceId": id, "DisableApiTermination": {"Value": false}}),
    );
    bench.golden(
        "ModifyInstanceMetadataOptions",
        json!({"InstanceId": id, "HttpTokens": "required"}),
    );
    bench.golden("StopInstances", ids.clone());
    happen(&mut bench, lifecycle::ended);
    bench.golden("StartInstances", ids.clone());
    bench.golden("TerminateInstances", ids);
    bench.golden("DescribeVolumes", json!({}));
    if cfg!(target_arch = "x86_64") {
        bench.golden(
            "DescribeInstanceTypes",
            json!({"InstanceTypes": ["t3.micro"]}),
        );
        bench.golden("DescribeImages", json!({}));
    }
}
