//! Keys leak; a bucket need not (Amazon S3 user guide, "Controlling access from VPC endpoints with bucket policies").
//!
//! Two buckets, one open to whoever has the right keys, one closed to everything but one endpoint. The same keys are tried
//! from every place there is; where a request comes from is what the network proves, not what the request says.

use super::aws::{Keys, make_buckets, only_through, put_policy, s3, url};
use super::stage::Stage;
use super::topology::{ipv4_subnet, ipv4_vpc, launch, nat_gateway};

const BUCKETS: [&str; 2] = ["open", "secret"];
/// In two VPCs at once.
const ADDRESS: &str = "10.0.1.10";

/// A place to try from.
struct Place {
    name: &'static str,
    host: String,
    /// More words for curl.
    words: Vec<String>,
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    stage.step("Two VPCs of the same CIDR, an instance of the same address in each, an S3 endpoint for each");
    let (a, b) = (
        ipv4_vpc(stage, "10.0.0.0/16")?,
        ipv4_vpc(stage, "10.0.0.0/16")?,
    );
    let (inside, mine) = with_endpoint(stage, &a)?;
    let (stranger, _) = with_endpoint(stage, &b)?;

    stage.step("An instance in the first VPC that goes by a NAT gateway instead");
    let nat = nat_gateway(stage, &a)?;
    let (subnet, table) = ipv4_subnet(stage, &a, "10.0.2.0/24", "us-east-1a")?;
    stage.ec2(
        &format!("create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {}", nat.id),
        "CreateRoute",
        &[
            ("RouteTableId", &table),
            ("DestinationCidrBlock", "0.0.0.0/0"),
            ("NatGatewayId", &nat.id),
        ],
    )?;
    let group = default_group(stage, &a)?;
    let (behind_nat, _) = launch(stage, &subnet, &group, "10.0.2.10", None)?;

    stage.step("The buckets; and secret closed to everything but the first endpoint");
    Keys::root().give_to(stage, "web")?;
    make_buckets(stage, "web", &BUCKETS)?;
    put_policy(stage, "web", "secret", &only_through("secret", &mine))?;

    stage.step("One role's keys, everywhere");
    let keys = Keys::of_new_role(stage, "app")?;
    for host in [&*inside, &*stranger, &*behind_nat, "bob"] {
        keys.give_to(stage, host)?;
    }
    let place = |name, host: &str, words: &[String]| Place {
        name,
        host: host.to_owned(),
        words: words.to_vec(),
    };
    let header = |text: String| ["-H".to_owned(), text];
    let forged = [
        header(format!("x-amz-source-vpce: {mine}")),
        header(format!("aws-sourcevpce: {mine}")),
        header(format!("x-forwarded-for: {ADDRESS}")),
    ]
    .concat();
    let everywhere = [
        (
            place("inside, through the endpoint", &inside, &[]),
            ["200", "200"],
        ),
        (
            place(
                "another VPC, same address, its own endpoint",
                &stranger,
                &[],
            ),
            ["200", "403"],
        ),
        (
            place("inside, through the NAT gateway", &behind_nat, &[]),
            ["200", "403"],
        ),
        (place("outside", "bob", &[]), ["200", "403"]),
        (
            place("outside, claiming to be inside", "bob", &forged),
            ["200", "403"],
        ),
        // The owner has locked itself out as well.
        (place("the owner, outside", "web", &[]), ["200", "403"]),
    ];
    let mut rows = Vec::new();
    for (place, _) in &everywhere {
        rows.push(attempt(stage, place)?);
    }

    stage.step("Who reads what");
    show(
        stage,
        &everywhere.each_ref().map(|(place, _)| place.name),
        &rows,
    );
    for ((place, wanted), got) in everywhere.iter().zip(&rows) {
        let got: Vec<&str> = got.iter().map(|(status, _)| status.as_str()).collect();
        stage.expect(place.name, &got.as_slice(), &wanted.as_slice());
    }
    let why = "with an explicit deny in a resource-based policy";
    let refusals = rows.iter().map(|[_, secret]| secret);
    let refusals = refusals.filter(|(status, _)| status == "403");
    let all = refusals.clone().all(|(_, body)| body.contains(why));
    stage.expect(&format!("every refusal says \"{why}\""), &all, &true);
    Ok(())
}

/// An instance in a private subnet, and the endpoint on its table; both ids.
fn with_endpoint(stage: &mut Stage, vpc: &str) -> Result<(String, String), String> {
    let (subnet, table) = ipv4_subnet(stage, vpc, "10.0.1.0/24", "us-east-1a")?;
    let service = "com.amazonaws.us-east-1.s3";
    let endpoint = stage
        .ec2(
            &format!("create-vpc-endpoint --vpc-id {vpc} --service-name {service} --route-table-ids {table}"),
            "CreateVpcEndpoint",
            &[
                ("VpcId", vpc),
                ("ServiceName", service),
                ("RouteTableId.1", &table),
            ],
        )?
        .text("vpcEndpointId");
    let group = default_group(stage, vpc)?;
    let (instance, _) = launch(stage, &subnet, &group, ADDRESS, None)?;
    Ok((instance, endpoint))
}

fn default_group(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let found = stage.client.ec2(
        "DescribeSecurityGroups",
        &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)],
    );
    Ok(found
        .map_err(|refusal| refusal.to_string())?
        .text("groupId"))
}

/// Reads from each bucket; the statuses and what was said.
fn attempt(stage: &mut Stage, place: &Place) -> Result<[(String, String); 2], String> {
    stage.say(&format!("From: {}", place.name));
    let mut read = |bucket: &str| {
        let url = url(bucket, "report");
        let words = place.words.iter().map(String::as_str);
        let words: Vec<&str> = words.chain([url.as_str()]).collect();
        let answer = s3(stage, &place.host, &words)?;
        Ok::<_, String>((answer.status, answer.body))
    };
    Ok([read(BUCKETS[0])?, read(BUCKETS[1])?])
}

fn show(stage: &mut Stage, names: &[&str], rows: &[[(String, String); 2]]) {
    let mut table = comfy_table::Table::new();
    table.load_preset(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(["from"].into_iter().chain(BUCKETS));
    for (name, outcomes) in names.iter().zip(rows) {
        let outcomes = outcomes.iter().map(|(status, _)| status.as_str());
        table.add_row(std::iter::once(*name).chain(outcomes));
    }
    for line in table.lines() {
        stage.say(&line);
    }
}
