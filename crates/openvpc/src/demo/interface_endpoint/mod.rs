//! CloudWatch Logs at private addresses of a VPC without a way to the internet (AWS PrivateLink guide, "Access AWS services
//! through AWS PrivateLink"): names, groups, private DNS, peers, policies, and a zone that is lost.

mod provider;
pub mod topology;

use super::records::{self, Expected, LONG_FORMAT, Reader};
use super::stage::Stage;
use crate::client::Xml;
use topology::*;

const LOG_GROUP: &str = "fl";
const SERVICE: &str = "com.amazonaws.us-east-1.logs";
/// The service's own name, and its address on the internet.
const LOGS: &str = "logs.us-east-1.amazonaws.com";
const PUBLIC: &str = "198.18.30.10";
const POLICY: &str = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"logs:*","Resource":"arn:aws:logs:us-east-1:123456789012:log-group:fl:*"}]}"#;

struct Tour<'s> {
    stage: &'s mut Stage,
    reader: Reader,
    vpc: String,
    subnets: [String; 3],
    h: Host,
    hp: Host,
}

/// The endpoint's interface in one zone.
struct Interface {
    eni: String,
    address: String,
}

struct Endpoint {
    id: String,
    regional: String,
    /// In zones a and b.
    interfaces: [Interface; 2],
}

impl Endpoint {
    fn zonal(&self, zone: &str) -> String {
        let (label, domain) = self.regional.split_once('.').unwrap_or_default();
        format!("{label}-us-east-1{zone}.{domain}")
    }

    fn addresses(&self) -> Vec<String> {
        let mut both: Vec<String> = self.interfaces.iter().map(|i| i.address.clone()).collect();
        both.sort();
        both
    }
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    stage.step("The topology: VPC A without a way to the internet, and VPC P, its peer");
    let a = vpc(stage, "10.0.0.0/16")?;
    let a1 = subnet(stage, &a, "10.0.1.0/24", "us-east-1a")?;
    let a2 = subnet(stage, &a, "10.0.2.0/24", "us-east-1b")?;
    let a3 = subnet(stage, &a, "10.0.3.0/24", "us-east-1a")?;
    let app = group(stage, &a, "app", &[])?;
    let h = host(stage, &a3, &app, "10.0.3.10")?;
    let p = vpc(stage, "10.9.0.0/16")?;
    let p1 = subnet(stage, &p, "10.9.1.0/24", "us-east-1a")?;
    let open = group(stage, &p, "app", &[])?;
    let hp = host(stage, &p1, &open, "10.9.1.10")?;
    peer(stage, (&p, "10.9.0.0/16"), (&a, "10.0.0.0/16"))?;
    for name in [LOG_GROUP, "other"] {
        let made = stage
            .client
            .logs("CreateLogGroup", &serde_json::json!({"logGroupName": name}));
        made.map_err(|refusal| refusal.to_string())?;
    }
    flow_logs(stage, &a, LOG_GROUP)?;
    let mut tour = Tour {
        stage,
        reader: Reader::with_format(LOG_GROUP, LONG_FORMAT),
        vpc: a,
        subnets: [a1, a2, a3],
        h,
        hp,
    };
    let endpoint = tour.names()?;
    tour.groups(&endpoint)?;
    tour.private_names(&endpoint)?;
    tour.policy(&endpoint)?;
    tour.zones(&endpoint)?;
    tour.refusals()?;
    tour.provider()?;
    tour.attributes(&endpoint)?;
    tour.end(&endpoint)
}

