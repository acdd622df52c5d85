//! What a change would open and break, and whether expectations hold: judged on a copy, nothing kept.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Owner, REGION, account, hosts};
use openvpc_reach::expect::{check, parse};
use openvpc_reach::plan::{Forecast, Ground, forecast};
use serde_json::{Value, json};

fn tried(owner: &Owner, file: &str) -> Result<Forecast, String> {
    let (hosts, account) = (hosts(), account());
    let ground = Ground {
        workshop: &owner.workshop(&hosts),
        region: REGION,
        account: &account,
    };
    forecast(&ground, owner.world(), file)
}

fn paths(changes: &[openvpc_reach::plan::Change]) -> Vec<String> {
    let path =
        |c: &openvpc_reach::plan::Change| format!("{} → {} {}", c.source, c.destination, c.traffic);
    changes.iter().map(path).collect()
}

/// Two tiers of which the database lets the web tier in; the group of the database.
fn two_tiers() -> (Owner, String) {
    let mut owner = Owner::new();
    let vpc = owner.vpc("10.0.0.0/16");
    let subnets = ["10.0.1.0/24", "10.0.2.0/24"].map(|cidr| owner.subnet(&vpc, cidr));
    let groups = ["web", "db"].map(|name| owner.group(&vpc, name));
    owner.instance("web", &subnets[0], &groups[0], "10.0.1.10");
    owner.instance("db", &subnets[1], &groups[1], "10.0.2.20");
    owner.let_in(&groups[1], 5432, "10.0.1.0/24");
    let [_, db] = groups;
    (owner, db)
}

#[test]
fn a_revoked_rule_breaks_its_path_and_a_new_one_opens_another() {
    let (owner, db) = two_tiers();
    let before = owner.world().clone();
    let permission = |port: u16| json!([{"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": "10.0.1.0/24"}]}]);
    let call = |action: &str, port| {
        json!({"action": action, "parameters": {"GroupId": db, "IpPermissions": permission(port)}})
            .to_string()
    };
    let file = format!(
        "# swap the port\n{}\n{}\n",
        call("RevokeSecurityGroupIngress", 5432),
        call("AuthorizeSecurityGroupIngress", 6432)
    );
    let forecast = tried(&owner, &file).unwrap();
    assert_eq!(paths(&forecast.breaks), ["web → db tcp/5432"]);
    assert_eq!(paths(&forecast.opens), ["web → db tcp/6432"]);
    assert_eq!(*owner.world(), before, "nothing is kept");
}

#[test]
fn a_call_may_name_what_an_earlier_one_made() {
    let (owner, _) = two_tiers();
    let file = "{\"action\": \"CreateVpc\", \"parameters\": {\"CidrBlock\": \"10.9.0.0/16\"}}\n\
                {\"action\": \"CreateSubnet\", \"parameters\": {\"VpcId\": \"$1./Vpc/VpcId\", \"CidrBlock\": \"10.9.1.0/24\"}}";
    let forecast = tried(&owner, file).unwrap();
    assert_eq!(forecast.calls, ["CreateVpc", "CreateSubnet"]);
}

#[test]
fn what_is_no_plan_is_told_with_its_line() {
    let (owner, _) = two_tiers();
    for (file, why) in [
        ("", "empty"),
        ("{}", "line 1"),
        ("[1]", "line 1"),
        ("{\"format_version\": \"1.2\"}", "resource_changes"),
        (
            "{\"action\": \"DeleteEverything\"}",
            "line 1: DeleteEverything",
        ),
        (
            "{\"action\": \"DeleteVpc\", \"parameters\": {\"VpcId\": \"vpc-1\"}}",
            "line 1: DeleteVpc",
        ),
        (
            "{\"action\": \"DeleteVpc\", \"parameters\": {\"VpcId\": \"$9./x\"}}",
            "$9./x",
        ),
    ] {
        let refusal = tried(&owner, file).unwrap_err();
        assert!(refusal.contains(why), "{file}: {refusal}");
    }
}

/// A change as `terraform show -json` writes it.
fn change(address: &str, after: Value, unknown: Value) -> Value {
    let (kind, name) = address.split_once('.').unwrap();
    json!({
        "address": address, "mode": "managed", "type": kind, "name": name,
        "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown},
    })
}

fn expression(address: &str, expressions: Value) -> Value {
    json!({"address": address, "expressions": expressions})
}

fn refers(to: &str) -> Value {
    json!({"references": [format!("{to}.id"), to]})
}

