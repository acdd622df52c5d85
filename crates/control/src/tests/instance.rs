use openvpc_model::{Event, InstanceId, Region, UnixMillis};
use serde_json::{Value, json};

use crate::lifecycle;
use crate::testing::{Bench, START, count, text};

const AMI: &str = "ami-0123456789abcdef0";

/// A VPC outside the default one, with a subnet in zone a.
fn lab() -> (Bench, String, String) {
    let mut bench = Bench::new();
    let vpc = bench.ok("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let vpc = text(&vpc, "/Vpc/VpcId");
    let subnet = subnet(&mut bench, &vpc, "10.0.1.0/24", "us-east-1a");
    (bench, vpc, subnet)
}

fn subnet(bench: &mut Bench, vpc: &str, cidr: &str, zone: &str) -> String {
    let input = json!({"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": zone});
    text(&bench.ok("CreateSubnet", input), "/Subnet/SubnetId")
}

fn request(part: Value) -> Value {
    let mut input =
        json!({"ImageId": AMI, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1});
    for (name, value) in part.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

fn launch(bench: &mut Bench, part: Value) -> Value {
    bench.ok("RunInstances", request(part))["Instances"][0].clone()
}

fn id_of(instance: &Value) -> String {
    text(instance, "/InstanceId")
}

fn described(bench: &mut Bench, id: &str) -> Value {
    let answer = bench.ok("DescribeInstances", json!({"InstanceIds": [id]}));
    answer["Reservations"][0]["Instances"][0].clone()
}

fn state(bench: &mut Bench, id: &str) -> String {
    text(&described(bench, id), "/State/Name")
}

/// Lets happen what the daemon would report.
fn happen(bench: &mut Bench, id: &str, what: fn(&Region, InstanceId, UnixMillis) -> Vec<Event>) {
    let region = &bench.world.regions[&bench.region];
    let events = what(region, id.parse().unwrap(), bench.now);
    bench.apply("Happening", events);
}

fn running(bench: &mut Bench, part: Value) -> String {
    let id = id_of(&launch(bench, part));
    happen(bench, &id, lifecycle::started);
    id
}

fn refused(bench: &mut Bench, part: Value) -> String {
    bench.refused("RunInstances", request(part))
}

#[test]
fn a_launch_answers_pending_with_its_interface() {
    let (mut bench, vpc, net) = lab();
    let instance = launch(
        &mut bench,
        json!({"SubnetId": net, "PrivateIpAddress": "10.0.1.5", "KeyName": "k"}),
    );
    assert_eq!(instance["State"], json!({"Code": 0, "Name": "pending"}));
    for (member, value) in [
        ("ImageId", AMI),
        ("InstanceType", "t3.micro"),
        ("VpcId", &vpc),
        ("SubnetId", &net),
        ("PrivateIpAddress", "10.0.1.5"),
        ("PrivateDnsName", "ip-10-0-1-5.ec2.internal"),
        ("PublicDnsName", ""),
        ("KeyName", "k"),
    ] {
        assert_eq!(instance[member], value, "{member}");
    }
    assert_eq!(instance["Placement"]["AvailabilityZone"], "us-east-1a");
    assert_eq!(instance["SecurityGroups"][0]["GroupName"], "default");
    let eth0 = &instance["NetworkInterfaces"][0];
    assert_eq!(eth0["Attachment"]["DeviceIndex"], 0);
    assert_eq!(eth0["Attachment"]["DeleteOnTermination"], true);
    assert_eq!(eth0["Attachment"]["Status"], "attaching");
    assert!(eth0.get("Association").is_none_or(Value::is_null));

    let id = id_of(&instance);
    happen(&mut bench, &id, lifecycle::started);
    let shown = described(&mut bench, &id);
    assert_eq!(shown["State"], json!({"Code": 16, "Name": "running"}));
    assert_eq!(
        shown["NetworkInterfaces"][0]["Attachment"]["Status"],
        "attached"
    );
}

#[test]
fn many_instances_of_a_launch_have_distinct_addresses_and_one_reservation() {
    let (mut bench, _, net) = lab();
    let tags = json!([
        {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "web"}]},
        {"ResourceType": "network-interface", "Tags": [{"Key": "Name", "Value": "nic"}]},
        {"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": "disk"}]},
    ]);
    let input =
        request(json!({"SubnetId": net, "MinCount": 2, "MaxCount": 5, "TagSpecifications": tags}));
    let answer = bench.ok("RunInstances", input);
    let instances = answer["Instances"].as_array().unwrap();
    let mut ips: Vec<_> = instances
        .iter()
        .map(|i| text(i, "/PrivateIpAddress"))
        .collect();
    ips.sort();
    ips.dedup();
    assert_eq!(ips.len(), 5);
    for (n, instance) in instances.iter().enumerate() {
        assert_eq!(instance["AmiLaunchIndex"], n);
        assert_eq!(instance["Tags"], json!([{"Key": "Name", "Value": "web"}]));
    }
    let all = bench.ok("DescribeInstances", json!({}));
    assert_eq!(count(&all, "Reservations"), 1);
    assert_eq!(all["Reservations"][0], answer);
    let nics = json!({"Filters": [{"Name": "tag:Name", "Values": ["nic"]}]});
    assert_eq!(
        count(
            &bench.ok("DescribeNetworkInterfaces", nics),
            "NetworkInterfaces"
        ),
        5
    );
}

