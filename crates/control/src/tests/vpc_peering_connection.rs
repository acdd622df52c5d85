use openvpc_model::*;
use serde_json::{Value, json};

use crate::lifecycle;
use crate::testing::{ACCOUNT, Bench, START, count, text};

const OTHER: &str = "210987654321";
const HOUR: UnixMillis = 3_600_000;
const FAILED: &str = "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range";

fn vpc(bench: &mut Bench, cidr: &str) -> String {
    let made = bench.ok("CreateVpc", json!({"CidrBlock": cidr}));
    text(&made, "/Vpc/VpcId")
}

fn request(bench: &mut Bench, near: &str, far: &str) -> String {
    let made = bench.ok(
        "CreateVpcPeeringConnection",
        json!({"VpcId": near, "PeerVpcId": far}),
    );
    text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId")
}

fn id(peering: &str) -> Value {
    json!({"VpcPeeringConnectionId": peering})
}

/// Two VPCs, peered.
fn peered() -> (Bench, String, String, String) {
    let mut bench = Bench::new();
    let (a, b) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.1.0.0/16"),
    );
    let peering = request(&mut bench, &a, &b);
    bench.ok("AcceptVpcPeeringConnection", id(&peering));
    (bench, a, b, peering)
}

fn seen(bench: &mut Bench, peering: &str) -> Value {
    let ids = json!({"VpcPeeringConnectionIds": [peering]});
    bench.ok("DescribeVpcPeeringConnections", ids)["VpcPeeringConnections"][0].clone()
}

fn status(bench: &mut Bench, peering: &str) -> String {
    text(&seen(bench, peering), "/Status/Code")
}

#[test]
fn golden_vpc_peering_connection() {
    let mut bench = Bench::new();
    let (a, b) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.1.0.0/16"),
    );
    let create = json!({
        "VpcId": a,
        "PeerVpcId": b,
        "TagSpecifications": [{
            "ResourceType": "vpc-peering-connection",
            "Tags": [{"Key": "Name", "Value": "a-b"}],
        }],
    });
    let made = bench.golden("CreateVpcPeeringConnection", create);
    let peering = text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId");
    bench.golden("AcceptVpcPeeringConnection", id(&peering));
    let ids = json!({"VpcPeeringConnectionIds": [peering]});
    bench.golden("DescribeVpcPeeringConnections", ids);
}

#[test]
fn pcx_1_to_3_and_6_a_request_is_pending_until_it_is_accepted() {
    let mut bench = Bench::new();
    let (a, b) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.1.0.0/16"),
    );
    let made = bench.ok(
        "CreateVpcPeeringConnection",
        json!({"VpcId": a, "PeerVpcId": b}),
    );
    let made = &made["VpcPeeringConnection"];
    assert_eq!(made["Status"]["Code"], "initiating-request");
    let peering = text(made, "/VpcPeeringConnectionId");
    let pending = seen(&mut bench, &peering);
    assert_eq!(pending["Status"]["Code"], "pending-acceptance");
    assert_eq!(
        pending["Status"]["Message"],
        format!("Pending Acceptance by {ACCOUNT}")
    );
    assert_eq!(pending["ExpirationTime"], START + 7 * 24 * HOUR);
    assert_eq!(pending["RequesterVpcInfo"]["CidrBlock"], "10.0.0.0/16");
    assert!(pending["AccepterVpcInfo"]["CidrBlock"].is_null(), "PCX-2");
    let accepted = bench.ok("AcceptVpcPeeringConnection", id(&peering));
    assert_eq!(
        accepted["VpcPeeringConnection"]["Status"]["Code"],
        "provisioning"
    );
    let active = seen(&mut bench, &peering);
    assert_eq!(
        active["Status"],
        json!({"Code": "active", "Message": "Active"})
    );
    assert_eq!(active["AccepterVpcInfo"]["CidrBlock"], "10.1.0.0/16");
    assert_eq!(active["AccepterVpcInfo"]["Region"], "us-east-1");
    assert!(active["ExpirationTime"].is_null());
}