/// A whole network, none of whose ids is known before it is applied.
#[test]
fn terraforms_references_are_followed() {
    let owner = Owner::new();
    let changes = [
        change(
            "aws_vpc.main",
            json!({"cidr_block": "10.0.0.0/16"}),
            json!({"id": true}),
        ),
        change(
            "aws_subnet.a",
            json!({"cidr_block": "10.0.1.0/24"}),
            json!({"vpc_id": true}),
        ),
        change(
            "aws_internet_gateway.igw",
            json!({}),
            json!({"vpc_id": true}),
        ),
        change(
            "aws_route_table.public",
            json!({"route": [{"cidr_block": "0.0.0.0/0", "nat_gateway_id": ""}]}),
            json!({"vpc_id": true, "route": [{"gateway_id": true}]}),
        ),
        change(
            "aws_route_table_association.a",
            json!({}),
            json!({"subnet_id": true, "route_table_id": true}),
        ),
        change(
            "aws_security_group.web",
            json!({
                "name": "web", "description": "web",
                "ingress": [{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"]}],
            }),
            json!({"vpc_id": true}),
        ),
        change(
            "aws_instance.web",
            json!({"private_ip": "10.0.1.10", "tags": {"Name": "web"}}),
            json!({"subnet_id": true, "vpc_security_group_ids": true, "private_ip": true}),
        ),
        change(
            "aws_eip.web",
            json!({"domain": "vpc"}),
            json!({"instance": true}),
        ),
        change("aws_lb.front", json!({}), json!({})),
    ];
    let expressions = [
        expression("aws_subnet.a", json!({"vpc_id": refers("aws_vpc.main")})),
        expression(
            "aws_internet_gateway.igw",
            json!({"vpc_id": refers("aws_vpc.main")}),
        ),
        expression(
            "aws_route_table.public",
            json!({
                "vpc_id": refers("aws_vpc.main"),
                "route": refers("aws_internet_gateway.igw"),
            }),
        ),
        expression(
            "aws_route_table_association.a",
            json!({"subnet_id": refers("aws_subnet.a"), "route_table_id": refers("aws_route_table.public")}),
        ),
        expression(
            "aws_security_group.web",
            json!({"vpc_id": refers("aws_vpc.main")}),
        ),
        expression(
            "aws_instance.web",
            json!({
                "subnet_id": refers("aws_subnet.a"),
                "vpc_security_group_ids": refers("aws_security_group.web"),
            }),
        ),
        expression(
            "aws_eip.web",
            json!({"instance": refers("aws_instance.web")}),
        ),
    ];
    let plan = json!({
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": expressions}},
    });
    let forecast = tried(&owner, &plan.to_string()).unwrap();
    assert_eq!(forecast.refused, Vec::<String>::new());
    assert_eq!(paths(&forecast.opens), ["internet → web tcp/443"]);
    assert_eq!(forecast.assumed, ["aws_lb.front: aws_lb is not followed"]);
}

/// A plan says nothing of locals: the only gateway that it makes is the one that is meant, one of two subnets is not told.
#[test]
fn what_a_local_names_is_found_if_there_is_one_and_left_out_if_there_are_two() {
    let owner = Owner::new();
    let subnet = |name: &str, block: &str| {
        change(
            &format!("aws_subnet.{name}"),
            json!({"cidr_block": block}),
            json!({"vpc_id": true}),
        )
    };
    let changes = [
        change(
            "aws_vpc.main",
            json!({"cidr_block": "10.0.0.0/16"}),
            json!({"id": true}),
        ),
        change(
            "aws_internet_gateway.igw",
            json!({}),
            json!({"vpc_id": true}),
        ),
        subnet("a", "10.0.1.0/24"),
        subnet("b", "10.0.2.0/24"),
        change(
            "aws_route_table.public",
            json!({"route": [{"cidr_block": "0.0.0.0/0"}]}),
            json!({"vpc_id": true, "route": [{"gateway_id": true}]}),
        ),
        change("aws_instance.web", json!({}), json!({"subnet_id": true})),
        change(
            "aws_eip.web",
            json!({"domain": "vpc"}),
            json!({"instance": true}),
        ),
    ];
    let local = json!({"references": ["local.it"]});
    let vpc = || json!({"vpc_id": refers("aws_vpc.main")});
    let mut table = vpc();
    table["route"] = local.clone();
    let expressions = [
        expression("aws_internet_gateway.igw", vpc()),
        expression("aws_subnet.a", vpc()),
        expression("aws_subnet.b", vpc()),
        expression("aws_route_table.public", table),
        expression("aws_instance.web", json!({"subnet_id": local})),
        expression(
            "aws_eip.web",
            json!({"instance": refers("aws_instance.web")}),
        ),
    ];
    let plan = json!({
        "format_version": "1.2",
        "resource_changes": changes,
        "configuration": {"root_module": {"resources": expressions}},
    });
    let forecast = tried(&owner, &plan.to_string()).unwrap();
    assert_eq!(forecast.refused, Vec::<String>::new());
    assert!(forecast.calls.contains(&"CreateRoute".to_owned()));
    assert_eq!(
        forecast.assumed,
        [
            "aws_instance.web is not followed: subnet_id is known only after apply",
            "aws_eip.web is not followed: instance is known only after apply"
        ]
    );
}

#[test]
fn expectations_are_held_against_the_world() {
    let (owner, _) = two_tiers();
    let file = "web -> db:5432 allowed\nweb -> db denied\ndb -> web denied\ninternet -> db denied\n\
                nobody -> db:1 allowed\n8.8.8.8 -> web:443 denied";
    let outcomes = check(
        &owner.workshop(&hosts()),
        owner.world(),
        &parse(file).unwrap(),
    )
    .unwrap();
    let held: Vec<Option<bool>> = outcomes.iter().map(|outcome| outcome.holds).collect();
    assert_eq!(
        held,
        [
            Some(true),
            Some(false),
            Some(true),
            Some(true),
            None,
            Some(true)
        ],
        "{outcomes:#?}"
    );
    assert!(
        outcomes[1].because.starts_with("tcp/5432: "),
        "{outcomes:#?}"
    );
}
