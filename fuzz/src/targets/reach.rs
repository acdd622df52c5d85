//! Files that people hand to `openvpc plan`, `assert` and `why --flow`: plans, expectations, flow-log records.

use std::sync::LazyLock;

use openvpc_compile::Compiler;
use openvpc_control::Settings;
use openvpc_model::{AccountId, World};
use openvpc_reach::plan::{Forecast, Ground, carry_out};
use openvpc_reach::trial::Trial;
use openvpc_reach::{Workshop, expect, record};
use serde_json::{Value, json};

use crate::Target;

/// What `openvpc plan` reads: `terraform show -json`, or calls, one a line.
pub const PLAN: Target = Target {
    name: "plan",
    run: plan,
    seeds: || {
        let calls = concat!(
            "# a comment\n",
            "{\"action\": \"CreateVpc\", \"parameters\": {\"CidrBlock\": \"10.9.0.0/16\"}}\n",
            "{\"action\": \"CreateSubnet\", \"parameters\": {\"VpcId\": \"$2./Vpc/VpcId\", \"CidrBlock\": \"10.9.1.0/24\"}}\n",
        );
        vec![
            ("calls", calls.into()),
            ("terraform", terraform().to_string().into_bytes()),
        ]
    },
};

/// What `openvpc assert` reads.
pub const EXPECTATIONS: Target = Target {
    name: "expectations",
    run: expectations,
    seeds: || {
        vec![(
            "file",
            b"# tiers\nweb -> 10.0.1.11:5432 allowed\nweb->internet:53/udp denied # no DNS\ninternet -> web denied\n".to_vec(),
        )]
    },
};

/// A record as `openvpc why --flow` takes it.
pub const FLOW_RECORD: Target = Target {
    name: "flow_record",
    run: flow_record,
    seeds: || {
        let line = |flow: &str| format!("2 123456789012 {} {flow} 1 2 ACCEPT OK", GROUND.interface);
        vec![
            ("in", line("203.0.113.12 10.0.1.10 40000 443 6 1 44").into()),
            ("out", line("10.0.1.10 10.0.1.11 0 0 1 1 84").into()),
            ("none", line("- - - - - - -").into()),
        ]
    },
};

/// Two hosts in a subnet.
struct Lab {
    settings: Settings,
    account: AccountId,
    world: World,
    interface: String,
}

/// The ids in it follow from the calls, so that they are the same in every run.
static GROUND: LazyLock<Lab> = LazyLock::new(|| {
    let (settings, account) = (
        Settings::default(),
        "123456789012".parse::<AccountId>().unwrap(),
    );
    let mut trial = Trial::of(&World::default(), NOW);
    let mut call = |action: &str, input: Value| {
        let by = (REGION, &account);
        trial.act(&settings, by, action, input).unwrap()
    };
    let vpc = call("CreateVpc", json!({"CidrBlock": "10.0.0.0/16"}));
    let subnet = call(
        "CreateSubnet",
        json!({"VpcId": vpc["Vpc"]["VpcId"], "CidrBlock": "10.0.1.0/24"}),
    );
    let mut host = |address: &str, name: &str| {
        let tags = json!([{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}]);
        call(
            "RunInstances",
            json!({
                "ImageId": "ami-0abcdef1234567890", "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1,
                "SubnetId": subnet["Subnet"]["SubnetId"], "PrivateIpAddress": address, "TagSpecifications": tags,
            }),
        )
    };
    let web = host("10.0.1.10", "web");
    host("10.0.1.11", "db");
    let interface = &web["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"];
    let interface = interface.as_str().unwrap().to_owned();
    Lab {
        settings,
        account,
        world: trial.world,
        interface,
    }
});

const REGION: &str = "us-east-1";
/// 2025-01-02T03:04:05Z.
const NOW: i64 = 1_735_787_045_000;

fn workshop() -> Workshop<'static> {
    Workshop {
        settings: &GROUND.settings,
        hosts: &[],
        now: NOW,
        compiler: Compiler::default(),
    }
}

fn carried(file: &str) -> Result<(World, Forecast), String> {
    let ground = Ground {
        workshop: &workshop(),
        region: REGION,
        account: &GROUND.account,
    };
    carry_out(&ground, &GROUND.world, file)
}

fn plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok((after, forecast)) = carried(text) else {
        return;
    };
    // Every call that went through is in the journal of the copy at most once; a look is none.
    let entries = after.revision - GROUND.world.revision;
    assert!(entries <= forecast.calls.len() as u64, "{forecast:?}");
    let (again, same) = carried(text).expect("what was read once is read again");
    assert_eq!(same, forecast);
    assert!(again == after, "the same plan leads elsewhere");
}