#[test]
fn pcx_3_and_4_what_cannot_be_is_taken_and_fails() {
    let mut bench = Bench::new();
    let (a, d) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.0.128.0/17"),
    );
    let unknown = request(&mut bench, &a, "vpc-0123456789abcdef0");
    let overlapping = request(&mut bench, &a, &d);
    let b = vpc(&mut bench, "10.1.0.0/16");
    let stranger = json!({"VpcId": a, "PeerVpcId": b, "PeerOwnerId": OTHER});
    let stranger = bench.ok("CreateVpcPeeringConnection", stranger);
    let stranger = text(&stranger, "/VpcPeeringConnection/VpcPeeringConnectionId");
    for peering in [unknown, overlapping, stranger] {
        let failed = seen(&mut bench, &peering);
        assert_eq!(
            failed["Status"],
            json!({"Code": "failed", "Message": FAILED})
        );
        for action in [
            "AcceptVpcPeeringConnection",
            "RejectVpcPeeringConnection",
            "DeleteVpcPeeringConnection",
        ] {
            let code = bench.refused(action, id(&peering));
            let other_account = code == "OperationNotPermitted";
            assert!(code == "InvalidStateTransition" || other_account, "{code}");
        }
    }
}

#[test]
fn pcx_5_there_is_one_live_connection_between_two_vpcs() {
    let (mut bench, a, b, peering) = peered();
    for (near, far) in [(&a, &b), (&b, &a)] {
        let again = json!({"VpcId": near, "PeerVpcId": far});
        assert_eq!(
            bench.refused("CreateVpcPeeringConnection", again),
            "VpcPeeringConnectionAlreadyExists"
        );
    }
    let itself = json!({"VpcId": a, "PeerVpcId": a});
    assert_eq!(
        bench.refused("CreateVpcPeeringConnection", itself),
        "InvalidParameterValue"
    );
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    request(&mut bench, &b, &a);
}

/// PCX-6, PCX-8, PCX-9: who may do what, in two accounts.
#[test]
fn each_account_has_its_part() {
    let mut bench = Bench::new();
    let a = vpc(&mut bench, "10.0.0.0/16");
    let this = bench.account.clone();
    let other: AccountId = OTHER.parse().unwrap();
    bench.account = other.clone();
    let b = vpc(&mut bench, "10.1.0.0/16");
    bench.account = this.clone();
    let ask = json!({"VpcId": a, "PeerVpcId": b, "PeerOwnerId": OTHER});
    let made = bench.ok("CreateVpcPeeringConnection", ask.clone());
    let peering = text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId");
    let refusal = bench.refusal("AcceptVpcPeeringConnection", id(&peering));
    assert_eq!(refusal.code(), "OperationNotPermitted");
    assert_eq!(
        refusal.message(),
        format!("User ({ACCOUNT}) cannot accept peering {peering}")
    );
    assert_eq!(
        bench.refused("RejectVpcPeeringConnection", id(&peering)),
        "OperationNotPermitted"
    );
    // The accepter sees it, and cannot delete what it has not accepted.
    bench.account = other.clone();
    assert_eq!(status(&mut bench, &peering), "pending-acceptance");
    assert_eq!(
        bench.refused("DeleteVpcPeeringConnection", id(&peering)),
        "OperationNotPermitted"
    );
    bench.ok("RejectVpcPeeringConnection", id(&peering));
    assert_eq!(status(&mut bench, &peering), "rejected");
    bench.account = this.clone();
    let made = bench.ok("CreateVpcPeeringConnection", ask);
    let peering = text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId");
    bench.account = other;
    bench.ok("AcceptVpcPeeringConnection", id(&peering));
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    bench.account = this;
    let deleted = seen(&mut bench, &peering);
    assert_eq!(
        deleted["Status"],
        json!({"Code": "deleted", "Message": format!("Deleted by {OTHER}")})
    );
    // Nobody else learns of it.
    bench.account = "111122223333".parse().unwrap();
    assert_eq!(
        bench.refused(
            "DescribeVpcPeeringConnections",
            json!({"VpcPeeringConnectionIds": [peering]})
        ),
        "InvalidVpcPeeringConnectionID.NotFound"
    );
}

