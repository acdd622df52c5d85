//! What the tour is played on.

use super::super::aws::{Keys, done, make_buckets, s3};
use super::super::stage::Stage;
use super::super::topology::{ipv4_subnet, ipv4_vpc, launch};
use super::{GROUP, LONG_FORMAT};

/// AWS's prefix list of S3 in us-east-1.
pub const S3_LIST: &str = "pl-63a5400a";

pub struct Topology {
    pub vpc: String,
    /// The tables of `h1`'s and `h2`'s subnets.
    pub tables: [String; 2],
    /// Lets out TCP to port 443 of S3, and nothing else.
    pub group: String,
    pub h1: Host,
    pub h2: Host,
    /// In a peered VPC.
    pub hp: Host,
    pub peering: String,
    /// The table of `hp`'s subnet.
    pub peer_table: String,
}

#[derive(Clone)]
pub struct Host {
    pub instance: String,
    pub eni: String,
    pub address: &'static str,
}

pub fn build(stage: &mut Stage) -> Result<Topology, String> {
    stage.step("The topology: VPC A without a way to the internet, and VPC P, its peer");
    let vpc = ipv4_vpc(stage, "10.0.0.0/16")?;
    let group = s3_only(stage, &vpc)?;
    let (a1, ta) = ipv4_subnet(stage, &vpc, "10.0.1.0/24", "us-east-1a")?;
    let (a2, tb) = ipv4_subnet(stage, &vpc, "10.0.2.0/24", "us-east-1b")?;
    let peer = ipv4_vpc(stage, "10.9.0.0/16")?;
    let open = default_group(stage, &peer)?;
    let (p1, peer_table) = ipv4_subnet(stage, &peer, "10.9.1.0/24", "us-east-1a")?;
    let peering = peering(stage, &peer, &vpc)?;
    let h1 = host(stage, &a1, &group, "10.0.1.10")?;
    let h2 = host(stage, &a2, &group, "10.0.2.10")?;
    let hp = host(stage, &p1, &open, "10.9.1.10")?;
    log(stage, &[&vpc, &peer])?;

    stage.step(
        "The buckets, made by their owner from outside: good, other and secret; far in eu-west-1",
    );
    Keys::root().give_to(stage, "bob")?;
    make_buckets(stage, "bob", &["good", "other", "secret"])?;
    let configuration = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    let far = "https://far.s3.eu-west-1.amazonaws.com/";
    let there = ["--aws-sigv4", "aws:amz:eu-west-1:s3"];
    let make = [&there[..], &["-X", "PUT", "-d", configuration, far]].concat();
    done(s3(stage, "bob", &make)?)?;
    let keys = Keys::of_new_role(stage, "app")?;
    for host in [&h1, &h2, &hp] {
        keys.give_to(stage, &host.instance)?;
    }
    // From now on Bob has them too.
    keys.give_to(stage, "bob")?;
    Ok(Topology {
        vpc,
        tables: [ta, tb],
        group,
        h1,
        h2,
        hp,
        peering,
        peer_table,
    })
}

fn host(
    stage: &mut Stage,
    subnet: &str,
    group: &str,
    address: &'static str,
) -> Result<Host, String> {
    let (instance, eni) = launch(stage, subnet, group, address, None)?;
    Ok(Host {
        instance,
        eni,
        address,
    })
}

/// A group that lets out HTTPS to S3's prefix list alone (`GE-25`).
fn s3_only(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let group = stage
        .ec2(
            &format!("create-security-group --group-name s3-only --description s3 --vpc-id {vpc}"),
            "CreateSecurityGroup",
            &[
                ("GroupName", "s3-only"),
                ("GroupDescription", "s3"),
                ("VpcId", vpc),
            ],
        )?
        .text("groupId");
    stage.ec2(
        &format!("revoke-security-group-egress --group-id {group} --protocol -1 --cidr 0.0.0.0/0"),
        "RevokeSecurityGroupEgress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ],
    )?;
    change_list(stage, &group, "authorize", S3_LIST)?;
    Ok(group)
}

/// Lets the group out to a prefix list's port 443 (`authorize`), or no longer (`revoke`).
pub fn change_list(stage: &mut Stage, group: &str, verb: &str, list: &str) -> Result<(), String> {
    let action = match verb {
        "authorize" => "AuthorizeSecurityGroupEgress",
        _ => "RevokeSecurityGroupEgress",
    };
    stage
        .ec2(
            &format!("{verb}-security-group-egress --group-id {group} --ip-permissions 'IpProtocol=tcp,FromPort=443,ToPort=443,PrefixListIds=[{{PrefixListId={list}}}]'"),
            action,
            &[
                ("GroupId", group),
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", "443"),
                ("IpPermissions.1.ToPort", "443"),
                ("IpPermissions.1.PrefixListIds.1.PrefixListId", list),
            ],
        )
        .map(drop)
}

fn default_group(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let found = stage.ec2(
        &format!("describe-security-groups --filters Name=vpc-id,Values={vpc}"),
        "DescribeSecurityGroups",
        &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)],
    )?;
    Ok(found.text("groupId"))
}

fn peering(stage: &mut Stage, requester: &str, accepter: &str) -> Result<String, String> {
    let id = stage
        .ec2(
            &format!("create-vpc-peering-connection --vpc-id {requester} --peer-vpc-id {accepter}"),
            "CreateVpcPeeringConnection",
            &[("VpcId", requester), ("PeerVpcId", accepter)],
        )?
        .text("vpcPeeringConnectionId");
    stage.ec2(
        &format!("accept-vpc-peering-connection --vpc-peering-connection-id {id}"),
        "AcceptVpcPeeringConnection",
        &[("VpcPeeringConnectionId", &id)],
    )?;
    Ok(id)
}

fn log(stage: &mut Stage, vpcs: &[&str]) -> Result<(), String> {
    let role = "arn:aws:iam::123456789012:role/flow-logs";
    for vpc in vpcs {
        stage.ec2(
            &format!("create-flow-logs --resource-type VPC --resource-ids {vpc} --traffic-type ALL --log-group-name {GROUP} --deliver-logs-permission-arn {role} --max-aggregation-interval 60 --log-format '{LONG_FORMAT}'"),
            "CreateFlowLogs",
            &[
                ("ResourceType", "VPC"),
                ("ResourceId.1", vpc),
                ("TrafficType", "ALL"),
                ("LogGroupName", GROUP),
                ("DeliverLogsPermissionArn", role),
                ("MaxAggregationInterval", "60"),
                ("LogFormat", LONG_FORMAT),
            ],
        )?;
    }
    Ok(())
}