fn expectations(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(mut read) = expect::parse(text) else {
        return;
    };
    // Each is a line that can be read by itself.
    for expectation in &read {
        let alone = expect::parse(&expectation.text).expect("its own text is read");
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].text, expectation.text);
    }
    read.truncate(2);
    let outcomes = expect::check(&workshop(), &GROUND.world, &read).expect("the world compiles");
    assert_eq!(outcomes.len(), read.len());
    let xml = expect::junit("file", &outcomes);
    let mut reader = quick_xml::Reader::from_str(&xml);
    let mut cases = 0;
    loop {
        match reader.read_event().expect("JUnit's XML is well formed") {
            quick_xml::events::Event::Eof => break,
            quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                cases += usize::from(tag.name().as_ref() == b"testcase");
            }
            _ => {}
        }
    }
    assert_eq!(cases, outcomes.len());
}

fn flow_record(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok((flow, notes)) = record::flow(&GROUND.world, &[], text) {
        assert!(!notes.is_empty());
        // Whoever it names can be asked about, or is told to be gone.
        let _ = flow.question(&GROUND.world, &[]);
    }
}

/// A plan in which every id is known only after apply, through `for_each`, a module and one attribute for all blocks.
fn terraform() -> Value {
    let change = |address: &str, kind: &str, index: Value, after: Value, unknown: Value| {
        json!({
            "address": address, "mode": "managed", "type": kind, "index": index,
            "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown},
        })
    };
    json!({
        "format_version": "1.2",
        "resource_changes": [
            change("aws_vpc.v", "aws_vpc", Value::Null, json!({"cidr_block": "10.9.0.0/16"}), json!({"id": true})),
            change("aws_internet_gateway.g", "aws_internet_gateway", Value::Null, json!({}), json!({"vpc_id": true})),
            change("aws_subnet.s[\"a\"]", "aws_subnet", json!("a"), json!({"cidr_block": "10.9.1.0/24"}), json!({"vpc_id": true})),
            change(
                "module.m[0].aws_security_group.g", "aws_security_group", Value::Null,
                json!({"name": "g", "ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "self": true}]}),
                json!({"vpc_id": true, "ingress": [{"security_groups": []}]}),
            ),
            change(
                "aws_route_table.t", "aws_route_table", Value::Null,
                json!({"route": [{"cidr_block": "0.0.0.0/0"}]}), json!({"vpc_id": true, "route": [{"gateway_id": true}]}),
            ),
            change("aws_instance.i[\"a\"]", "aws_instance", json!("a"), json!({}), json!({"subnet_id": true, "vpc_security_group_ids": true})),
        ],
        "configuration": {"root_module": {
            "resources": [
                {"address": "aws_internet_gateway.g", "expressions": {"vpc_id": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}},
                {"address": "aws_subnet.s", "expressions": {"vpc_id": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}}},
                {"address": "aws_route_table.t", "expressions": {
                    "vpc_id": {"references": ["aws_vpc.v.id", "aws_vpc.v"]},
                    "route": {"references": ["aws_internet_gateway.g.id", "aws_internet_gateway.g"]},
                }},
                {"address": "aws_instance.i", "for_each_expression": {"references": ["aws_subnet.s"]}, "expressions": {
                    "subnet_id": {"references": ["each.value.id", "each.value"]},
                    "vpc_security_group_ids": {"references": ["module.m[0].group", "module.m[0]", "module.m"]},
                }},
            ],
            "module_calls": {"m": {
                "expressions": {"vpc": {"references": ["aws_vpc.v.id", "aws_vpc.v"]}},
                "module": {
                    "outputs": {"group": {"expression": {"references": ["aws_security_group.g.id", "aws_security_group.g"]}}},
                    "resources": [{"address": "aws_security_group.g", "expressions": {"vpc_id": {"references": ["var.vpc"]}}}],
                },
            }},
        }},
    })
}

#[cfg(test)]
mod tests {
    use super::{carried, terraform};

    /// A seed that is refused early would teach nothing.
    #[test]
    fn the_plan_among_the_seeds_is_carried_out_whole() {
        let (_, forecast) = carried(&terraform().to_string()).unwrap();
        assert!(forecast.refused.is_empty(), "{forecast:#?}");
        assert!(forecast.assumed.is_empty(), "{forecast:#?}");
        assert!(forecast.calls.contains(&"RunInstances".to_owned()));
    }
}