#[test]
fn pcx_7_and_11_wrong_states_and_ids_are_named() {
    let (mut bench, _, _, peering) = peered();
    assert_eq!(
        bench.refused("AcceptVpcPeeringConnection", id(&peering)),
        "InvalidStateTransition"
    );
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    let again = bench.refusal("DeleteVpcPeeringConnection", id(&peering));
    assert_eq!(again.code(), "InvalidStateTransition");
    assert_eq!(
        again.message(),
        format!(
            "Invalid state transition for {peering}, attempted to transition from deleted to deleting"
        )
    );
    for (wrong, code) in [
        (
            "pcx-0123456789abcdef0",
            "InvalidVpcPeeringConnectionID.NotFound",
        ),
        ("pcx-x", "InvalidVpcPeeringConnectionId.Malformed"),
    ] {
        assert_eq!(bench.refused("AcceptVpcPeeringConnection", id(wrong)), code);
        assert_eq!(bench.refused("DeleteVpcPeeringConnection", id(wrong)), code);
    }
}

#[test]
fn pcx_10_an_unanswered_request_expires_and_what_ended_is_forgotten() {
    let mut bench = Bench::new();
    let (a, b) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.1.0.0/16"),
    );
    let peering = request(&mut bench, &a, &b);
    let parsed: VpcPeeringConnectionId = peering.parse().unwrap();
    let pass = |bench: &mut Bench, now: UnixMillis| {
        let region = &bench.world.regions["us-east-1"];
        let due = lifecycle::due_peerings("us-east-1", region, now).count();
        let events = lifecycle::settle_peering(region, parsed, now);
        assert_eq!(events.len(), due);
        bench.apply("VpcPeeringConnectionExpired", events);
    };
    pass(&mut bench, START + 7 * 24 * HOUR - 1);
    assert_eq!(status(&mut bench, &peering), "pending-acceptance");
    pass(&mut bench, START + 7 * 24 * HOUR);
    assert_eq!(status(&mut bench, &peering), "expired");
    pass(&mut bench, START + 9 * 24 * HOUR - 1);
    assert_eq!(status(&mut bench, &peering), "expired");
    pass(&mut bench, START + 9 * 24 * HOUR);
    assert_eq!(
        bench.refused("DeleteVpcPeeringConnection", id(&peering)),
        "InvalidVpcPeeringConnectionID.NotFound"
    );
}

#[test]
fn pcx_12_quotas() {
    let mut bench = Bench::new();
    bench.settings.quotas.vpcs_per_region = 10;
    bench.settings.quotas.outstanding_peering_requests = 2;
    bench.settings.quotas.active_peerings_per_vpc = 1;
    let hub = vpc(&mut bench, "10.0.0.0/16");
    let spokes = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16"].map(|c| vpc(&mut bench, c));
    let [first, second] = [&spokes[0], &spokes[1]].map(|spoke| request(&mut bench, &hub, spoke));
    let third = json!({"VpcId": hub, "PeerVpcId": spokes[2]});
    assert_eq!(
        bench.refused("CreateVpcPeeringConnection", third),
        "OutstandingVpcPeeringConnectionLimitExceeded"
    );
    bench.ok("AcceptVpcPeeringConnection", id(&first));
    assert_eq!(
        bench.refused("AcceptVpcPeeringConnection", id(&second)),
        "ActiveVpcPeeringConnectionPerVpcLimitExceeded"
    );
}

#[test]
fn pcx_14_a_deleted_vpc_takes_its_connections_along() {
    let (mut bench, a, b, peering) = peered();
    bench.ok("DeleteVpc", json!({"VpcId": b}));
    let deleted = seen(&mut bench, &peering);
    assert_eq!(deleted["Status"]["Code"], "deleted");
    assert_eq!(deleted["AccepterVpcInfo"]["VpcId"], b);
    assert_eq!(deleted["RequesterVpcInfo"]["VpcId"], a);
}

#[test]
fn pcx_20_to_24_options_are_set_and_read_back() {
    let (mut bench, a, b, peering) = peered();
    let wanted = json!({
        "VpcPeeringConnectionId": peering,
        "RequesterPeeringConnectionOptions": {"AllowDnsResolutionFromRemoteVpc": true},
        "AccepterPeeringConnectionOptions": {"AllowDnsResolutionFromRemoteVpc": true},
    });
    let action = "ModifyVpcPeeringConnectionOptions";
    assert_eq!(
        bench.refused(action, wanted.clone()),
        "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled"
    );
    for vpc in [&a, &b] {
        let on = json!({"VpcId": vpc, "EnableDnsHostnames": {"Value": true}});
        bench.ok("ModifyVpcAttribute", on);
    }
    let answer = bench.ok(action, wanted.clone());
    for end in ["Requester", "Accepter"] {
        let options = &answer[format!("{end}PeeringConnectionOptions")];
        assert_eq!(options["AllowDnsResolutionFromRemoteVpc"], true);
        let described = &seen(&mut bench, &peering)[format!("{end}VpcInfo")]["PeeringOptions"];
        assert_eq!(described, options);
    }
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    let refusal = bench.refusal(action, wanted);
    assert_eq!(refusal.code(), "OperationNotPermitted");
    assert_eq!(
        refusal.message(),
        format!(
            "Peering {peering} is not active. Peering options can be added only to active peerings."
        )
    );
}

