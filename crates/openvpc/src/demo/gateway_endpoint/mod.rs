//! S3 and DynamoDB from a VPC without a way to the internet (AWS PrivateLink guide, "Gateway endpoints").
//!
//! One endpoint, seen from everywhere: from a subnet whose table has its route and from one whose table has not, from a
//! peer, from outside; and what its policy, a bucket's policy and a security group make of it.

mod topology;

use super::aws::{self, Answer, dynamodb, only_through, put_policy, s3, url};
use super::records::{self, Expected, LONG_FORMAT, Reader};
use super::stage::Stage;
use super::topology::nat_gateway;
use topology::{Host, S3_LIST, Topology, build, change_list};

const GROUP: &str = "fl";
const S3_SERVICE: &str = "com.amazonaws.us-east-1.s3";
const S3: &str = "198.18.10.10";
const DYNAMODB: &str = "198.18.20.10";
/// AWS's prefix list of DynamoDB in us-east-1.
const DYNAMODB_LIST: &str = "pl-02cd2c6b";
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::good","arn:aws:s3:::good/*","arn:aws:s3:::secret","arn:aws:s3:::secret/*"]}]}"#;
/// Syn, and nothing that answers it.
const SYN: Option<u8> = Some(2);

struct Tour<'s> {
    stage: &'s mut Stage,
    reader: Reader,
    at: Topology,
}

/// Runs the tour.
pub fn run(stage: &mut Stage) -> Result<(), String> {
    let at = build(stage)?;
    let reader = Reader::with_format(GROUP, LONG_FORMAT);
    let mut tour = Tour { stage, reader, at };
    let endpoint = tour.routes()?;
    tour.policies(&endpoint)?;
    tour.elsewhere(&endpoint)?;
    tour.security_group()?;
    tour.refusals(&endpoint)?;
    tour.lost_zone(&endpoint)?;
    tour.end(&endpoint)
}

impl Tour<'_> {
    /// Rows 1 to 3, and 5.
    fn routes(&mut self) -> Result<String, String> {
        let (h1, h2) = (self.at.h1.clone(), self.at.h2.clone());
        self.stage
            .step("1. Before there is an endpoint: no route leads to S3");
        let lost = self.get(&h1, "good")?;
        self.unanswered(&lost);
        self.records(&[tried(&h1, S3, "ACCEPT", "-")])?;

        self.stage.step(
            "2. An endpoint for S3 on h1's table: its route is there at once, and only there",
        );
        let endpoint = self.create(S3_SERVICE, 0, Some(POLICY))?;
        let [ta, tb] = self.at.tables.clone();
        let wanted = Some((endpoint.clone(), "active".to_owned()));
        let found = self.route(&ta, S3_LIST)?;
        self.stage.expect(
            "h1's table leads S3's prefix list to the endpoint",
            &found,
            &wanted,
        );
        let found = self.route(&tb, S3_LIST)?;
        self.stage.expect("h2's table does not", &found, &None);

        self.stage
            .step("3. h1 reads and writes; the service sees its private address");
        self.expect_get(&h1, "good", "200")?;
        self.records(&used(&h1, S3, "7"))?;
        let only_h1 = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::good/*","Condition":{"NotIpAddress":{"aws:VpcSourceIp":"10.0.1.10/32"}}}]}"#;
        aws::Keys::root().give_to(self.stage, "web")?;
        put_policy(self.stage, "web", "good", only_h1)?;
        let put = ["-X", "PUT", "-d", "hello", &url("good", "note")];
        let put = s3(self.stage, &h1.instance, &put)?;
        self.stage.expect("PUT: 200", &put.status.as_str(), &"200");
        let remove = s3(
            self.stage,
            &h1.instance,
            &["-X", "DELETE", &url("good", "note")],
        )?;
        self.stage.expect(
            "DELETE, which the bucket allows 10.0.1.10 alone: 204",
            &remove.status.as_str(),
            &"204",
        );
        let twice = [used(&h1, S3, "7"), used(&h1, S3, "7")].concat();
        self.records(&twice)?;

        self.stage
            .step("5. h2's table is not listed; it works once it is");
        let lost = self.get(&h2, "good")?;
        self.unanswered(&lost);
        self.records(&[tried(&h2, S3, "ACCEPT", "-")])?;
        self.modify(&endpoint, "add-route-table-ids", "AddRouteTableId.1", &tb)?;
        self.expect_get(&h2, "good", "200")?;
        self.records(&used(&h2, S3, "7"))?;
        Ok(endpoint)
    }

    /// Rows 4, 6 and 7.
    fn policies(&mut self, endpoint: &str) -> Result<(), String> {
        let h1 = self.at.h1.clone();
        self.stage
            .step("4. The endpoint's policy knows only two buckets");
        let refused = self.expect_get(&h1, "other", "403")?;
        let why = "because no VPC endpoint policy allows the s3:GetObject action";
        let named =
            refused.body.contains(why) && refused.body.contains("<Code>AccessDenied</Code>");
        self.stage.expect(why, &named, &true);
        self.stage
            .say("A policy's refusal is an answer: the packets were accepted.");
        self.records(&used(&h1, S3, "7"))?;

        self.stage
            .step("6. The bucket secret is closed to everything but this endpoint");
        put_policy(
            self.stage,
            "web",
            "secret",
            &only_through("secret", endpoint),
        )?;
        self.expect_get(&h1, "secret", "200")?;
        self.records(&used(&h1, S3, "7"))?;

        self.stage.step("7. From outside, with the same keys");
        let refused = s3(self.stage, "bob", &[&url("secret", "report")])?;
        self.stage
            .expect("secret: 403", &refused.status.as_str(), &"403");
        let why = "with an explicit deny in a resource-based policy";
        self.stage.expect(why, &refused.body.contains(why), &true);
        let open = s3(self.stage, "bob", &[&url("good", "report")])?;
        self.stage
            .expect("good: 200", &open.status.as_str(), &"200");
        self.records(&[])
    }

    /// Rows 8 to 10.
    fn elsewhere(&mut self, endpoint: &str) -> Result<(), String> {
        let (h1, h2, hp) = (self.at.h1.clone(), self.at.h2.clone(), self.at.hp.clone());
        let table = self.at.tables[1].clone();
        self.stage
            .step("8. h2 by a NAT gateway instead of the endpoint: the bucket does not know it");
        let nat = nat_gateway(self.stage, &self.at.vpc)?;
        self.stage.ec2(
            &format!("create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {}", nat.id),
            "CreateRoute",
            &[
                ("RouteTableId", &table),
                ("DestinationCidrBlock", "0.0.0.0/0"),
                ("NatGatewayId", &nat.id),
            ],
        )?;
        self.stage
            .say("With both, the prefix list is the longer prefix: the NAT gateway sees nothing.");
        self.expect_get(&h2, "secret", "200")?;
        self.records(&used(&h2, S3, "7"))?;
        self.modify(
            endpoint,
            "remove-route-table-ids",
            "RemoveRouteTableId.1",
            &table,
        )?;
        self.expect_get(&h2, "secret", "403")?;
        let at_nat = |src: &str, dst: &str| Expected {
            way: None,
            ..flow(&nat.eni, src, dst, "ACCEPT", None)
        };
        let mut wanted = used(&h2, S3, "1");
        wanted.extend([
            at_nat(h2.address, &nat.address),
            at_nat(&nat.address, S3),
            at_nat(S3, &nat.address),
            at_nat(&nat.address, h2.address),
        ]);
        self.records(&wanted)?;

        self.stage
            .step("9. A peer routes S3's addresses to this VPC: nothing is passed on");
        let (table, peering) = (self.at.peer_table.clone(), self.at.peering.clone());
        self.stage.ec2(
            &format!("create-route --route-table-id {table} --destination-cidr-block 198.18.10.0/24 --vpc-peering-connection-id {peering}"),
            "CreateRoute",
            &[
                ("RouteTableId", &table),
                ("DestinationCidrBlock", "198.18.10.0/24"),
                ("VpcPeeringConnectionId", &peering),
            ],
        )?;
        let lost = self.get(&hp, "good")?;
        self.unanswered(&lost);
        self.records(&[tried(&hp, S3, "ACCEPT", "4")])?;

        self.stage
            .step("10. A bucket in another region is not behind this endpoint");
        let far = "https://far.s3.eu-west-1.amazonaws.com/report";
        let lost = s3(
            self.stage,
            &h1.instance,
            &["--aws-sigv4", "aws:amz:eu-west-1:s3", far],
        )?;
        self.unanswered(&lost);
        self.records(&[tried(&h1, "198.18.49.10", "REJECT", "-")])
    }

    /// Rows 11 and 12.
    fn security_group(&mut self) -> Result<(), String> {
        let (h1, group) = (self.at.h1.clone(), self.at.group.clone());
        self.stage
            .step("11. The group lets out to S3 alone: DynamoDB needs its list, and an endpoint");
        let lost = dynamodb(self.stage, &h1.instance)?;
        self.unanswered(&lost);
        self.records(&[tried(&h1, DYNAMODB, "REJECT", "-")])?;
        change_list(self.stage, &group, "authorize", DYNAMODB_LIST)?;
        self.create("com.amazonaws.us-east-1.dynamodb", 0, None)?;
        let tables = dynamodb(self.stage, &h1.instance)?;
        self.stage.expect("200", &tables.status.as_str(), &"200");
        self.records(&used(&h1, DYNAMODB, "7"))?;

        self.stage
            .step("12. Without S3's list in the group, S3 is out of reach");
        change_list(self.stage, &group, "revoke", S3_LIST)?;
        let lost = self.get(&h1, "good")?;
        self.unanswered(&lost);
        self.records(&[tried(&h1, S3, "REJECT", "-")])?;
        change_list(self.stage, &group, "authorize", S3_LIST)
    }

    /// Row 13.
    fn refusals(&mut self, endpoint: &str) -> Result<(), String> {
        self.stage.step("13. What cannot be done");
        let (vpc, table) = (self.at.vpc.clone(), self.at.tables[0].clone());
        let create = |service: &str| {
            format!(
                "create-vpc-endpoint --vpc-id {vpc} --service-name {service} --route-table-ids {table}"
            )
        };
        let parameters = |service| {
            [
                ("VpcId", &*vpc),
                ("ServiceName", service),
                ("RouteTableId.1", &*table),
            ]
        };
        self.stage.ec2_refused(
            &create(S3_SERVICE),
            "CreateVpcEndpoint",
            &parameters(S3_SERVICE),
            "RouteAlreadyExists",
        );
        let elsewhere = "com.amazonaws.eu-west-1.s3";
        self.stage.ec2_refused(
            &create(elsewhere),
            "CreateVpcEndpoint",
            &parameters(elsewhere),
            "InvalidServiceName",
        );
        self.stage.ec2_refused(
            &format!(
                "delete-route --route-table-id {table} --destination-prefix-list-id {S3_LIST}"
            ),
            "DeleteRoute",
            &[
                ("RouteTableId", &table),
                ("DestinationPrefixListId", S3_LIST),
            ],
            "InvalidParameterValue",
        );
        let found = self.route(&table, S3_LIST)?;
        let wanted = Some((endpoint.to_owned(), "active".to_owned()));
        self.stage
            .expect("the route is still there", &found, &wanted);
        Ok(())
    }

    /// Row 14.
    fn lost_zone(&mut self, endpoint: &str) -> Result<(), String> {
        let (h1, h2, table) = (
            self.at.h1.clone(),
            self.at.h2.clone(),
            self.at.tables[1].clone(),
        );
        self.stage.step(
            "14. The zone of h1 is lost: the endpoint is of the region, and serves the others",
        );
        self.modify(endpoint, "add-route-table-ids", "AddRouteTableId.1", &table)?;
        self.stage.fault_zone("use1-az1", "down")?;
        self.expect_get(&h2, "good", "200")?;
        let lost = self.get(&h1, "good")?;
        self.unanswered(&lost);
        self.stage.fault_zone("use1-az1", "up")?;
        self.expect_get(&h1, "good", "200")?;
        // What a lost interface still counts is no part of this tour.
        self.reader.fresh(self.stage).map(drop)
    }

    /// Row 15.
    fn end(&mut self, endpoint: &str) -> Result<(), String> {
        let (h1, table) = (self.at.h1.clone(), self.at.tables[0].clone());
        self.stage
            .step("15. The endpoint is deleted: its route is gone, and no blackhole");
        self.stage.ec2(
            &format!("delete-vpc-endpoints --vpc-endpoint-ids {endpoint}"),
            "DeleteVpcEndpoints",
            &[("VpcEndpointId.1", endpoint)],
        )?;
        let found = self.route(&table, S3_LIST)?;
        self.stage
            .expect("no route to S3's prefix list", &found, &None);
        let lost = self.get(&h1, "good")?;
        self.unanswered(&lost);
        self.records(&[tried(&h1, S3, "ACCEPT", "-")])
    }
}

impl Tour<'_> {
    /// Makes an endpoint on one of the two tables, and tells its id.
    fn create(
        &mut self,
        service: &str,
        table: usize,
        policy: Option<&str>,
    ) -> Result<String, String> {
        let (vpc, table) = (&self.at.vpc, &self.at.tables[table]);
        let mut shown = format!(
            "create-vpc-endpoint --vpc-id {vpc} --service-name {service} --route-table-ids {table}"
        );
        let mut parameters = vec![
            ("VpcId", vpc.as_str()),
            ("ServiceName", service),
            ("RouteTableId.1", table),
        ];
        if let Some(policy) = policy {
            shown.push_str(&format!(" --policy-document '{policy}'"));
            parameters.push(("PolicyDocument", policy));
        }
        let made = self.stage.ec2(&shown, "CreateVpcEndpoint", &parameters)?;
        let state = made.text("state");
        self.stage
            .expect("available at once", &state.as_str(), &"available");
        Ok(made.text("vpcEndpointId"))
    }

    fn modify(
        &mut self,
        endpoint: &str,
        option: &str,
        parameter: &str,
        table: &str,
    ) -> Result<(), String> {
        let shown = format!("modify-vpc-endpoint --vpc-endpoint-id {endpoint} --{option} {table}");
        let parameters = [("VpcEndpointId", endpoint), (parameter, table)];
        self.stage
            .ec2(&shown, "ModifyVpcEndpoint", &parameters)
            .map(drop)
    }

    /// Where a table leads a prefix list, and whether it can.
    fn route(&mut self, table: &str, list: &str) -> Result<Option<(String, String)>, String> {
        let seen = self.stage.ec2(
            &format!("describe-route-tables --route-table-ids {table}"),
            "DescribeRouteTables",
            &[("RouteTableId.1", table)],
        )?;
        let mut routes = seen.items("routeSet").iter();
        let route = routes.find(|route| route.text("destinationPrefixListId") == list);
        Ok(route.map(|route| (route.text("gatewayId"), route.text("state"))))
    }

    fn get(&mut self, host: &Host, bucket: &str) -> Result<Answer, String> {
        s3(self.stage, &host.instance, &[&url(bucket, "report")])
    }

    fn expect_get(&mut self, host: &Host, bucket: &str, status: &str) -> Result<Answer, String> {
        let answer = self.get(host, bucket)?;
        self.stage.expect(
            &format!("{bucket}: {status}"),
            &answer.status.as_str(),
            &status,
        );
        Ok(answer)
    }

    fn unanswered(&mut self, answer: &Answer) {
        self.stage.expect("no answer", &answer.is_none(), &true);
    }

    fn records(&mut self, wanted: &[Expected]) -> Result<(), String> {
        records::check(self.stage, &mut self.reader, wanted)
    }
}

fn flow(
    eni: &str,
    src: &str,
    dst: &str,
    action: &'static str,
    way: Option<(&'static str, &'static str)>,
) -> Expected {
    Expected {
        eni: eni.to_owned(),
        src: src.to_owned(),
        dst: dst.to_owned(),
        src_port: None,
        dst_port: None,
        protocol: 6,
        count: None,
        action,
        way,
        tcp_flags: None,
    }
}

/// The record of a connection that nobody answered.
fn tried(host: &Host, to: &str, action: &'static str, path: &'static str) -> Expected {
    Expected {
        tcp_flags: SYN,
        ..flow(&host.eni, host.address, to, action, Some(("egress", path)))
    }
}

/// The records of a connection that was.
fn used(host: &Host, to: &str, path: &'static str) -> Vec<Expected> {
    vec![
        flow(
            &host.eni,
            host.address,
            to,
            "ACCEPT",
            Some(("egress", path)),
        ),
        flow(
            &host.eni,
            to,
            host.address,
            "ACCEPT",
            Some(("ingress", "-")),
        ),
    ]
}
