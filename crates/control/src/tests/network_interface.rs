use serde_json::{Value, json};

use crate::testing::{ACCOUNT, Bench, count, text};

/// A VPC with IPv6 and host names, and a subnet of eleven addresses in it.
fn lab() -> (Bench, String, String) {
    let mut bench = Bench::new();
    let vpc = json!({"CidrBlock": "10.0.0.0/16", "AmazonProvidedIpv6CidrBlock": true});
    let vpc = text(&bench.ok("CreateVpc", vpc), "/Vpc/VpcId");
    bench.ok(
        "ModifyVpcAttribute",
        json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}}),
    );
    let subnet = subnet(&mut bench, &vpc, "10.0.1.0/28", "us-east-1a");
    (bench, vpc, subnet)
}

fn subnet(bench: &mut Bench, vpc: &str, cidr: &str, zone: &str) -> String {
    let input = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
    text(&bench.ok("CreateSubnet", input), "/Subnet/SubnetId")
}

/// Gives the subnet the first /64 of its VPC.
fn with_ipv6(bench: &mut Bench, vpc: &str, subnet: &str) -> String {
    let shown = bench.ok("DescribeVpcs", json!({"VpcIds": [vpc]}));
    let block = text(
        &shown,
        "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock",
    );
    let block = block.replace("/56", "/64");
    bench.ok(
        "AssociateSubnetCidrBlock",
        json!({"SubnetId": subnet, "Ipv6CidrBlock": block}),
    );
    block.trim_end_matches("/64").to_owned()
}

fn create(bench: &mut Bench, subnet: &str, part: Value) -> Value {
    let input = with(subnet, part);
    bench.ok("CreateNetworkInterface", input)["NetworkInterface"].clone()
}

fn with(subnet: &str, mut part: Value) -> Value {
    part["SubnetId"] = json!(subnet);
    part
}

fn id_of(eni: &Value) -> String {
    text(eni, "/NetworkInterfaceId")
}

fn described(bench: &mut Bench, eni: &str) -> Value {
    let answer = bench.ok(
        "DescribeNetworkInterfaces",
        json!({"NetworkInterfaceIds": [eni]}),
    );
    answer["NetworkInterfaces"][0].clone()
}

fn addresses(eni: &Value) -> Vec<String> {
    let list = eni["PrivateIpAddresses"].as_array().unwrap();
    list.iter().map(|a| text(a, "/PrivateIpAddress")).collect()
}