fn last_route(bench: &mut Bench, table: &str) -> Value {
    let seen = bench.ok("DescribeRouteTables", json!({"RouteTableIds": [table]}));
    let routes = seen["RouteTables"][0]["Routes"].as_array().unwrap();
    routes.last().unwrap().clone()
}

#[test]
fn pcx_31_and_33_a_route_is_a_blackhole_before_and_after() {
    let mut bench = Bench::new();
    let (a, b) = (
        vpc(&mut bench, "10.0.0.0/16"),
        vpc(&mut bench, "10.1.0.0/16"),
    );
    let c = vpc(&mut bench, "10.2.0.0/16");
    let peering = request(&mut bench, &a, &b);
    let table = bench.ok("CreateRouteTable", json!({"VpcId": a}));
    let table = text(&table, "/RouteTable/RouteTableId");
    let route = json!({
        "RouteTableId": table,
        "DestinationCidrBlock": "10.1.0.0/16",
        "VpcPeeringConnectionId": peering,
    });
    bench.ok("CreateRoute", route.clone());
    let state = |bench: &mut Bench| {
        let route = last_route(bench, &table);
        assert_eq!(route["VpcPeeringConnectionId"], peering);
        text(&route, "/State")
    };
    assert_eq!(state(&mut bench), "blackhole");
    bench.ok("AcceptVpcPeeringConnection", id(&peering));
    assert_eq!(state(&mut bench), "active");
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    assert_eq!(state(&mut bench), "blackhole");
    let others = bench.ok("CreateRouteTable", json!({"VpcId": c}));
    let others = text(&others, "/RouteTable/RouteTableId");
    let mut wrong = route;
    let peering = request(&mut bench, &a, &b);
    wrong["RouteTableId"] = json!(others);
    wrong["VpcPeeringConnectionId"] = json!(peering);
    assert_eq!(bench.refused("CreateRoute", wrong), "InvalidParameterValue");
}

#[test]
fn pcx_40_to_44_rules_name_groups_of_the_peer_and_go_stale() {
    let (mut bench, a, b, peering) = peered();
    let group = |bench: &mut Bench, vpc: &str| {
        let made = json!({"GroupName": "g", "Description": "d", "VpcId": vpc});
        text(&bench.ok("CreateSecurityGroup", made), "/GroupId")
    };
    let (ga, gb) = (group(&mut bench, &a), group(&mut bench, &b));
    let rule = json!({"GroupId": gb, "IpPermissions": [{
        "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
        "UserIdGroupPairs": [{"GroupId": ga}],
    }]});
    bench.ok("AuthorizeSecurityGroupIngress", rule.clone());
    let pair = |bench: &mut Bench| {
        let seen = bench.ok("DescribeSecurityGroups", json!({"GroupIds": [gb]}));
        seen["SecurityGroups"][0]["IpPermissions"][0]["UserIdGroupPairs"][0].clone()
    };
    let active = json!({
        "GroupId": ga, "UserId": ACCOUNT, "VpcId": a,
        "VpcPeeringConnectionId": peering, "PeeringStatus": "active",
    });
    assert_eq!(pair(&mut bench), active);
    let references = bench.ok("DescribeSecurityGroupReferences", json!({"GroupId": [ga]}));
    assert_eq!(
        references["SecurityGroupReferenceSet"],
        json!([{"GroupId": ga, "ReferencingVpcId": b, "VpcPeeringConnectionId": peering}])
    );
    let stale = |bench: &mut Bench| {
        let seen = bench.ok("DescribeStaleSecurityGroups", json!({"VpcId": b}));
        count(&seen, "StaleSecurityGroupSet")
    };
    assert_eq!(stale(&mut bench), 0);
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    assert_eq!(pair(&mut bench)["PeeringStatus"], "deleted");
    assert_eq!(stale(&mut bench), 1);
    let again = request(&mut bench, &a, &b);
    bench.ok("AcceptVpcPeeringConnection", id(&again));
    assert_eq!(pair(&mut bench)["PeeringStatus"], "active");
    assert_eq!(stale(&mut bench), 0);
    bench.ok("DeleteSecurityGroup", json!({"GroupId": ga}));
    assert_eq!(stale(&mut bench), 1);
    // Without a connection, another VPC's group is out of the question.
    let c = vpc(&mut bench, "10.2.0.0/16");
    let gc = group(&mut bench, &c);
    let mut wrong = rule;
    wrong["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"] = json!(gc);
    assert_eq!(
        bench.refused("AuthorizeSecurityGroupIngress", wrong),
        "InvalidGroup.NotFound"
    );
}

