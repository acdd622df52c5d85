//! Security groups and network ACLs act at both ends, as for traffic within a VPC.

use super::topology::{End, group};
use super::{IN, PEERED, TCP, Tour, echoes, flow};
use crate::demo::stage::Stage;

pub fn group_of_the_peer(tour: &mut Tour) -> Result<(), String> {
    let (a, b) = (&tour.topology.a, &tour.topology.b);
    tour.stage.step(
        "9. B's host lets in port 80 from a group of A: A's host first holds the group, then not",
    );
    let members = group(tour.stage, &a.vpc, "members")?;
    let web = group(tour.stage, &b.vpc, "web")?;
    tour.stage.ec2(
        &format!("authorize-security-group-ingress --group-id {web} --protocol tcp --port 80 --source-group {members}"),
        "AuthorizeSecurityGroupIngress",
        &[
            ("GroupId", &web),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "80"),
            ("IpPermissions.1.ToPort", "80"),
            ("IpPermissions.1.Groups.1.GroupId", &members),
        ],
    )?;
    let _server = tour.server(b, "80")?;
    hold(tour.stage, b, &[&web])?;
    hold(tour.stage, a, &[&a.group, &members])?;
    tour.connects(a, &b.address, "80", true)?;
    let client = |way, action| flow(a, &b.address, way, TCP, (None, Some(80)), action);
    let server = |way, action| flow(b, &a.address, way, TCP, (Some(80), None), action);
    tour.records(&[
        client(PEERED, "ACCEPT"),
        client(IN, "ACCEPT"),
        server(IN, "ACCEPT"),
        server(PEERED, "ACCEPT"),
    ])?;
    hold(tour.stage, a, &[&a.group])?;
    tour.connects(a, &b.address, "80", false)?;
    tour.records(&[client(PEERED, "ACCEPT"), server(IN, "REJECT")])?;
    hold(tour.stage, b, &[&b.group])
}

pub fn network_acl(tour: &mut Tour) -> Result<(), String> {
    let (a, b) = (&tour.topology.a, &tour.topology.b);
    tour.stage.step(
        "10. The network ACL of B's subnet lets nothing out: requests arrive, replies are refused",
    );
    let acl = &b.acl;
    tour.stage.ec2(
        &format!("create-network-acl-entry --network-acl-id {acl} --egress --rule-number 50 --protocol -1 --rule-action deny --cidr-block 0.0.0.0/0"),
        "CreateNetworkAclEntry",
        &[
            ("NetworkAclId", acl),
            ("RuleNumber", "50"),
            ("Protocol", "-1"),
            ("RuleAction", "deny"),
            ("Egress", "true"),
            ("CidrBlock", "0.0.0.0/0"),
        ],
    )?;
    tour.ping(a, &b.address, 0)?;
    tour.records(&[
        echoes(a, &b.address, PEERED, "ACCEPT"),
        echoes(b, &a.address, IN, "ACCEPT"),
        echoes(b, &a.address, super::NOWHERE, "REJECT"),
    ])?;
    tour.stage
        .ec2(
            &format!("delete-network-acl-entry --network-acl-id {acl} --egress --rule-number 50"),
            "DeleteNetworkAclEntry",
            &[
                ("NetworkAclId", acl),
                ("RuleNumber", "50"),
                ("Egress", "true"),
            ],
        )
        .map(drop)
}

/// Gives a host's interface these groups and no others.
fn hold(stage: &mut Stage, host: &End, groups: &[&str]) -> Result<(), String> {
    let names = ["GroupId.1", "GroupId.2"];
    let mut parameters = vec![("InstanceId", &*host.instance)];
    parameters.extend(names.into_iter().zip(groups.iter().copied()));
    stage
        .ec2(
            &format!(
                "modify-instance-attribute --instance-id {} --groups {}",
                host.instance,
                groups.join(" ")
            ),
            "ModifyInstanceAttribute",
            &parameters,
        )
        .map(drop)
}