fn launch(bench: &mut Bench, subnet: &str) -> (String, Value) {
    let input =
        json!({"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet});
    let instance = bench.ok("RunInstances", input)["Instances"][0].clone();
    (
        text(&instance, "/InstanceId"),
        instance["NetworkInterfaces"][0].clone(),
    )
}

#[test]
fn eni_1_what_a_new_interface_is() {
    let (mut bench, vpc, net) = lab();
    let eni = create(
        &mut bench,
        &net,
        json!({"PrivateIpAddress": "10.0.1.5", "Description": "d"}),
    );
    for (member, value) in [
        ("Status", json!("available")),
        ("PrivateIpAddress", json!("10.0.1.5")),
        ("PrivateDnsName", json!("ip-10-0-1-5.ec2.internal")),
        ("SourceDestCheck", json!(true)),
        ("InterfaceType", json!("interface")),
        ("RequesterManaged", json!(false)),
        ("Description", json!("d")),
        ("OwnerId", json!(ACCOUNT)),
        ("VpcId", json!(vpc)),
        ("SubnetId", json!(net)),
        ("AvailabilityZone", json!("us-east-1a")),
        ("Ipv6Addresses", json!([])),
    ] {
        assert_eq!(eni[member], value, "{member}");
    }
    assert_eq!(eni["Groups"][0]["GroupName"], "default");
    assert_eq!(eni["PrivateIpAddresses"][0]["Primary"], true);
    let mac = text(&eni, "/MacAddress");
    assert!(mac.starts_with("02:") && mac.len() == 17, "{mac}");
    let other = create(&mut bench, &net, json!({}));
    assert_ne!(text(&other, "/MacAddress"), mac);
    assert_eq!(described(&mut bench, &id_of(&eni)), eni);
}

#[test]
fn eni_5_addresses_outside_reserved_or_taken() {
    let (mut bench, _, net) = lab();
    create(&mut bench, &net, json!({"PrivateIpAddress": "10.0.1.5"}));
    for (ip, code) in [
        ("10.0.1.5", "InvalidIPAddress.InUse"),
        ("10.0.1.0", "InvalidParameterValue"),
        ("10.0.1.1", "InvalidParameterValue"),
        ("10.0.1.3", "InvalidParameterValue"),
        ("10.0.1.15", "InvalidParameterValue"),
        ("10.0.1.16", "InvalidParameterValue"),
        ("10.0.1", "InvalidParameterValue"),
        ("::1", "InvalidParameterValue"),
    ] {
        let input = with(&net, json!({"PrivateIpAddress": ip}));
        assert_eq!(bench.refused("CreateNetworkInterface", input), code, "{ip}");
    }
    create(&mut bench, &net, json!({"PrivateIpAddress": "10.0.1.4"}));
    create(&mut bench, &net, json!({"PrivateIpAddress": "10.0.1.14"}));
}

#[test]
fn eni_5_a_full_subnet_says_so_and_a_freed_address_comes_back() {
    let (mut bench, _, net) = lab();
    let mut taken: Vec<String> = (0..11)
        .map(|_| text(&create(&mut bench, &net, json!({})), "/PrivateIpAddress"))
        .collect();
    taken.sort();
    taken.dedup();
    assert_eq!(taken.len(), 11, "each address once: {taken:?}");
    let full = bench.refused("CreateNetworkInterface", with(&net, json!({})));
    assert_eq!(full, "InsufficientFreeAddressesInSubnet");
    let by_address = json!({"Filters": [{"Name": "private-ip-address", "Values": ["10.0.1.9"]}]});
    let found = bench.ok("DescribeNetworkInterfaces", by_address);
    let id = text(&found, "/NetworkInterfaces/0/NetworkInterfaceId");
    bench.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": id}));
    assert_eq!(
        create(&mut bench, &net, json!({}))["PrivateIpAddress"],
        "10.0.1.9"
    );
}

#[test]
fn primary_and_secondary_addresses_at_creation() {
    let (mut bench, _, net) = lab();
    let listed = json!({"PrivateIpAddresses": [
        {"PrivateIpAddress": "10.0.1.6"},
        {"PrivateIpAddress": "10.0.1.5", "Primary": true},
    ]});
    let eni = create(&mut bench, &net, listed);
    assert_eq!(addresses(&eni), ["10.0.1.5", "10.0.1.6"]);
    let counted = json!({"PrivateIpAddress": "10.0.1.7", "SecondaryPrivateIpAddressCount": 2});
    let eni = create(&mut bench, &net, counted);
    assert_eq!(addresses(&eni).len(), 3);
    assert_eq!(addresses(&eni)[0], "10.0.1.7");
    let secondary = json!([{"PrivateIpAddress": "10.0.1.8"}]);
    for (part, code) in [
        (
            json!({"PrivateIpAddress": "10.0.1.4", "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.1.8", "Primary": true}]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"PrivateIpAddresses": secondary, "SecondaryPrivateIpAddressCount": 1}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SecondaryPrivateIpAddressCount": -1}),
            "InvalidParameterValue",
        ),
        (
            json!({"SecondaryPrivateIpAddressCount": 50}),
            "PrivateIpAddressLimitExceeded",
        ),
        (json!({"Ipv6AddressCount": 1}), "InvalidParameterValue"),
        (json!({"InterfaceType": "efa"}), "UnsupportedOperation"),
        (
            json!({"Groups": ["sg-0123456789abcdef0"]}),
            "InvalidGroup.NotFound",
        ),
    ] {
        let code_seen = bench.refused("CreateNetworkInterface", with(&net, part.clone()));
        assert_eq!(code_seen, code, "{part}");
    }
}

#[test]
fn secondary_addresses_are_assigned_and_unassigned() {
    let (mut bench, _, net) = lab();
    let eni = id_of(&create(
        &mut bench,
        &net,
        json!({"PrivateIpAddress": "10.0.1.5"}),
    ));
    let input = json!({"NetworkInterfaceId": eni, "PrivateIpAddresses": ["10.0.1.6", "10.0.1.7"]});
    let answer = bench.ok("AssignPrivateIpAddresses", input);
    assert_eq!(count(&answer, "AssignedPrivateIpAddresses"), 2);
    bench.ok(
        "UnassignPrivateIpAddresses",
        json!({"NetworkInterfaceId": eni, "PrivateIpAddresses": ["10.0.1.6"]}),
    );
    assert_eq!(
        addresses(&described(&mut bench, &eni)),
        ["10.0.1.5", "10.0.1.7"]
    );
    for ips in [
        json!(["10.0.1.5"]),
        json!(["10.0.1.6"]),
        json!(["10.0.1.7", "10.0.1.8"]),
    ] {
        let input = json!({"NetworkInterfaceId": eni, "PrivateIpAddresses": ips});
        assert_eq!(
            bench.refused("UnassignPrivateIpAddresses", input),
            "InvalidParameterValue"
        );
    }
    // Another interface gets an address of this one only where the caller allows it.
    let other = id_of(&create(
        &mut bench,
        &net,
        json!({"PrivateIpAddress": "10.0.1.9"}),
    ));
    let mut input = json!({"NetworkInterfaceId": other, "PrivateIpAddresses": ["10.0.1.7"]});
    let code = bench.refused("AssignPrivateIpAddresses", input.clone());
    assert_eq!(code, "InvalidIPAddress.InUse");
    input["AllowReassignment"] = json!(true);
    bench.ok("AssignPrivateIpAddresses", input);
    assert_eq!(addresses(&described(&mut bench, &eni)), ["10.0.1.5"]);
    assert_eq!(
        addresses(&described(&mut bench, &other)),
        ["10.0.1.9", "10.0.1.7"]
    );
    let primary = json!({"NetworkInterfaceId": other, "PrivateIpAddresses": ["10.0.1.5"], "AllowReassignment": true});
    assert_eq!(
        bench.refused("AssignPrivateIpAddresses", primary),
        "InvalidIPAddress.InUse"
    );
}

#[test]
fn ipv6_addresses_come_from_the_subnets_block() {
    let (mut bench, vpc, net) = lab();
    let block = with_ipv6(&mut bench, &vpc, &net);
    let named = format!("{block}10");
    let eni = create(
        &mut bench,
        &net,
        json!({"Ipv6Addresses": [{"Ipv6Address": named}]}),
    );
    assert_eq!(eni["Ipv6Addresses"][0]["Ipv6Address"], named);
    let eni = id_of(&eni);
    let answer = bench.ok(
        "AssignIpv6Addresses",
        json!({"NetworkInterfaceId": eni, "Ipv6AddressCount": 2}),
    );
    assert_eq!(count(&answer, "AssignedIpv6Addresses"), 2);
    let input = json!({"NetworkInterfaceId": eni, "Ipv6Addresses": [named]});
    assert_eq!(
        bench.refused("AssignIpv6Addresses", input.clone()),
        "InvalidIPAddress.InUse"
    );
    bench.ok("UnassignIpv6Addresses", input.clone());
    assert_eq!(
        bench.refused("UnassignIpv6Addresses", input),
        "InvalidParameterValue"
    );
    for reserved in ["", "1", "3"] {
        let input =
            json!({"NetworkInterfaceId": eni, "Ipv6Addresses": [format!("{block}{reserved}")]});
        assert_eq!(
            bench.refused("AssignIpv6Addresses", input),
            "InvalidParameterValue"
        );
    }
    // SUB-5: the subnet may give one to every new interface.
    bench.ok(
        "ModifySubnetAttribute",
        json!({"SubnetId": net, "AssignIpv6AddressOnCreation": {"Value": true}}),
    );
    assert_eq!(
        count(&create(&mut bench, &net, json!({})), "Ipv6Addresses"),
        1
    );
}

#[test]
fn attributes_change_one_at_a_time() {
    let (mut bench, vpc, net) = lab();
    let eni = id_of(&create(&mut bench, &net, json!({})));
    let group = json!({"GroupName": "web", "Description": "x", "VpcId": vpc});
    let group = text(&bench.ok("CreateSecurityGroup", group), "/GroupId");
    let change = |part: Value| {
        let mut input = part;
        input["NetworkInterfaceId"] = json!(eni);
        input
    };
    bench.ok(
        "ModifyNetworkInterfaceAttribute",
        change(json!({"SourceDestCheck": {"Value": false}})),
    );
    bench.ok(
        "ModifyNetworkInterfaceAttribute",
        change(json!({"Description": {"Value": "router"}})),
    );
    bench.ok(
        "ModifyNetworkInterfaceAttribute",
        change(json!({"Groups": [group]})),
    );
    let mut asked = |attribute: &str| {
        let input = json!({"NetworkInterfaceId": eni, "Attribute": attribute});
        bench.call("DescribeNetworkInterfaceAttribute", input)
    };
    assert_eq!(
        asked("sourceDestCheck").unwrap()["SourceDestCheck"]["Value"],
        false
    );
    assert_eq!(
        asked("description").unwrap()["Description"]["Value"],
        "router"
    );
    assert_eq!(asked("groupSet").unwrap()["Groups"][0]["GroupId"], group);
    assert_eq!(asked("color").unwrap_err().code(), "InvalidParameterValue");
    bench.ok(
        "ResetNetworkInterfaceAttribute",
        change(json!({"SourceDestCheck": "true"})),
    );
    assert_eq!(described(&mut bench, &eni)["SourceDestCheck"], true);
    for (part, code) in [
        (json!({}), "InvalidParameterCombination"),
        (
            json!({"SourceDestCheck": {"Value": true}, "Groups": [group]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"Groups": ["sg-0123456789abcdef0"]}),
            "InvalidGroup.NotFound",
        ),
        (json!({"Groups": [group, group]}), "InvalidParameterValue"),
    ] {
        assert_eq!(
            bench.refused("ModifyNetworkInterfaceAttribute", change(part.clone())),
            code,
            "{part}"
        );
    }
}

/// The user guide's bounds, at their edges.
#[test]
fn sg_8_idle_times_are_set_within_their_bounds() {
    let (mut bench, _, net) = lab();
    let spec = json!({"TcpEstablishedTimeout": 60, "UdpStreamTimeout": 180});
    let made = create(
        &mut bench,
        &net,
        json!({"ConnectionTrackingSpecification": spec}),
    );
    assert_eq!(
        made["ConnectionTrackingConfiguration"],
        json!({"TcpEstablishedTimeout": 60, "UdpStreamTimeout": 180, "UdpTimeout": null})
    );
    let eni = id_of(&made);
    let change =
        |spec: Value| json!({"NetworkInterfaceId": eni, "ConnectionTrackingSpecification": spec});
    let modify = "ModifyNetworkInterfaceAttribute";
    for spec in [
        json!({"TcpEstablishedTimeout": 432_000, "UdpTimeout": 30}),
        json!({"UdpTimeout": 60, "UdpStreamTimeout": 60}),
    ] {
        bench.ok(modify, change(spec));
    }
    let set = json!({"TcpEstablishedTimeout": 432_000, "UdpStreamTimeout": 60, "UdpTimeout": 60});
    for spec in [
        json!({"TcpEstablishedTimeout": 59}),
        json!({"TcpEstablishedTimeout": 432_001}),
        json!({"UdpStreamTimeout": 59}),
        json!({"UdpStreamTimeout": 181}),
        json!({"UdpTimeout": 29}),
        json!({"UdpTimeout": 61}),
        json!({"UdpTimeout": -1}),
    ] {
        let code = bench.refused(modify, change(spec.clone()));
        assert_eq!(code, "InvalidParameterValue", "{spec}");
    }
    assert_eq!(
        described(&mut bench, &eni)["ConnectionTrackingConfiguration"],
        set
    );
    // Nothing was set, nothing is shown.
    let plain = create(&mut bench, &net, json!({}));
    assert!(plain["ConnectionTrackingConfiguration"].is_null());
}

/// Prefix delegation is refused, in whichever call it is asked for.
#[test]
fn eni_1_prefixes_are_refused() {
    let (mut bench, _, net) = lab();
    let eni = id_of(&create(&mut bench, &net, json!({})));
    for (action, part) in [
        ("CreateNetworkInterface", json!({"Ipv4PrefixCount": 1})),
        (
            "CreateNetworkInterface",
            json!({"Ipv6Prefixes": [{"Ipv6Prefix": "2001:db8:1:1:1::/80"}]}),
        ),
        (
            "AssignPrivateIpAddresses",
            json!({"Ipv4Prefixes": ["10.0.1.16/28"]}),
        ),
        ("AssignIpv6Addresses", json!({"Ipv6PrefixCount": 1})),
    ] {
        let mut input = part.clone();
        match action.starts_with("Create") {
            true => input["SubnetId"] = json!(net),
            false => input["NetworkInterfaceId"] = json!(eni),
        }
        let code = bench.refused(action, input);
        assert_eq!(code, "UnsupportedOperation", "{action} {part}");
    }
}

#[test]
fn sg_11_five_groups_per_interface() {
    let (mut bench, vpc, net) = lab();
    let groups: Vec<String> = (0..6)
        .map(|n| {
            let input = json!({"GroupName": format!("g{n}"), "Description": "x", "VpcId": vpc});
            text(&bench.ok("CreateSecurityGroup", input), "/GroupId")
        })
        .collect();
    assert_eq!(
        count(
            &create(&mut bench, &net, json!({"Groups": groups[..5]})),
            "Groups"
        ),
        5
    );
    let code = bench.refused(
        "CreateNetworkInterface",
        with(&net, json!({"Groups": groups})),
    );
    assert_eq!(code, "SecurityGroupsPerInterfaceLimitExceeded");
}

#[test]
fn eni_3_the_primary_interface_stays_and_an_attached_one_is_not_deleted() {
    let (mut bench, vpc, net) = lab();
    let (instance, eth0) = launch(&mut bench, &net);
    let bond = text(&eth0, "/Attachment/AttachmentId");
    assert_eq!(
        bench.refused("DetachNetworkInterface", json!({"AttachmentId": bond})),
        "OperationNotPermitted"
    );
    let second = id_of(&create(&mut bench, &net, json!({})));
    let mut attach =
        json!({"NetworkInterfaceId": second, "InstanceId": instance, "DeviceIndex": 0});
    assert_eq!(
        bench.refused("AttachNetworkInterface", attach.clone()),
        "InvalidParameterValue"
    );
    attach["DeviceIndex"] = json!(1);
    let bond = text(
        &bench.ok("AttachNetworkInterface", attach.clone()),
        "/AttachmentId",
    );
    assert_eq!(
        bench.refused("AttachNetworkInterface", attach.clone()),
        "InvalidNetworkInterface.InUse"
    );
    assert_eq!(described(&mut bench, &second)["Status"], "in-use");
    let code = bench.refused(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": second}),
    );
    assert_eq!(code, "InvalidParameterValue");
    let keep = json!({"NetworkInterfaceId": second, "Attachment": {"AttachmentId": bond, "DeleteOnTermination": true}});
    bench.ok("ModifyNetworkInterfaceAttribute", keep);
    assert_eq!(
        described(&mut bench, &second)["Attachment"]["DeleteOnTermination"],
        true
    );

    let away = subnet(&mut bench, &vpc, "10.0.2.0/28", "us-east-1b");
    let away = id_of(&create(&mut bench, &away, json!({})));
    let other_zone = json!({"NetworkInterfaceId": away, "InstanceId": instance, "DeviceIndex": 2});
    assert_eq!(
        bench.refused("AttachNetworkInterface", other_zone),
        "InvalidParameterCombination"
    );

    // An m1.small holds three interfaces.
    let third = id_of(&create(&mut bench, &net, json!({})));
    bench.ok(
        "AttachNetworkInterface",
        json!({"NetworkInterfaceId": third, "InstanceId": instance, "DeviceIndex": 2}),
    );
    let fourth = id_of(&create(&mut bench, &net, json!({})));
    let fourth = json!({"NetworkInterfaceId": fourth, "InstanceId": instance, "DeviceIndex": 3});
    assert_eq!(
        bench.refused("AttachNetworkInterface", fourth),
        "AttachmentLimitExceeded"
    );

    bench.ok("DetachNetworkInterface", json!({"AttachmentId": bond}));
    // Nobody else is given it before the data path has let go of it.
    let leaving = described(&mut bench, &second);
    assert_eq!(leaving["Status"], "in-use");
    assert_eq!(leaving["Attachment"]["Status"], "detaching");
    assert_eq!(
        bench.refused("AttachNetworkInterface", attach),
        "InvalidNetworkInterface.InUse"
    );
    bench.settle(&second);
    assert_eq!(described(&mut bench, &second)["Status"], "available");
    assert_eq!(
        bench.refused("DetachNetworkInterface", json!({"AttachmentId": bond})),
        "InvalidAttachmentID.NotFound"
    );
    bench.ok(
        "DeleteNetworkInterface",
        json!({"NetworkInterfaceId": second}),
    );
    let code = bench.refused(
        "DescribeNetworkInterfaces",
        json!({"NetworkInterfaceIds": [second]}),
    );
    assert_eq!(code, "InvalidNetworkInterfaceID.NotFound");
}

/// Terraform polls by attachment id until the bond shows as detached.
#[test]
fn a_bond_that_was_undone_is_shown_as_detached_for_a_minute() {
    let (mut bench, _, net) = lab();
    let (instance, _) = launch(&mut bench, &net);
    let eni = id_of(&create(&mut bench, &net, json!({})));
    let attach = json!({"NetworkInterfaceId": eni, "InstanceId": instance, "DeviceIndex": 1});
    let bond = text(
        &bench.ok("AttachNetworkInterface", attach.clone()),
        "/AttachmentId",
    );
    bench.ok("DetachNetworkInterface", json!({"AttachmentId": bond}));
    bench.settle(&eni);
    let found = |bench: &mut Bench, name: &str, value: &str| {
        let filters = json!([{"Name": name, "Values": [value]}]);
        let answer = bench.ok("DescribeNetworkInterfaces", json!({"Filters": filters}));
        answer["NetworkInterfaces"].as_array().unwrap().clone()
    };
    let seen = found(&mut bench, "attachment.attachment-id", &bond);
    assert_eq!(seen[0]["Attachment"]["Status"], "detached");
    assert_eq!(seen[0]["Status"], "available");
    assert_eq!(
        found(&mut bench, "attachment.instance-id", &instance).len(),
        1,
        "eth0 alone"
    );
    bench.now += 60_000;
    assert!(found(&mut bench, "attachment.attachment-id", &bond).is_empty());
    bench.ok("AttachNetworkInterface", attach);
}

/// ENI-4: what a service made for itself is looked at and tagged, and no more.
#[test]
fn eni_4_requester_managed_interfaces_are_not_the_users_to_change() {
    let (mut bench, _, net) = lab();
    let mut eni = bench.place_interface(&net, "10.0.1.5");
    eni.requester_id = Some("amazon-service".to_owned());
    let id = eni.id.to_string();
    bench.apply("Test", vec![openvpc_model::Event::NetworkInterfacePut(eni)]);
    let shown = described(&mut bench, &id);
    assert_eq!(shown["RequesterManaged"], true);
    for (action, input) in [
        ("DeleteNetworkInterface", json!({"NetworkInterfaceId": id})),
        (
            "ModifyNetworkInterfaceAttribute",
            json!({"NetworkInterfaceId": id, "Description": {"Value": "x"}}),
        ),
        (
            "AssignPrivateIpAddresses",
            json!({"NetworkInterfaceId": id, "SecondaryPrivateIpAddressCount": 1}),
        ),
    ] {
        assert_eq!(
            bench.refused(action, input),
            "OperationNotPermitted",
            "{action}"
        );
    }
    bench.ok(
        "CreateTags",
        json!({"Resources": [id], "Tags": [{"Key": "k", "Value": "v"}]}),
    );
}

#[test]
fn an_elastic_address_follows_its_private_address_and_survives_the_interface() {
    let (mut bench, vpc, net) = lab();
    let igw = bench.ok("CreateInternetGateway", json!({}));
    let igw = text(&igw, "/InternetGateway/InternetGatewayId");
    bench.ok(
        "AttachInternetGateway",
        json!({"InternetGatewayId": igw, "VpcId": vpc}),
    );
    let eip = text(&bench.ok("AllocateAddress", json!({})), "/AllocationId");
    let one = id_of(&create(
        &mut bench,
        &net,
        json!({"PrivateIpAddresses": [
            {"PrivateIpAddress": "10.0.1.5", "Primary": true}, {"PrivateIpAddress": "10.0.1.6"},
        ]}),
    ));
    let two = id_of(&create(&mut bench, &net, json!({})));
    let associate =
        json!({"AllocationId": eip, "NetworkInterfaceId": one, "PrivateIpAddress": "10.0.1.6"});
    bench.ok("AssociateAddress", associate);
    let shown = described(&mut bench, &one);
    assert!(
        shown.get("Association").is_none_or(Value::is_null),
        "the primary has none"
    );
    assert_eq!(
        shown["PrivateIpAddresses"][1]["Association"]["AllocationId"],
        eip
    );
    assert_eq!(
        shown["PrivateIpAddresses"][1]["Association"]["IpOwnerId"],
        ACCOUNT
    );

    bench.ok("AssignPrivateIpAddresses", json!({
        "NetworkInterfaceId": two, "PrivateIpAddresses": ["10.0.1.6"], "AllowReassignment": true,
    }));
    let address = bench.ok("DescribeAddresses", json!({"AllocationIds": [eip]}));
    assert_eq!(address["Addresses"][0]["NetworkInterfaceId"], two);
    bench.ok("DeleteNetworkInterface", json!({"NetworkInterfaceId": two}));
    let address = bench.ok("DescribeAddresses", json!({"AllocationIds": [eip]}));
    assert!(
        address["Addresses"][0]
            .get("AssociationId")
            .is_none_or(Value::is_null)
    );
}

#[test]
fn interfaces_are_found_by_filters_and_in_pages() {
    let (mut bench, vpc, net) = lab();
    let (instance, _) = launch(&mut bench, &net);
    for _ in 0..6 {
        create(&mut bench, &net, json!({"Description": "spare"}));
    }
    for (name, value, wanted) in [
        ("subnet-id", net.as_str(), 7),
        ("vpc-id", &vpc, 7),
        ("status", "available", 6),
        ("status", "in-use", 1),
        ("attachment.instance-id", &instance, 1),
        ("attachment.device-index", "0", 1),
        ("attachment.status", "attaching", 1),
        ("description", "spare", 6),
        ("group-name", "default", 7),
        ("addresses.primary", "true", 7),
        ("interface-type", "nat_gateway", 0),
        ("requester-managed", "false", 7),
    ] {
        let filters = json!([{"Name": name, "Values": [value]}]);
        let found = bench.ok("DescribeNetworkInterfaces", json!({"Filters": filters}));
        assert_eq!(count(&found, "NetworkInterfaces"), wanted, "{name}={value}");
    }
    let first = bench.ok("DescribeNetworkInterfaces", json!({"MaxResults": 5}));
    assert_eq!(count(&first, "NetworkInterfaces"), 5);
    let rest = json!({"MaxResults": 5, "NextToken": first["NextToken"]});
    let rest = bench.ok("DescribeNetworkInterfaces", rest);
    assert_eq!(count(&rest, "NetworkInterfaces"), 2);
    assert!(rest.get("NextToken").is_none());
    for (id, code) in [
        (
            "eni-0123456789abcdef0",
            "InvalidNetworkInterfaceID.NotFound",
        ),
        ("eni-x", "InvalidNetworkInterfaceId.Malformed"),
    ] {
        let input = json!({"NetworkInterfaceIds": [id]});
        assert_eq!(bench.refused("DescribeNetworkInterfaces", input), code);
    }
}