/// Spec 05 §7, PCX-6, PCX-41: one daemon, two regions, one connection.
#[test]
fn a_connection_joins_two_regions() {
    let mut bench = Bench::new();
    let a = vpc(&mut bench, "10.0.0.0/16");
    bench.region = "eu-west-1".to_owned();
    let b = vpc(&mut bench, "10.1.0.0/16");
    bench.region = "us-east-1".to_owned();
    let ask = json!({"VpcId": a, "PeerVpcId": b, "PeerRegion": "eu-west-1"});
    let made = bench.ok("CreateVpcPeeringConnection", ask);
    let peering = text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId");
    let refusal = bench.refusal("AcceptVpcPeeringConnection", id(&peering));
    assert_eq!(
        refusal.message(),
        format!(
            "Incorrect region (us-east-1) specified for this request. VPC peering connection \
             {peering} must be accepted in region eu-west-1"
        )
    );
    bench.region = "eu-west-1".to_owned();
    bench.ok("AcceptVpcPeeringConnection", id(&peering));
    for region in ["us-east-1", "eu-west-1"] {
        bench.region = region.to_owned();
        let active = seen(&mut bench, &peering);
        assert_eq!(active["Status"]["Code"], "active", "{region}");
        assert_eq!(active["AccepterVpcInfo"]["Region"], "eu-west-1");
        assert_eq!(active["AccepterVpcInfo"]["CidrBlock"], "10.1.0.0/16");
    }
    bench.region = "us-east-1".to_owned();
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    bench.region = "eu-west-1".to_owned();
    assert_eq!(status(&mut bench, &peering), "deleted");
    let parsed: VpcPeeringConnectionId = peering.parse().unwrap();
    let later = START + 3 * HOUR;
    let region = &bench.world.regions["us-east-1"];
    let events = lifecycle::settle_peering(region, parsed, later);
    bench.region = "us-east-1".to_owned();
    bench.apply("VpcPeeringConnectionExpired", events);
    for region in bench.world.regions.values() {
        assert!(region.vpc_peering_connections.is_empty());
    }
}

#[test]
fn vpc_9_a_further_block_may_not_overlap_a_peer() {
    let (mut bench, a, b, _) = peered();
    let add = |vpc: &str, cidr: &str| json!({"VpcId": vpc, "CidrBlock": cidr});
    assert_eq!(
        bench.refused("AssociateVpcCidrBlock", add(&a, "10.1.128.0/17")),
        "InvalidVpc.Range"
    );
    bench.ok("AssociateVpcCidrBlock", add(&a, "10.5.0.0/16"));
    let c = vpc(&mut bench, "10.2.0.0/16");
    let open = request(&mut bench, &c, &b);
    assert_eq!(
        bench.refused("AssociateVpcCidrBlock", add(&c, "10.6.0.0/16")),
        "OperationNotPermitted"
    );
    bench.ok("AssociateVpcCidrBlock", add(&b, "10.7.0.0/16"));
    assert_eq!(status(&mut bench, &open), "pending-acceptance");
    bench.ok("AssociateVpcCidrBlock", add(&b, "10.2.0.0/17"));
    assert_eq!(status(&mut bench, &open), "failed");
}