impl Tour<'_> {
    /// Rows 1 to 3.
    fn names(&mut self) -> Result<Endpoint, String> {
        self.stage
            .step("1. Without an endpoint the service's name leads to the internet, and nothing else does");
        self.resolves(&self.h.clone(), LOGS, &[PUBLIC])?;
        self.asks(&self.h.clone(), LOGS, LOG_GROUP, "no answer")?;
        let tried = self.tried(PUBLIC, "-");
        self.records(&[tried])?;

        self.stage
            .step("2. An endpoint for Logs in a1 and a2, without private DNS and without a group");
        let [a1, a2, _] = self.subnets.clone();
        let made = self.create(&[&a1, &a2], &[("PrivateDnsEnabled", "false")])?;
        self.stage
            .expect("pending", &made.text("state").as_str(), &"pending");
        let id = made.text("vpcEndpointId");
        let seen = self.describe(&id)?;
        self.stage
            .expect("available", &seen.text("state").as_str(), &"available");
        let group = seen.find("groupSet").map(|set| set.text("groupName"));
        self.stage.expect(
            "its group is the VPC's default one",
            &group.as_deref(),
            &Some("default"),
        );
        let interfaces = [self.interface(&id, &a1)?, self.interface(&id, &a2)?];
        let endpoint = Endpoint {
            regional: seen.text("dnsName"),
            id,
            interfaces,
        };

        self.stage
            .step("3. Its names: one for all zones, one for each; the service's own is as before");
        let (h, both) = (self.h.clone(), endpoint.addresses());
        let both: Vec<&str> = both.iter().map(String::as_str).collect();
        self.resolves(&h, &endpoint.regional, &both)?;
        self.resolves(&h, &endpoint.zonal("a"), &[&endpoint.interfaces[0].address])?;
        self.resolves(&h, &endpoint.zonal("b"), &[&endpoint.interfaces[1].address])?;
        self.resolves(&h, LOGS, &[PUBLIC])?;
        Ok(endpoint)
    }

    /// Rows 4, 5 and 12.
    fn groups(&mut self, endpoint: &Endpoint) -> Result<(), String> {
        let h = self.h.clone();
        let first = &endpoint.interfaces[0];
        self.stage.step(
            "4. The default group knows its own members alone: silence, and REJECT at the endpoint",
        );
        self.asks(&h, &endpoint.zonal("a"), LOG_GROUP, "no answer")?;
        let tried = self.tried(&first.address, "1");
        let refused = Expected {
            action: "REJECT",
            tcp_flags: Some(2),
            ..flow(&first.eni, h.address, &first.address, ("ingress", "-"))
        };
        self.records(&[tried, refused])?;

        self.stage
            .step("5. A group that lets HTTPS in from both VPCs: an answer at once");
        let se = group(
            self.stage,
            &self.vpc.clone(),
            "se",
            &["10.0.0.0/16", "10.9.0.0/16"],
        )?;
        let default = self.describe(&endpoint.id)?;
        let default = default.find("groupSet").map(|set| set.text("groupId"));
        let default = default.unwrap_or_default();
        self.modify(
            &endpoint.id,
            &format!("--add-security-group-ids {se} --remove-security-group-ids {default}"),
            &[
                ("AddSecurityGroupId.1", &se),
                ("RemoveSecurityGroupId.1", &default),
            ],
        )?;
        self.asks(&h, &endpoint.zonal("a"), LOG_GROUP, "200")?;
        let used = used(&h, first);
        self.records(&used)?;

        self.stage
            .step("12. It takes HTTPS and nothing else: neither UDP nor a ping arrives");
        let line = format!("echo x > /dev/udp/{}/443", first.address);
        self.stage.exec(&h.instance, &["bash", "-c", &line])?;
        let ping = ["ping", "-c", "1", "-W", "1", &first.address];
        let ping = self.stage.exec(&h.instance, &ping)?;
        self.stage.expect("no reply", &(ping.status != 0), &true);
        let mut wanted = Vec::new();
        for protocol in [1, 17] {
            let leaves = flow(&h.eni, h.address, &first.address, ("egress", "1"));
            let refused = Expected {
                action: "REJECT",
                ..flow(&first.eni, h.address, &first.address, ("ingress", "-"))
            };
            wanted.extend([leaves, refused].map(|record| Expected { protocol, ..record }));
        }
        self.records(&wanted)
    }

    /// Rows 6 and 7.
    fn private_names(&mut self, endpoint: &Endpoint) -> Result<(), String> {
        let (h, hp, both) = (self.h.clone(), self.hp.clone(), endpoint.addresses());
        let both: Vec<&str> = both.iter().map(String::as_str).collect();
        self.stage
            .step("6. With private DNS the service's own name leads to the endpoint, in this VPC");
        let on = [("PrivateDnsEnabled", "true")];
        self.modify(&endpoint.id, "--private-dns-enabled", &on)?;
        self.resolves(&h, LOGS, &both)?;
        self.asks(&h, LOGS, LOG_GROUP, "200")?;

        self.stage.step(
            "7. A peer sees the service's name as before; by the endpoint's own it gets an answer",
        );
        self.resolves(&hp, LOGS, &[PUBLIC])?;
        self.resolves(&hp, &endpoint.regional, &both)?;
        self.asks(&hp, &endpoint.regional, LOG_GROUP, "200")?;
        self.skip_records()
    }

    /// Row 8.
    fn policy(&mut self, endpoint: &Endpoint) -> Result<(), String> {
        let h = self.h.clone();
        let name = endpoint.zonal("a");
        self.stage
            .step("8. The endpoint's policy knows one log group; a refusal is an answer");
        self.modify(
            &endpoint.id,
            &format!("--policy-document '{POLICY}'"),
            &[("PolicyDocument", POLICY)],
        )?;
        self.asks(&h, &name, LOG_GROUP, "200")?;
        self.asks(&h, &name, "other", "400 AccessDeniedException")?;
        let first = &endpoint.interfaces[0];
        let wanted = [used(&h, first), used(&h, first)].concat();
        self.records(&wanted)
    }

    /// Row 9, by a lost zone and by a removed subnet.
    fn zones(&mut self, endpoint: &Endpoint) -> Result<(), String> {
        let h = self.h.clone();
        let [x, y] = endpoint.interfaces.each_ref().map(|i| i.address.as_str());
        self.stage.step(
            "9. Zone b is lost: its address leaves the regional name, its zonal name has none",
        );
        self.stage.openvpc(&["fault", "zone", "use1-az2", "down"])?;
        self.resolves(&h, &endpoint.regional, &[x])?;
        self.resolves(&h, LOGS, &[x])?;
        self.resolves(&h, &endpoint.zonal("b"), &[])?;
        self.asks(&h, LOGS, LOG_GROUP, "200")?;
        let direct = [
            "curl",
            "-s",
            "--connect-timeout",
            "2",
            &format!("http://{y}/"),
        ];
        let lost = self.stage.exec(&h.instance, &direct)?;
        self.stage.expect(
            "who still has its address gets no answer",
            &lost.status,
            &28,
        );
        self.stage.openvpc(&["fault", "zone", "use1-az2", "up"])?;
        self.asks(&h, &endpoint.zonal("b"), LOG_GROUP, "200")?;

        self.stage
            .say("Subnet a1 is taken from the endpoint: the same, for good.");
        let a1 = self.subnets[0].clone();
        self.modify(
            &endpoint.id,
            &format!("--remove-subnet-ids {a1}"),
            &[("RemoveSubnetId.1", &a1)],
        )?;
        self.resolves(&h, &endpoint.regional, &[y])?;
        self.resolves(&h, &endpoint.zonal("a"), &[])?;
        self.asks(&h, LOGS, LOG_GROUP, "200")?;
        self.skip_records()
    }

    /// Rows 10 and 11.
    fn refusals(&mut self) -> Result<(), String> {
        let [a1, _, a3] = self.subnets.clone();
        self.stage.step("10. Two subnets of one zone");
        self.refused(
            &[&a1, &a3],
            &[("PrivateDnsEnabled", "false")],
            "DuplicateSubnetsInSameZone",
        );
        self.stage
            .step("11. A second endpoint that wants the same private name");
        self.refused(&[&a1], &[("PrivateDnsEnabled", "true")], "InvalidParameter");
        let second = self.create(&[&a1], &[("PrivateDnsEnabled", "false")])?;
        let second = second.text("vpcEndpointId");
        self.delete(&second)
    }

    /// Row 15.
    fn attributes(&mut self, endpoint: &Endpoint) -> Result<(), String> {
        let vpc = self.vpc.clone();
        self.stage
            .step("15. Private DNS in a VPC without host names");
        self.modify(
            &endpoint.id,
            "--no-private-dns-enabled",
            &[("PrivateDnsEnabled", "false")],
        )?;
        host_names(self.stage, &vpc, false)?;
        let id = endpoint.id.clone();
        self.stage.ec2_refused(
            &format!("modify-vpc-endpoint --vpc-endpoint-id {id} --private-dns-enabled"),
            "ModifyVpcEndpoint",
            &[("VpcEndpointId", &id), ("PrivateDnsEnabled", "true")],
            "InvalidParameter",
        );
        Ok(())
    }

    /// Row 16.
    fn end(&mut self, endpoint: &Endpoint) -> Result<(), String> {
        self.stage
            .step("16. The endpoint is deleted, with its interfaces and names");
        let h = self.h.clone();
        let a2 = self.subnets[1].clone();
        let subnet = [("SubnetId", a2.as_str())];
        let shown = format!("delete-subnet --subnet-id {a2}");
        self.stage
            .ec2_refused(&shown, "DeleteSubnet", &subnet, "DependencyViolation");
        self.delete(&endpoint.id)?;
        settle(self.stage)?;
        self.resolves(&h, &endpoint.regional, &[])?;
        self.stage.ec2(&shown, "DeleteSubnet", &subnet)?;
        self.stage.expect("its subnet can be deleted", &true, &true);
        Ok(())
    }
}

