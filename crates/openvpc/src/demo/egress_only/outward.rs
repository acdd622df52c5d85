//! What `p` begins.

use super::{
    BOB, IN, INTERNET, NC, NOWHERE, PACKET, Place, TCP, Tour, UDP, WEB, echoes, flow, with_flags,
};
use crate::demo::records::Expected;

const WEB_IPV4: &str = "198.51.100.80";

pub fn ping(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage.step("1. p pings Web: out and back");
    tour.ping(&p, WEB, 4)?;
    tour.records(&[
        echoes(&p, WEB, INTERNET, "ACCEPT"),
        echoes(&p, WEB, IN, "ACCEPT"),
    ])
}

pub fn page(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage
        .step("2. p fetches a page; Web sees p's own address, nothing is translated");
    let seen = tour.stage.exec(
        &p.instance,
        &["curl", "-6", "-s", "-m", "3", &format!("http://[{WEB}]/")],
    )?;
    tour.stage
        .expect("Web sees p", &seen.stdout.trim().to_owned(), &p.address);
    let ports = (None, Some(80));
    tour.records(&[
        with_flags(flow(&p, WEB, INTERNET, TCP, ports), 3),
        with_flags(flow(&p, WEB, IN, TCP, ports), 19),
    ])
}

pub fn datagram(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage
        .step("6. p sends a datagram from port 5000 to Bob's 9000: what comes from 9000 is an answer, what comes from 9001 is not");
    // Somebody must be at home, or Bob's kernel would answer by an error.
    let listener = tour
        .stage
        .background_outside("bob", &[NC, "-l", "-u", "-k", "9000"])?;
    tour.wait_for_socket(Place::Outside("bob"), "udp6", ":2328 ")?;
    let ask = format!("echo hello | {NC} -u -p 5000 -w 5 {BOB} 9000");
    let asking = tour.stage.background(&p.instance, &["sh", "-c", &ask])?;
    // Until Bob has it, nothing is an answer.
    let heard = listener.first_line()?;
    tour.stage
        .expect("Bob hears p", &heard, &"hello".to_owned());
    for port in ["9001", "9000"] {
        let said = format!("from {port}");
        tour.outside("bob", &[PACKET, "udp", port, &p.address, "5000", &said])?;
    }
    let answer = asking.finish("")?;
    tour.stage.expect(
        "p hears one of the two",
        &answer.stdout.trim().to_owned(),
        &"from 9000".to_owned(),
    );
    let ports = (Some(5_000), Some(9_000));
    tour.records(&[
        flow(&p, BOB, INTERNET, UDP, ports),
        flow(&p, BOB, IN, UDP, ports),
    ])
}

pub fn ipv4(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage
        .step("8. IPv4 has no route there: p's packets pass its own rules, and end at the router");
    tour.ping(&p, WEB_IPV4, 0)?;
    tour.records(&[Expected {
        way: Some(NOWHERE),
        tcp_flags: Some(0),
        ..Expected::ping(&p.eni, &p.ipv4, WEB_IPV4, "ACCEPT")
    }])
}

pub fn network_acl(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage.step(
        "9. The network ACL denies everything inbound: the request leaves, the reply is refused",
    );
    let acl = &tour.topology.acl;
    tour.stage.ec2(
        &format!("create-network-acl-entry --network-acl-id {acl} --ingress --rule-number 50 --protocol -1 --rule-action deny --ipv6-cidr-block ::/0"),
        "CreateNetworkAclEntry",
        &[
            ("NetworkAclId", acl),
            ("RuleNumber", "50"),
            ("Protocol", "-1"),
            ("RuleAction", "deny"),
            ("Egress", "false"),
            ("Ipv6CidrBlock", "::/0"),
        ],
    )?;
    tour.ping(&p, WEB, 0)?;
    tour.records(&[
        echoes(&p, WEB, INTERNET, "ACCEPT"),
        echoes(&p, WEB, IN, "REJECT"),
    ])?;
    tour.stage
        .ec2(
            &format!("delete-network-acl-entry --network-acl-id {acl} --ingress --rule-number 50"),
            "DeleteNetworkAclEntry",
            &[
                ("NetworkAclId", acl),
                ("RuleNumber", "50"),
                ("Egress", "false"),
            ],
        )
        .map(drop)
}

pub fn security_group(tour: &mut Tour) -> Result<(), String> {
    let p = tour.topology.p.clone();
    tour.stage
        .step("10. The security group lets nothing out: it never leaves");
    let group = &tour.topology.group;
    let permission = [
        ("GroupId", &**group),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.Ipv6Ranges.1.CidrIpv6", "::/0"),
    ];
    let shown = |verb: &str| {
        format!(
            "{verb}-security-group-egress --group-id {group} --ip-permissions 'IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6=::/0}}]'"
        )
    };
    tour.stage
        .ec2(&shown("revoke"), "RevokeSecurityGroupEgress", &permission)?;
    tour.ping(&p, WEB, 0)?;
    tour.records(&[echoes(&p, WEB, NOWHERE, "REJECT")])?;
    let allowed = tour.stage.ec2(
        &shown("authorize"),
        "AuthorizeSecurityGroupEgress",
        &permission,
    );
    allowed.map(drop)
}
