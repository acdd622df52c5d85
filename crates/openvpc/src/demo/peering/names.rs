//! What names lead to across a connection.

use super::{NC, PEERED, Tour, UDP, flow};

pub fn public_name(tour: &mut Tour, ab: &str) -> Result<(), String> {
    let topology = tour.topology;
    tour.stage
        .step("11. B's public name leads A to the public address; if B's side allows it, to the private one");
    resolve(tour, &topology.public_ip)?;
    tour.stage.ec2(
        &format!("modify-vpc-peering-connection-options --vpc-peering-connection-id {ab} --accepter-peering-connection-options AllowDnsResolutionFromRemoteVpc=true"),
        "ModifyVpcPeeringConnectionOptions",
        &[
            ("VpcPeeringConnectionId", ab),
            (
                "AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc",
                "true",
            ),
        ],
    )?;
    resolve(tour, &topology.b.address)?;
    // The VPC's own resolver is on no record.
    tour.records(&[])
}

fn resolve(tour: &mut Tour, wanted: &str) -> Result<(), String> {
    let name = &tour.topology.public_name;
    let ran = tour
        .stage
        .exec(&tour.topology.a.instance, &["getent", "ahostsv4", name])?;
    let first = ran.stdout.split_whitespace().next().unwrap_or_default();
    tour.stage
        .expect(&format!("{name} is {wanted}"), &first, &wanted);
    Ok(())
}

pub fn resolver_of_the_peer(tour: &mut Tour) -> Result<(), String> {
    let a = &tour.topology.a;
    tour.stage
        .step("12. A asks B's resolver: only its own answers");
    // A question for the address of web.example.com, as bytes.
    let question = r"\0\7\1\0\0\1\0\0\0\0\0\0\3web\7example\3com\0\0\1\0\1";
    for (server, answers) in [("10.0.0.2", true), ("10.1.0.2", false)] {
        let line = format!("printf '{question}' | {NC} -u -w 1 {server} 53 | wc -c");
        let ran = tour.stage.exec(&a.instance, &["sh", "-c", &line])?;
        let bytes: usize = ran.stdout.trim().parse().unwrap_or(0);
        let what = match answers {
            true => format!("{server} answers"),
            false => format!("{server} is silent"),
        };
        tour.stage.expect(&what, &(bytes > 0), &answers);
    }
    let asked = flow(a, "10.1.0.2", PEERED, UDP, (None, Some(53)), "ACCEPT");
    tour.records(&[asked])
}
