//! Everything at once: an application with NAT per zone, IPv6 outward, S3 by an endpoint and a peer with shared services; a
//! data VPC that sees the shared one alone; a zone that is lost, the logs of it all, a crash, and an end. The numbers of the steps
//! are those of acceptance scenario 6.

mod billing;
mod net_logs;
mod restart;
mod take_down;
mod topology;

use super::aws::{put_policy, s3, url};
use super::interface_endpoint::topology::ask;
use super::stage::{Background, Stage};
use super::topology::default_route;
use net_logs::NetLogs;
use topology::{Topology, across};

const APP: &str = "10.0.0.0/16";
const SHARED: &str = "10.1.0.0/16";
const DATA: &str = "10.2.0.0/16";
const WEB: &str = "198.51.100.80";
const WEB_IPV6: &str = "2001:db8:ffff::80";
/// AWS's prefix list of S3 in us-east-1.
const S3_LIST: &str = "pl-63a5400a";
const VPC_ENDPOINT: &str = "create-vpc-endpoint --vpc-endpoint-type Interface";
const NC: &str = "/run/openvpc/bin/nc";

struct Tour<'s> {
    stage: &'s mut Stage,
    at: Topology,
    logged: NetLogs,
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    let at = topology::build(stage)?;
    let mut tour = Tour {
        stage,
        at,
        logged: NetLogs::default(),
    };
    tour.reach_s3()?;
    tour.out()?;
    tour.in_from_outside()?;
    tour.reach_the_peers_endpoint()?;
    tour.reach_billing()?;
    tour.never_further()?;
    tour.only_to_what_is_named()?;
    tour.without_a_zone()?;
    tour.close_the_sums()?;
    tour.survive_a_crash()?;
    tour.take_down()
}

impl Tour<'_> {
    fn reach_s3(&mut self) -> Result<(), String> {
        self.stage
            .step("1. S3 by the endpoint: the application's bucket, and no other; nobody else reaches its objects");
        put_policy(
            self.stage,
            "web",
            "app-data",
            &objects_only_through(&self.at.endpoint),
        )?;
        let host = self.at.a.instance.clone();
        self.expect_object(&host, "app-data", "200")?;
        self.expect_object(&host, "other", "403")?;
        self.expect_object("web", "app-data", "403")
    }

    fn out(&mut self) -> Result<(), String> {
        self.stage
            .step("2. The internet over IPv4: each zone by its own NAT gateway");
        let seen = [
            (self.at.a.instance.clone(), self.at.nat_a.public.clone()),
            (self.at.b.instance.clone(), self.at.nat_b.public.clone()),
        ];
        for (host, address) in seen {
            self.expect_page(&host, WEB, &address)?;
        }
        self.stage
            .step("3. The internet over IPv6: with the host's own address");
        let (host, own) = (self.at.a.instance.clone(), self.at.a.ipv6.clone());
        self.expect_page(&host, &format!("[{WEB_IPV6}]"), &own)
    }

    fn in_from_outside(&mut self) -> Result<(), String> {
        self.stage.step(
            "4. From the internet, neither the host's IPv6 nor the NAT gateway's address leads in",
        );
        let host = self.at.a.instance.clone();
        let _server = self.server(&host)?;
        for address in [self.at.a.ipv6.clone(), self.at.nat_a.public.clone()] {
            self.expect_way("bob", &address, false)?;
        }
        Ok(())
    }

    fn reach_the_peers_endpoint(&mut self) -> Result<(), String> {
        self.stage
            .step("5. CloudWatch Logs by the name of the shared VPC's interface endpoint, over the peering connection");
        let host = self.at.a.instance.clone();
        self.expect_logs(&host)
    }

    fn never_further(&mut self) -> Result<(), String> {
        let data = self.at.data.instance.clone();
        self.stage
            .step("8. Data sends everything to the shared VPC: nothing is passed on");
        let (table, peering) = (self.at.data.table.clone(), self.at.data_shared.clone());
        default_route(self.stage, &table, "0.0.0.0/0", across(&peering))?;
        let app = self.at.a.instance.clone();
        let _server = self.server(&app)?;
        let address = self.at.a.ipv4.clone();
        self.expect_way(&data, &address, false)?;
        self.expect_nothing(&data, &format!("http://{WEB}/"))?;
        let answer = s3(self.stage, &data, &[&url("app-data", "report")])?;
        self.stage.expect("no S3", &answer.is_none(), &true);
        self.stage
            .step("9. Nor with routes at both ends, through the VPC between them");
        let (table, peering) = (self.at.a.table.clone(), self.at.app_shared.clone());
        default_route(self.stage, &table, DATA, across(&peering))?;
        let server = self.at.data.instance.clone();
        let _server = self.server(&server)?;
        let address = self.at.data.ipv4.clone();
        self.expect_way(&app, &address, false)
    }

    fn only_to_what_is_named(&mut self) -> Result<(), String> {
        self.stage
            .step("11. A group that lets out to S3 and to the shared VPC: the web is refused, they are not");
        let group = self.at.a.group.clone();
        let change = |stage: &mut Stage, verb: &str, words: &str, parameters: &[(&str, &str)]| {
            let action = match verb {
                "authorize" => "AuthorizeSecurityGroupEgress",
                _ => "RevokeSecurityGroupEgress",
            };
            let mut all = vec![("GroupId", group.as_str())];
            all.extend_from_slice(parameters);
            let shown = format!("{verb}-security-group-egress --group-id {group} {words}");
            stage.ec2(&shown, action, &all).map(drop)
        };
        let everything = [
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ];
        let words = "--protocol -1 --cidr 0.0.0.0/0";
        change(self.stage, "revoke", words, &everything)?;
        let https = |peer, value| {
            [
                ("IpPermissions.1.IpProtocol", "tcp"),
                ("IpPermissions.1.FromPort", "443"),
                ("IpPermissions.1.ToPort", "443"),
                (peer, value),
            ]
        };
        let list = https("IpPermissions.1.PrefixListIds.1.PrefixListId", S3_LIST);
        let words = format!(
            "--ip-permissions 'IpProtocol=tcp,FromPort=443,ToPort=443,PrefixListIds=[{{PrefixListId={S3_LIST}}}]'"
        );
        change(self.stage, "authorize", &words, &list)?;
        let shared = https("IpPermissions.1.IpRanges.1.CidrIp", SHARED);
        let words = format!("--protocol tcp --port 443 --cidr {SHARED}");
        change(self.stage, "authorize", &words, &shared)?;
        let host = self.at.a.instance.clone();
        self.expect_nothing(&host, &format!("http://{WEB}/"))?;
        self.expect_object(&host, "app-data", "200")?;
        self.expect_logs(&host)?;
        let words = "--protocol -1 --cidr 0.0.0.0/0";
        change(self.stage, "authorize", words, &everything)
    }

    fn without_a_zone(&mut self) -> Result<(), String> {
        self.stage
            .step("10. Zone a is lost: the host in zone b has its own NAT gateway, and the endpoint is of no zone");
        self.stage.fault_zone("use1-az1", "down")?;
        let (host, address) = (self.at.b.instance.clone(), self.at.nat_b.public.clone());
        self.expect_object(&host, "app-data", "200")?;
        self.expect_page(&host, WEB, &address)?;
        let own = self.at.b.ipv6.clone();
        self.expect_page(&host, &format!("[{WEB_IPV6}]"), &own)?;
        // The regional name keeps the address that is left.
        self.expect_logs(&host)?;
        let lost = self.at.a.instance.clone();
        self.expect_nothing(&lost, &format!("http://{WEB}/"))?;
        self.stage.fault_zone("use1-az1", "up")
    }
}