#[test]
fn without_a_subnet_the_default_one_of_the_zone_is_taken() {
    let mut bench = Bench::new();
    let instance = launch(&mut bench, json!({"SecurityGroups": ["default"]}));
    assert_eq!(instance["Placement"]["AvailabilityZone"], "us-east-1a");
    assert!(text(&instance, "/PublicIpAddress").starts_with("192.0.2."));
    assert!(text(&instance, "/PublicDnsName").starts_with("ec2-192-0-2-"));
    assert_eq!(
        instance["NetworkInterfaces"][0]["Association"]["IpOwnerId"],
        "amazon"
    );
    let there = json!({"Placement": {"AvailabilityZone": "us-east-1c"}});
    let instance = launch(&mut bench, there);
    assert_eq!(instance["Placement"]["AvailabilityZone"], "us-east-1c");
    let nowhere = json!({"Placement": {"AvailabilityZone": "us-east-1z"}});
    assert_eq!(refused(&mut bench, nowhere), "InvalidParameterValue");
}

#[test]
fn what_a_launch_refuses() {
    let (mut bench, vpc, net) = lab();
    let away = subnet(&mut bench, &vpc, "10.0.2.0/24", "us-east-1b");
    let eni = bench.ok("CreateNetworkInterface", json!({"SubnetId": net}));
    let eni = text(&eni, "/NetworkInterface/NetworkInterfaceId");
    let before = bench.world.clone();
    for (part, code) in [
        (json!({"ImageId": null}), "MissingParameter"),
        (json!({"ImageId": "ami-x"}), "InvalidAMIID.Malformed"),
        (json!({"InstanceType": "tiny"}), "InvalidParameterValue"),
        (json!({"MinCount": null}), "MissingParameter"),
        (json!({"MinCount": 0}), "InvalidParameterValue"),
        (json!({"MinCount": 3}), "InvalidParameterValue"),
        (
            json!({"MinCount": 2000, "MaxCount": 2000}),
            "InstanceLimitExceeded",
        ),
        (
            json!({"SubnetId": "subnet-0123456789abcdef0"}),
            "InvalidSubnetID.NotFound",
        ),
        (
            json!({"SubnetId": net, "SecurityGroupIds": ["sg-0123456789abcdef0"]}),
            "InvalidGroup.NotFound",
        ),
        (
            json!({"SubnetId": net, "SecurityGroups": ["default"]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SubnetId": net, "PrivateIpAddress": "10.0.1.3"}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": net, "PrivateIpAddress": "10.0.1.9", "MaxCount": 2}),
            "InvalidParameterCombination",
        ),
        (
            json!({"SubnetId": net, "Ipv6AddressCount": 1}),
            "InvalidParameterValue",
        ),
        (
            json!({"SubnetId": net, "Placement": {"AvailabilityZone": "us-east-1b"}}),
            "InvalidParameterValue",
        ),
        (
            json!({"UserData": "not base64!"}),
            "InvalidUserData.Malformed",
        ),
        (
            json!({"UserData": "QUFB".repeat(6000)}),
            "InvalidParameterValue",
        ),
        (
            json!({"InstanceInitiatedShutdownBehavior": "sleep"}),
            "InvalidParameterValue",
        ),
        (
            json!({"MetadataOptions": {"HttpTokens": "never"}}),
            "InvalidParameterValue",
        ),
        (
            json!({"TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "k", "Value": "v"}]}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"LaunchTemplate": {"LaunchTemplateName": "x"}}),
            "UnsupportedOperation",
        ),
        (
            json!({"SubnetId": net, "NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": net}]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"NetworkInterfaces": [{"SubnetId": net}]}),
            "MissingParameter",
        ),
        (
            json!({"NetworkInterfaces": [{"DeviceIndex": 1, "SubnetId": net}]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": net}, {"DeviceIndex": 0, "SubnetId": net}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": net}, {"DeviceIndex": 1, "SubnetId": away}]}),
            "InvalidParameterValue",
        ),
        (
            json!({"NetworkInterfaces": [{"DeviceIndex": 0, "NetworkInterfaceId": eni, "AssociatePublicIpAddress": true}]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"NetworkInterfaces": [{"DeviceIndex": 0, "NetworkInterfaceId": eni}], "MaxCount": 2}),
            "InvalidParameterCombination",
        ),
    ] {
        assert_eq!(refused(&mut bench, part.clone()), code, "{part}");
    }
    assert_eq!(bench.world, before, "a refused launch makes nothing");
}

