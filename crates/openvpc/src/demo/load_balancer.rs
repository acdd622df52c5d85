//! A Network Load Balancer with a node and a target in each of two subnets, as tours offer services by it.

use std::time::Duration;

use super::stage::Stage;

/// Says to everybody who asks at which address it sees him.
pub const WEB: &str = "openvpc-web";
/// How long probes may take to find a target healthy.
const PROBES: (u32, Duration) = (120, Duration::from_millis(500));

pub struct Balancer {
    pub arn: String,
    /// Where its nodes are, subnet by subnet.
    pub nodes: [String; 2],
}

/// Makes a load balancer at port 80 for targets at port 80, and waits until they are found healthy.
pub fn balance(
    stage: &mut Stage,
    name: &str,
    vpc: &str,
    [v1, v2]: [&str; 2],
    targets: [&str; 2],
) -> Result<Balancer, String> {
    let [first, second] = targets;
    let made = stage.elb(
        &format!("create-target-group --name {name} --protocol TCP --port 80 --vpc-id {vpc} --target-type ip --health-check-interval-seconds 5"),
        "CreateTargetGroup",
        &[
            ("Name", name),
            ("Protocol", "TCP"),
            ("Port", "80"),
            ("VpcId", vpc),
            ("TargetType", "ip"),
            ("HealthCheckIntervalSeconds", "5"),
        ],
    )?;
    let group = made.text("TargetGroupArn");
    stage.elb(
        &format!("register-targets --target-group-arn {group} --targets Id={first} Id={second}"),
        "RegisterTargets",
        &[
            ("TargetGroupArn", &group),
            ("Targets.member.1.Id", first),
            ("Targets.member.2.Id", second),
        ],
    )?;
    let made = stage.elb(
        &format!("create-load-balancer --name {name} --type network --scheme internal --subnets {v1} {v2}"),
        "CreateLoadBalancer",
        &[
            ("Name", name),
            ("Type", "network"),
            ("Scheme", "internal"),
            ("Subnets.member.1", v1),
            ("Subnets.member.2", v2),
        ],
    )?;
    let arn = made.text("LoadBalancerArn");
    stage.elb(
        &format!("create-listener --load-balancer-arn {arn} --protocol TCP --port 80 --default-actions Type=forward,TargetGroupArn={group}"),
        "CreateListener",
        &[
            ("LoadBalancerArn", &arn),
            ("Protocol", "TCP"),
            ("Port", "80"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &group),
        ],
    )?;
    let nodes = [node(stage, v1)?, node(stage, v2)?];
    for target in targets {
        wait_for_health(stage, &group, target)?;
    }
    Ok(Balancer { arn, nodes })
}

/// The address of the node in a subnet.
fn node(stage: &mut Stage, subnet: &str) -> Result<String, String> {
    let seen = stage.ec2(
        &format!("describe-network-interfaces --filters Name=subnet-id,Values={subnet} Name=interface-type,Values=network_load_balancer"),
        "DescribeNetworkInterfaces",
        &[
            ("Filter.1.Name", "subnet-id"),
            ("Filter.1.Value.1", subnet),
            ("Filter.2.Name", "interface-type"),
            ("Filter.2.Value.1", "network_load_balancer"),
        ],
    )?;
    Ok(seen.text("privateIpAddress"))
}

fn wait_for_health(stage: &Stage, group: &str, target: &str) -> Result<(), String> {
    let (tries, pause) = PROBES;
    for _ in 0..tries {
        let seen = stage.client.elb(
            "DescribeTargetHealth",
            &[("TargetGroupArn", group), ("Targets.member.1.Id", target)],
        );
        if seen.map_err(|refusal| refusal.to_string())?.text("State") == "healthy" {
            return Ok(());
        }
        std::thread::sleep(pause);
    }
    Err(format!("no probe finds {target} healthy"))
}