impl Tour<'_> {
    fn create(&mut self, subnets: &[&str], more: &[(&str, &str)]) -> Result<Xml, String> {
        let (shown, parameters) = self.request(subnets, more);
        let parameters: Vec<(&str, &str)> = parameters
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        self.stage.ec2(&shown, "CreateVpcEndpoint", &parameters)
    }

    fn refused(&mut self, subnets: &[&str], more: &[(&str, &str)], code: &str) {
        let (shown, parameters) = self.request(subnets, more);
        let parameters: Vec<(&str, &str)> = parameters
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        self.stage
            .ec2_refused(&shown, "CreateVpcEndpoint", &parameters, code);
    }

    fn request(&self, subnets: &[&str], more: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let private = more.contains(&("PrivateDnsEnabled", "true"));
        let shown = format!(
            "create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {} --service-name {SERVICE} --subnet-ids {} --{}private-dns-enabled",
            self.vpc,
            subnets.join(" "),
            if private { "" } else { "no-" }
        );
        let own = [
            ("VpcEndpointType", "Interface"),
            ("VpcId", &self.vpc),
            ("ServiceName", SERVICE),
        ];
        let mut parameters: Vec<(String, String)> = own
            .iter()
            .chain(more)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        for (n, subnet) in (1..).zip(subnets) {
            parameters.push((format!("SubnetId.{n}"), (*subnet).to_owned()));
        }
        (shown, parameters)
    }

    fn describe(&mut self, id: &str) -> Result<Xml, String> {
        self.stage.ec2(
            &format!("describe-vpc-endpoints --vpc-endpoint-ids {id}"),
            "DescribeVpcEndpoints",
            &[("VpcEndpointId.1", id)],
        )
    }

    fn modify(&mut self, id: &str, shown: &str, more: &[(&str, &str)]) -> Result<(), String> {
        let parameters = [&[("VpcEndpointId", id)], more].concat();
        self.stage.ec2(
            &format!("modify-vpc-endpoint --vpc-endpoint-id {id} {shown}"),
            "ModifyVpcEndpoint",
            &parameters,
        )?;
        settle(self.stage)
    }

    fn delete(&mut self, id: &str) -> Result<(), String> {
        self.stage
            .ec2(
                &format!("delete-vpc-endpoints --vpc-endpoint-ids {id}"),
                "DeleteVpcEndpoints",
                &[("VpcEndpointId.1", id)],
            )
            .map(drop)
    }

    /// The endpoint's interface in a subnet: of the service's own kind and keeping.
    fn interface(&mut self, endpoint: &str, subnet: &str) -> Result<Interface, String> {
        let description = format!("VPC Endpoint Interface {endpoint}");
        let seen = self.stage.ec2(
            &format!("describe-network-interfaces --filters Name=subnet-id,Values={subnet} Name=description,Values='{description}'"),
            "DescribeNetworkInterfaces",
            &[
                ("Filter.1.Name", "subnet-id"),
                ("Filter.1.Value.1", subnet),
                ("Filter.2.Name", "description"),
                ("Filter.2.Value.1", &description),
            ],
        )?;
        let found = (seen.text("interfaceType"), seen.text("requesterManaged"));
        let wanted = ("vpc_endpoint".to_owned(), "true".to_owned());
        self.stage
            .expect("an interface that the service manages", &found, &wanted);
        Ok(Interface {
            eni: seen.text("networkInterfaceId"),
            address: seen.text("privateIpAddress"),
        })
    }

    fn resolves(&mut self, host: &Host, name: &str, wanted: &[&str]) -> Result<(), String> {
        let found = resolve(self.stage, host, name)?;
        let found: Vec<&str> = found.iter().map(String::as_str).collect();
        self.stage
            .expect("its addresses", &found.as_slice(), &wanted);
        Ok(())
    }

    fn asks(&mut self, host: &Host, name: &str, group: &str, wanted: &str) -> Result<(), String> {
        let answer = ask(self.stage, &host.instance, name, group)?;
        self.stage.expect(wanted, &answer.as_str(), &wanted);
        Ok(())
    }

    /// The record of h's connection that nobody answered.
    fn tried(&self, to: &str, path: &'static str) -> Expected {
        Expected {
            tcp_flags: Some(2),
            ..flow(&self.h.eni, self.h.address, to, ("egress", path))
        }
    }

    fn records(&mut self, wanted: &[Expected]) -> Result<(), String> {
        records::check(self.stage, &mut self.reader, wanted)
    }

    /// Lets records pass that an earlier step has shown the like of.
    fn skip_records(&mut self) -> Result<(), String> {
        self.reader.fresh(self.stage).map(drop)
    }
}

fn flow(eni: &str, src: &str, dst: &str, way: (&'static str, &'static str)) -> Expected {
    Expected {
        eni: eni.to_owned(),
        src: src.to_owned(),
        dst: dst.to_owned(),
        src_port: None,
        dst_port: None,
        protocol: 6,
        count: None,
        action: "ACCEPT",
        way: Some(way),
        tcp_flags: None,
    }
}

/// The records of a connection to an endpoint's interface, at both ends (spec 04 §7).
fn used(host: &Host, at: &Interface) -> Vec<Expected> {
    let (near, far) = (host.address, at.address.as_str());
    // Whether curl waits for the service's last words of TLS or resets the connection is its own affair, so flags differ.
    vec![
        flow(&host.eni, near, far, ("egress", "1")),
        flow(&host.eni, far, near, ("ingress", "-")),
        flow(&at.eni, near, far, ("ingress", "-")),
        flow(&at.eni, far, near, ("egress", "1")),
    ]
}