#[test]
fn interfaces_as_listed_new_and_existing() {
    let (mut bench, _, net) = lab();
    let eni = bench.ok(
        "CreateNetworkInterface",
        json!({"SubnetId": net, "PrivateIpAddress": "10.0.1.9"}),
    );
    let eni = text(&eni, "/NetworkInterface/NetworkInterfaceId");
    let listed = json!({"NetworkInterfaces": [
        {"DeviceIndex": 1, "SubnetId": net, "PrivateIpAddress": "10.0.1.8", "DeleteOnTermination": false},
        {"DeviceIndex": 0, "NetworkInterfaceId": eni},
    ]});
    let instance = launch(&mut bench, listed.clone());
    assert_eq!(instance["PrivateIpAddress"], "10.0.1.9");
    let nics = instance["NetworkInterfaces"].as_array().unwrap();
    assert_eq!(nics.len(), 2);
    assert_eq!(nics[0]["NetworkInterfaceId"], eni);
    assert_eq!(
        nics[0]["Attachment"]["DeleteOnTermination"], false,
        "an existing interface stays"
    );
    assert_eq!(nics[1]["PrivateIpAddress"], "10.0.1.8");
    assert_eq!(refused(&mut bench, listed), "InvalidNetworkInterface.InUse");

    let id = id_of(&instance);
    happen(&mut bench, &id, lifecycle::started);
    bench.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    happen(&mut bench, &id, lifecycle::ended);
    let left = bench.ok(
        "DescribeNetworkInterfaces",
        json!({"Filters": [{"Name": "status", "Values": ["available"]}]}),
    );
    assert_eq!(count(&left, "NetworkInterfaces"), 2);
}