impl Tour<'_> {
    fn expect_object(&mut self, host: &str, bucket: &str, status: &str) -> Result<(), String> {
        let answer = s3(self.stage, host, &[&url(bucket, "report")])?;
        let what = format!("{bucket}: {status}");
        self.stage.expect(&what, &answer.status.as_str(), &status);
        Ok(())
    }

    /// A group that is not there is an answer of the service's own.
    fn expect_logs(&mut self, host: &str) -> Result<(), String> {
        let name = self.at.logs.clone();
        let answer = ask(self.stage, host, &name, "none")?;
        let told = "the service answers";
        self.stage.expect(told, &answer.as_str(), &"400");
        Ok(())
    }

    /// Web tells whom it saw.
    fn expect_page(&mut self, host: &str, web: &str, seen: &str) -> Result<(), String> {
        let page = format!("http://{web}/");
        let ran = self.stage.exec(host, &["curl", "-s", "-m", "3", &page])?;
        let what = format!("Web sees {seen}");
        self.stage.expect(&what, &ran.stdout.trim(), &seen);
        Ok(())
    }

    fn expect_nothing(&mut self, host: &str, page: &str) -> Result<(), String> {
        let ran = self.stage.exec(host, &["curl", "-s", "-m", "1", page])?;
        self.stage.expect("no answer", &(ran.status == 0), &false);
        Ok(())
    }

    fn expect_way(&mut self, host: &str, to: &str, wanted: bool) -> Result<(), String> {
        let ran = self
            .stage
            .run_in(host, &[NC, "-z", "-w", "1", to, "8080"])?;
        let what = if wanted { "connects" } else { "no answer" };
        self.stage.expect(what, &(ran.status == 0), &wanted);
        Ok(())
    }

    /// Something that answers on port 8080 for as long as it lives.
    fn server(&mut self, host: &str) -> Result<Background, String> {
        let server = self.stage.background(host, &[NC, "-l", "-k", "8080"])?;
        for _ in 0..80 {
            let probe = [NC, "-z", "-w", "1", "127.0.0.1", "8080"];
            if self.stage.probe(host, &probe)?.status == 0 {
                return Ok(server);
            }
            std::thread::sleep(std::time::Duration::from_millis(25));
        }
        Err(format!("{host} does not listen"))
    }
}

/// A bucket whose objects pass by one endpoint or not at all; its owner may still change it from outside.
fn objects_only_through(endpoint: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::app-data/*","Condition":{{"StringNotEquals":{{"aws:SourceVpce":"{endpoint}"}}}}}}]}}"#
    )
}