/// PCX-13: tags live per account and region.
#[test]
fn each_side_has_its_own_tags() {
    let mut bench = Bench::new();
    let a = vpc(&mut bench, "10.0.0.0/16");
    let this = bench.account.clone();
    let other: AccountId = OTHER.parse().unwrap();
    bench.account = other.clone();
    let b = vpc(&mut bench, "10.1.0.0/16");
    bench.account = this.clone();
    let ask = json!({"VpcId": a, "PeerVpcId": b, "PeerOwnerId": OTHER, "TagSpecifications": [
        {"ResourceType": "vpc-peering-connection", "Tags": [{"Key": "side", "Value": "requester"}]},
    ]});
    let made = bench.ok("CreateVpcPeeringConnection", ask);
    let peering = text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId");
    bench.account = other.clone();
    assert_eq!(seen(&mut bench, &peering)["Tags"], json!([]));
    let tag = json!({"Resources": [peering], "Tags": [{"Key": "side", "Value": "accepter"}]});
    bench.ok("CreateTags", tag);
    for (account, side) in [(&other, "accepter"), (&this, "requester")] {
        bench.account = account.clone();
        let tags = json!([{"Key": "side", "Value": side}]);
        assert_eq!(seen(&mut bench, &peering)["Tags"], tags);
        let all = bench.ok("DescribeTags", json!({}));
        let row = json!({
            "ResourceId": peering, "ResourceType": "vpc-peering-connection",
            "Key": "side", "Value": side,
        });
        assert_eq!(all["Tags"], json!([row]));
        let filter = json!({"Filters": [{"Name": "tag:side", "Values": [side]}]});
        let found = bench.ok("DescribeVpcPeeringConnections", filter);
        assert_eq!(count(&found, "VpcPeeringConnections"), 1);
    }
    let parsed: VpcPeeringConnectionId = peering.parse().unwrap();
    bench.apply("Test", vec![Event::VpcPeeringConnectionDeleted(parsed)]);
    let tags = &bench.world.regions["us-east-1"].tags;
    assert!(tags.is_empty(), "{tags:?}");
}

/// PCX-40, PCX-42: a group of another account's VPC, named with its owner; gone with the connection, and revoked all the
/// same.
#[test]
fn rules_name_groups_of_another_account() {
    let mut bench = Bench::new();
    let this = bench.account.clone();
    let a = vpc(&mut bench, "10.0.0.0/16");
    let group = json!({"GroupName": "g", "Description": "d", "VpcId": a});
    let ga = text(&bench.ok("CreateSecurityGroup", group), "/GroupId");
    let other: AccountId = OTHER.parse().unwrap();
    bench.account = other.clone();
    let b = vpc(&mut bench, "10.1.0.0/16");
    let group = json!({"GroupName": "g", "Description": "d", "VpcId": b});
    let gb = text(&bench.ok("CreateSecurityGroup", group), "/GroupId");
    let rule = |pair: Value| {
        json!({"GroupId": gb, "IpPermissions": [{
            "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [pair],
        }]})
    };
    let pair = rule(json!({"GroupId": ga, "UserId": ACCOUNT}));
    let code = bench.refused("AuthorizeSecurityGroupIngress", pair.clone());
    assert_eq!(code, "InvalidGroup.NotFound", "before the connection");
    bench.account = this.clone();
    let ask = json!({"VpcId": a, "PeerVpcId": b, "PeerOwnerId": OTHER});
    let made = bench.ok("CreateVpcPeeringConnection", ask);
    let peering = text(&made, "/VpcPeeringConnection/VpcPeeringConnectionId");
    bench.account = other;
    bench.ok("AcceptVpcPeeringConnection", id(&peering));
    let wrong = rule(json!({"GroupId": ga, "UserId": OTHER}));
    let code = bench.refused("AuthorizeSecurityGroupIngress", wrong);
    assert_eq!(code, "InvalidGroup.NotFound", "of another owner");
    bench.ok("AuthorizeSecurityGroupIngress", pair.clone());
    let seen = bench.ok("DescribeSecurityGroups", json!({"GroupIds": [gb]}));
    let shown = &seen["SecurityGroups"][0]["IpPermissions"][0]["UserIdGroupPairs"][0];
    assert_eq!(shown["UserId"], ACCOUNT);
    bench.ok("DeleteVpcPeeringConnection", id(&peering));
    let mut more = pair.clone();
    more["IpPermissions"][0]["ToPort"] = json!(81);
    let code = bench.refused("AuthorizeSecurityGroupIngress", more);
    assert_eq!(
        code, "InvalidGroup.NotFound",
        "no new rule about a stale group"
    );
    bench.ok("RevokeSecurityGroupIngress", pair);
}