#[test]
fn eip_3_a_public_address_is_lent_at_launch_and_lost_at_stop() {
    let (mut bench, _, net) = lab();
    let public = json!({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": net, "AssociatePublicIpAddress": true}]});
    let id = running(&mut bench, public);
    let lent = text(&described(&mut bench, &id), "/PublicIpAddress");
    let elastic = text(&bench.ok("AllocateAddress", json!({})), "/PublicIp");
    assert_ne!(lent, elastic, "one pool, no address twice");
    bench.ok("StopInstances", json!({"InstanceIds": [id]}));
    happen(&mut bench, &id, lifecycle::ended);
    let shown = described(&mut bench, &id);
    assert_eq!(shown["State"]["Name"], "stopped");
    assert!(shown.get("PublicIpAddress").is_none_or(Value::is_null));
    bench.ok("StartInstances", json!({"InstanceIds": [id]}));
    assert!(text(&described(&mut bench, &id), "/PublicIpAddress").starts_with("192.0.2."));
    // The subnet's attribute gives one too, and the launch may refuse it.
    bench.ok(
        "ModifySubnetAttribute",
        json!({"SubnetId": net, "MapPublicIpOnLaunch": {"Value": true}}),
    );
    assert!(launch(&mut bench, json!({"SubnetId": net}))["PublicIpAddress"].is_string());
    let private = json!({"NetworkInterfaces": [{"DeviceIndex": 0, "SubnetId": net, "AssociatePublicIpAddress": false}]});
    assert!(!launch(&mut bench, private)["PublicIpAddress"].is_string());
}

#[test]
fn a_reboot_is_asked_for_and_changes_no_state() {
    let (mut bench, _, net) = lab();
    let id = running(&mut bench, json!({"SubnetId": net}));
    let (ids, before) = (json!({"InstanceIds": [id]}), described(&mut bench, &id));
    assert_eq!(bench.ok("RebootInstances", ids.clone()), json!({}));
    assert_eq!(described(&mut bench, &id), before);
    bench.ok("StopInstances", ids.clone());
    assert_eq!(
        bench.refused("RebootInstances", ids.clone()),
        "IncorrectInstanceState"
    );
    happen(&mut bench, &id, lifecycle::ended);
    assert_eq!(
        bench.refused("RebootInstances", ids),
        "IncorrectInstanceState"
    );
    let unknown = json!({"InstanceIds": ["i-0123456789abcdef0"]});
    assert_eq!(
        bench.refused("RebootInstances", unknown),
        "InvalidInstanceID.NotFound"
    );
}

#[test]
fn states_and_what_may_follow_them() {
    let (mut bench, _, net) = lab();
    let id = id_of(&launch(&mut bench, json!({"SubnetId": net})));
    let ids = json!({"InstanceIds": [id]});
    assert_eq!(
        bench.refused("StopInstances", ids.clone()),
        "IncorrectInstanceState"
    );
    happen(&mut bench, &id, lifecycle::started);
    let change = bench.ok("StopInstances", ids.clone());
    assert_eq!(
        change["StoppingInstances"][0]["PreviousState"]["Name"],
        "running"
    );
    assert_eq!(
        change["StoppingInstances"][0]["CurrentState"],
        json!({"Code": 64, "Name": "stopping"})
    );
    assert_eq!(
        bench.refused("StartInstances", ids.clone()),
        "IncorrectInstanceState"
    );
    happen(&mut bench, &id, lifecycle::ended);
    assert_eq!(
        described(&mut bench, &id)["State"],
        json!({"Code": 80, "Name": "stopped"})
    );
    assert_eq!(
        described(&mut bench, &id)["StateReason"]["Code"],
        "Client.UserInitiatedShutdown"
    );
    bench.ok("StartInstances", ids.clone());
    assert_eq!(state(&mut bench, &id), "pending");
    happen(&mut bench, &id, lifecycle::started);
    bench.ok("TerminateInstances", ids.clone());
    assert_eq!(
        described(&mut bench, &id)["State"],
        json!({"Code": 32, "Name": "shutting-down"})
    );
    happen(&mut bench, &id, lifecycle::ended);
    let shown = described(&mut bench, &id);
    assert_eq!(shown["State"], json!({"Code": 48, "Name": "terminated"}));
    assert_eq!(count(&shown, "NetworkInterfaces"), 0);
    assert!(
        shown.get("SubnetId").is_none(),
        "a terminated instance has no network"
    );
    bench.ok("TerminateInstances", ids.clone());
    assert_eq!(
        bench.refused("StartInstances", ids.clone()),
        "IncorrectInstanceState"
    );
    bench.ok("RebootInstances", ids.clone());
    // Visible for an hour.
    bench.now += 3_600_000;
    let region = &bench.world.regions[&bench.region];
    assert_eq!(lifecycle::expired(region, bench.now - 1), []);
    assert_eq!(lifecycle::expired(region, bench.now), [id.parse().unwrap()]);
    happen(&mut bench, &id, lifecycle::remove);
    assert_eq!(
        bench.refused("DescribeInstances", ids),
        "InvalidInstanceID.NotFound"
    );
}

#[test]
fn an_instance_that_ends_by_itself_does_as_its_attribute_says() {
    for (behavior, wanted) in [("stop", "stopped"), ("terminate", "terminated")] {
        let (mut bench, _, net) = lab();
        let part = json!({"SubnetId": net, "InstanceInitiatedShutdownBehavior": behavior});
        let id = running(&mut bench, part);
        happen(&mut bench, &id, lifecycle::shut_down);
        assert_eq!(state(&mut bench, &id), wanted);
    }
    let (mut bench, _, net) = lab();
    let id = id_of(&launch(&mut bench, json!({"SubnetId": net})));
    happen(&mut bench, &id, |region, id, now| {
        lifecycle::start_failed(region, id, now, "no room")
    });
    let shown = described(&mut bench, &id);
    assert_eq!(shown["State"]["Name"], "terminated");
    assert!(text(&shown, "/StateReason/Message").contains("no room"));
}

#[test]
fn instances_are_changed_together_or_not_at_all() {
    let (mut bench, _, net) = lab();
    let one = running(&mut bench, json!({"SubnetId": net}));
    let guarded = running(
        &mut bench,
        json!({"SubnetId": net, "DisableApiTermination": true}),
    );
    let both = json!({"InstanceIds": [one, guarded]});
    assert_eq!(
        bench.refused("TerminateInstances", both),
        "OperationNotPermitted"
    );
    let unknown = json!({"InstanceIds": [one, "i-0123456789abcdef0"]});
    assert_eq!(
        bench.refused("TerminateInstances", unknown),
        "InvalidInstanceID.NotFound"
    );
    let malformed = json!({"InstanceIds": [one, "i-x"]});
    assert_eq!(
        bench.refused("StopInstances", malformed),
        "InvalidInstanceID.Malformed"
    );
    assert_eq!(
        bench.refused("StopInstances", json!({"InstanceIds": []})),
        "MissingParameter"
    );
    assert_eq!(state(&mut bench, &one), "running");
    let open = json!({"InstanceId": guarded, "DisableApiTermination": {"Value": false}});
    bench.ok("ModifyInstanceAttribute", open);
    bench.ok("TerminateInstances", json!({"InstanceIds": [one, guarded]}));
}

#[test]
fn attributes_are_read_and_changed_one_at_a_time() {
    let (mut bench, vpc, net) = lab();
    let id = running(&mut bench, json!({"SubnetId": net, "UserData": "ZWNobw=="}));
    let asked = |bench: &mut Bench, attribute: &str| {
        bench.ok(
            "DescribeInstanceAttribute",
            json!({"InstanceId": id, "Attribute": attribute}),
        )
    };
    assert_eq!(
        asked(&mut bench, "userData")["UserData"]["Value"],
        "ZWNobw=="
    );
    assert_eq!(
        asked(&mut bench, "instanceType")["InstanceType"]["Value"],
        "t3.micro"
    );
    for attribute in [
        "kernel",
        "ramdisk",
        "disableApiTermination",
        "disableApiStop",
        "rootDeviceName",
        "blockDeviceMapping",
        "productCodes",
        "sourceDestCheck",
        "groupSet",
        "ebsOptimized",
        "sriovNetSupport",
        "enaSupport",
        "enclaveOptions",
        "instanceInitiatedShutdownBehavior",
    ] {
        assert_eq!(
            asked(&mut bench, attribute).as_object().unwrap().len(),
            2,
            "{attribute}"
        );
    }
    let group = json!({"GroupName": "web", "Description": "x", "VpcId": vpc});
    let group = text(&bench.ok("CreateSecurityGroup", group), "/GroupId");
    for part in [
        json!({"Groups": [group]}),
        json!({"SourceDestCheck": {"Value": false}}),
        json!({"InstanceInitiatedShutdownBehavior": {"Value": "terminate"}}),
        json!({"Attribute": "disableApiTermination", "Value": "true"}),
    ] {
        let mut input = part;
        input["InstanceId"] = json!(id);
        bench.ok("ModifyInstanceAttribute", input);
    }
    let shown = described(&mut bench, &id);
    assert_eq!(
        shown["SecurityGroups"],
        json!([{"GroupId": group, "GroupName": "web"}])
    );
    assert_eq!(shown["SourceDestCheck"], false);
    let behavior = asked(&mut bench, "instanceInitiatedShutdownBehavior");
    assert_eq!(
        behavior["InstanceInitiatedShutdownBehavior"]["Value"],
        "terminate"
    );
    assert_eq!(
        asked(&mut bench, "disableApiTermination")["DisableApiTermination"]["Value"],
        true
    );
    for (part, code) in [
        (json!({}), "InvalidParameterCombination"),
        (
            json!({"SourceDestCheck": {"Value": true}, "Groups": [group]}),
            "InvalidParameterCombination",
        ),
        (
            json!({"UserData": {"Value": "eA=="}}),
            "IncorrectInstanceState",
        ),
        (
            json!({"Attribute": "kernel", "Value": "x"}),
            "InvalidParameterValue",
        ),
    ] {
        let mut input = part.clone();
        input["InstanceId"] = json!(id);
        assert_eq!(
            bench.refused("ModifyInstanceAttribute", input),
            code,
            "{part}"
        );
    }
    let options = json!({"InstanceId": id, "HttpTokens": "required", "HttpPutResponseHopLimit": 2});
    let answer = bench.ok("ModifyInstanceMetadataOptions", options);
    assert_eq!(answer["InstanceMetadataOptions"]["HttpTokens"], "required");
    assert_eq!(
        described(&mut bench, &id)["MetadataOptions"]["HttpPutResponseHopLimit"],
        2
    );
}

/// EC2 API reference, GetConsoleOutput; what was printed, the daemon adds.
#[test]
fn console_output_is_of_an_instance_that_is_seen() {
    let (mut bench, _, net) = lab();
    let id = running(&mut bench, json!({"SubnetId": net}));
    let ask = json!({"InstanceId": id});
    assert_eq!(bench.ok("GetConsoleOutput", ask.clone())["InstanceId"], id);
    bench.ok("TerminateInstances", json!({"InstanceIds": [id]}));
    assert_eq!(bench.ok("GetConsoleOutput", ask)["InstanceId"], id);
    let refused =
        |bench: &mut Bench, id: &str| bench.refused("GetConsoleOutput", json!({"InstanceId": id}));
    let unknown = refused(&mut bench, "i-0123456789abcdef0");
    assert_eq!(unknown, "InvalidInstanceID.NotFound");
    assert_eq!(refused(&mut bench, "i-x"), "InvalidInstanceID.Malformed");
}

#[test]
fn status_types_images_credits_and_volumes() {
    let (mut bench, _, net) = lab();
    let id = running(&mut bench, json!({"SubnetId": net}));
    launch(
        &mut bench,
        json!({"SubnetId": net, "InstanceType": "m5.large"}),
    );
    let status = bench.ok("DescribeInstanceStatus", json!({}));
    assert_eq!(count(&status, "InstanceStatuses"), 1);
    assert_eq!(
        status["InstanceStatuses"][0]["InstanceStatus"]["Status"],
        "ok"
    );
    let all = bench.ok(
        "DescribeInstanceStatus",
        json!({"IncludeAllInstances": true}),
    );
    assert_eq!(count(&all, "InstanceStatuses"), 2);
    let credits = bench.ok("DescribeInstanceCreditSpecifications", json!({}));
    assert_eq!(
        credits["InstanceCreditSpecifications"],
        json!([{"InstanceId": id, "CpuCredits": "unlimited"}])
    );

    let types = bench.ok(
        "DescribeInstanceTypes",
        json!({"InstanceTypes": ["c6i.large"]}),
    );
    assert_eq!(
        types["InstanceTypes"][0]["NetworkInfo"]["MaximumNetworkInterfaces"],
        3
    );
    let code = bench.refused("DescribeInstanceTypes", json!({"InstanceTypes": ["large"]}));
    assert_eq!(code, "InvalidInstanceType");
    assert_eq!(
        bench.ok("DescribeImages", json!({}))["Images"][0]["ImageId"],
        AMI
    );
    let named = bench.ok("DescribeImages", json!({"ImageIds": ["ami-12345678"]}));
    assert_eq!(named["Images"][0]["ImageId"], "ami-12345678");
    assert_eq!(
        count(
            &bench.ok("DescribeImages", json!({"Owners": ["self"]})),
            "Images"
        ),
        0
    );
    // Templates look for an image by its name and its maker.
    let latest = json!({"Owners": ["099720109477"], "Filters": [
        {"Name": "name", "Values": ["ubuntu/images/hvm-ssd/ubuntu-*-amd64-server-*"]},
        {"Name": "virtualization-type", "Values": ["hvm"]},
    ]});
    assert_eq!(
        bench.ok("DescribeImages", latest)["Images"][0]["ImageId"],
        AMI
    );
    let arm = json!({"Filters": [{"Name": "architecture", "Values": ["arm64"]}]});
    assert_eq!(count(&bench.ok("DescribeImages", arm), "Images"), 0);
    let unknown = json!({"Filters": [{"Name": "colour", "Values": ["red"]}]});
    assert_eq!(
        bench.refused("DescribeImages", unknown),
        "InvalidParameterValue"
    );
    assert_eq!(count(&bench.ok("DescribeVolumes", json!({})), "Volumes"), 0);
    let volume = json!({"VolumeIds": ["vol-0123456789abcdef0"]});
    assert_eq!(
        bench.refused("DescribeVolumes", volume),
        "InvalidVolume.NotFound"
    );
}

#[test]
fn instances_are_found_by_filters_in_pages_and_by_token() {
    let (mut bench, vpc, net) = lab();
    let id = running(
        &mut bench,
        json!({"SubnetId": net, "PrivateIpAddress": "10.0.1.5", "ClientToken": "once"}),
    );
    bench.ok(
        "RunInstances",
        request(json!({"SubnetId": net, "MinCount": 6, "MaxCount": 6})),
    );
    let found = |bench: &mut Bench, name: &str, value: &str| -> usize {
        let filters = json!([{"Name": name, "Values": [value]}]);
        let answer = bench.ok("DescribeInstances", json!({"Filters": filters}));
        let launches = answer["Reservations"].as_array().unwrap();
        launches.iter().map(|r| count(r, "Instances")).sum()
    };
    for (name, value, wanted) in [
        ("vpc-id", vpc.as_str(), 7),
        ("instance-state-name", "running", 1),
        ("instance-state-code", "0", 6),
        ("private-ip-address", "10.0.1.5", 1),
        ("private-dns-name", "ip-10-0-1-5.*", 1),
        (
            "network-interface.addresses.private-ip-address",
            "10.0.1.5",
            1,
        ),
        ("availability-zone", "us-east-1a", 7),
        ("client-token", "once", 1),
        ("group-name", "default", 7),
        ("instance-type", "t2.micro", 0),
    ] {
        assert_eq!(found(&mut bench, name, value), wanted, "{name}={value}");
    }
    let page = bench.ok("DescribeInstances", json!({"MaxResults": 5}));
    assert!(page["NextToken"].is_string());
    let both = json!({"MaxResults": 5, "InstanceIds": [id]});
    assert_eq!(
        bench.refused("DescribeInstances", both),
        "InvalidParameterCombination"
    );
    let again =
        request(json!({"SubnetId": net, "PrivateIpAddress": "10.0.1.5", "ClientToken": "once"}));
    assert_eq!(id_of(&bench.ok("RunInstances", again)["Instances"][0]), id);
    let other = json!({"SubnetId": net, "ClientToken": "once"});
    assert_eq!(refused(&mut bench, other), "IdempotentParameterMismatch");
}

#[test]
fn another_account_sees_and_changes_nothing_of_it() {
    let (mut bench, _, net) = lab();
    let id = running(&mut bench, json!({"SubnetId": net}));
    bench.account = "999999999999".parse().unwrap();
    assert_eq!(
        count(&bench.ok("DescribeInstances", json!({})), "Reservations"),
        0
    );
    let ids = json!({"InstanceIds": [id]});
    assert_eq!(
        bench.refused("TerminateInstances", ids),
        "InvalidInstanceID.NotFound"
    );
    assert_eq!(
        refused(&mut bench, json!({"SubnetId": net})),
        "InvalidSubnetID.NotFound"
    );
    assert_eq!(bench.now, START);
}

/// Terraform sends a placement with every member, empty where nothing is wished.
#[test]
fn members_that_are_empty_say_nothing() {
    let (mut bench, _, net) = lab();
    let instance = launch(
        &mut bench,
        json!({
            "Placement": {"AvailabilityZone": "", "GroupName": ""}, "KeyName": "", "UserData": "",
            "InstanceInitiatedShutdownBehavior": "", "NetworkInterfaces": [
                {"DeviceIndex": 0, "SubnetId": net, "PrivateIpAddress": "", "NetworkInterfaceId": ""},
            ],
        }),
    );
    assert_eq!(instance["SubnetId"], net);
    assert!(instance.get("KeyName").is_none_or(Value::is_null));
}

/// A launch of more instances than the subnet has addresses is refused whole, in a default subnet too, where each wants a
/// public address as well.
#[test]
fn a_launch_beyond_the_subnets_addresses_is_refused() {
    let (mut bench, vpc, _) = lab();
    let small = subnet(&mut bench, &vpc, "10.0.9.0/28", "us-east-1a");
    let many = |n: i64| json!({"MinCount": 1, "MaxCount": n});
    let mut of_small = many(12);
    of_small["SubnetId"] = json!(small);
    assert_eq!(
        refused(&mut bench, of_small.clone()),
        "InsufficientFreeAddressesInSubnet"
    );
    assert_eq!(
        refused(&mut bench, many(100_000)),
        "InsufficientFreeAddressesInSubnet"
    );
    of_small["MaxCount"] = json!(11);
    assert_eq!(
        bench.ok("RunInstances", request(of_small))["Instances"]
            .as_array()
            .map(Vec::len),
        Some(11)
    );
}
