//! Row 14: everything is taken down again, in the order in which it depends on itself; `DeleteVpc` refuses where a thing is
//! left.

use std::time::Duration;

use super::super::stage::Stage;
use super::Tour;

/// How long something may take to go.
const LOOKS: (u32, Duration) = (300, Duration::from_millis(100));

/// What is deleted of a VPC, from those that use to those that are used: how it is found, and how it goes.
const OF_A_VPC: [Kind; 3] = [
    Kind {
        describe: "DescribeSubnets",
        set: "subnetSet",
        id: "subnetId",
        delete: ("delete-subnet --subnet-id", "DeleteSubnet", "SubnetId"),
    },
    Kind {
        describe: "DescribeRouteTables",
        set: "routeTableSet",
        id: "routeTableId",
        delete: (
            "delete-route-table --route-table-id",
            "DeleteRouteTable",
            "RouteTableId",
        ),
    },
    Kind {
        describe: "DescribeSecurityGroups",
        set: "securityGroupInfo",
        id: "groupId",
        delete: (
            "delete-security-group --group-id",
            "DeleteSecurityGroup",
            "GroupId",
        ),
    },
];

struct Kind {
    describe: &'static str,
    set: &'static str,
    id: &'static str,
    delete: Delete,
}

/// As a user types it, the action, and the parameter of the id.
type Delete = (&'static str, &'static str, &'static str);

impl Tour<'_> {
    pub(super) fn take_down(&mut self) -> Result<(), String> {
        self.stage
            .step("14. Everything is taken down again: nothing is left that a VPC would keep");
        let hosts = self.at.hosts().map(|host| host.instance.clone());
        let nats = [&self.at.nat_a.id, &self.at.nat_b.id].map(String::clone);
        let peerings = [&self.at.app_shared, &self.at.data_shared].map(String::clone);
        let (vpcs, balancer) = (self.at.vpcs.clone(), self.at.billing.arn.clone());
        let stage = &mut *self.stage;
        for host in &hosts {
            let words = "terminate-instances --instance-ids";
            delete(stage, (words, "TerminateInstances", "InstanceId.1"), host)?;
        }
        for host in &hosts {
            let asked = ("DescribeInstances", "InstanceId.1", host.as_str());
            gone(stage, asked, "instanceState", "name", "terminated")?;
        }
        let logs = found(stage, "DescribeFlowLogs", &[], ("flowLogSet", "flowLogId"))?;
        for log in &logs {
            let words = "delete-flow-logs --flow-log-ids";
            delete(stage, (words, "DeleteFlowLogs", "FlowLogId.1"), log)?;
        }
        let set = ("vpcEndpointSet", "vpcEndpointId");
        for endpoint in &found(stage, "DescribeVpcEndpoints", &[], set)? {
            let words = "delete-vpc-endpoints --vpc-endpoint-ids";
            delete(
                stage,
                (words, "DeleteVpcEndpoints", "VpcEndpointId.1"),
                endpoint,
            )?;
        }
        let (action, set) = (
            "DescribeVpcEndpointServiceConfigurations",
            ("serviceConfigurationSet", "serviceId"),
        );
        for service in &found(stage, action, &[], set)? {
            let words = "delete-vpc-endpoint-service-configurations --service-ids";
            let action = "DeleteVpcEndpointServiceConfigurations";
            delete(stage, (words, action, "ServiceId.1"), service)?;
        }
        stage.elb(
            &format!("delete-load-balancer --load-balancer-arn {balancer}"),
            "DeleteLoadBalancer",
            &[("LoadBalancerArn", &balancer)],
        )?;
        for nat in &nats {
            let words = "delete-nat-gateway --nat-gateway-id";
            delete(stage, (words, "DeleteNatGateway", "NatGatewayId"), nat)?;
        }
        for nat in &nats {
            let asked = ("DescribeNatGateways", "NatGatewayId.1", nat.as_str());
            gone(stage, asked, "natGatewaySet", "state", "deleted")?;
        }
        let set = ("addressesSet", "allocationId");
        for address in &found(stage, "DescribeAddresses", &[], set)? {
            let words = "release-address --allocation-id";
            delete(stage, (words, "ReleaseAddress", "AllocationId"), address)?;
        }
        for peering in &peerings {
            let words = "delete-vpc-peering-connection --vpc-peering-connection-id";
            let action = "DeleteVpcPeeringConnection";
            delete(stage, (words, action, "VpcPeeringConnectionId"), peering)?;
        }
        gateways(stage, &vpcs[0])?;
        for vpc in &vpcs {
            of_a_vpc(stage, vpc)?;
            delete(stage, ("delete-vpc --vpc-id", "DeleteVpc", "VpcId"), vpc)?;
        }
        let left = found(stage, "DescribeVpcs", &[], ("vpcSet", "vpcId"))?;
        let left: Vec<_> = left.iter().filter(|vpc| vpcs.contains(vpc)).collect();
        stage.expect("no VPC is left", &left, &Vec::new());
        Ok(())
    }
}

/// The application's two gateways.
fn gateways(stage: &mut Stage, vpc: &str) -> Result<(), String> {
    let (set, action) = (
        (
            "egressOnlyInternetGatewaySet",
            "egressOnlyInternetGatewayId",
        ),
        "DescribeEgressOnlyInternetGateways",
    );
    for gateway in &found(stage, action, &[], set)? {
        let words = "delete-egress-only-internet-gateway --egress-only-internet-gateway-id";
        let action = "DeleteEgressOnlyInternetGateway";
        delete(
            stage,
            (words, action, "EgressOnlyInternetGatewayId"),
            gateway,
        )?;
    }
    let filter = [
        ("Filter.1.Name", "attachment.vpc-id"),
        ("Filter.1.Value.1", vpc),
    ];
    let set = ("internetGatewaySet", "internetGatewayId");
    for gateway in &found(stage, "DescribeInternetGateways", &filter, set)? {
        stage.ec2(
            &format!("detach-internet-gateway --internet-gateway-id {gateway} --vpc-id {vpc}"),
            "DetachInternetGateway",
            &[("InternetGatewayId", gateway), ("VpcId", vpc)],
        )?;
        let words = "delete-internet-gateway --internet-gateway-id";
        delete(
            stage,
            (words, "DeleteInternetGateway", "InternetGatewayId"),
            gateway,
        )?;
    }
    Ok(())
}

/// All but what every VPC has from the beginning.
fn of_a_vpc(stage: &mut Stage, vpc: &str) -> Result<(), String> {
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc)];
    for kind in &OF_A_VPC {
        let seen = stage.client.ec2(kind.describe, &filter);
        let seen = seen.map_err(|refusal| refusal.to_string())?;
        for item in seen.items(kind.set) {
            if item.text("main") != "true" && item.text("groupName") != "default" {
                delete(stage, kind.delete, &item.text(kind.id))?;
            }
        }
    }
    Ok(())
}

fn delete(stage: &mut Stage, (words, action, parameter): Delete, id: &str) -> Result<(), String> {
    let shown = format!("{words} {id}");
    stage.ec2(&shown, action, &[(parameter, id)]).map(drop)
}

/// The ids that a Describe call lists.
fn found(
    stage: &Stage,
    action: &str,
    parameters: &[(&str, &str)],
    (set, id): (&str, &str),
) -> Result<Vec<String>, String> {
    let seen = stage.client.ec2(action, parameters);
    let seen = seen.map_err(|refusal| refusal.to_string())?;
    Ok(seen.items(set).iter().map(|item| item.text(id)).collect())
}

/// Waits until something shows a state below an element.
fn gone(
    stage: &Stage,
    (action, parameter, id): (&str, &str, &str),
    element: &str,
    member: &str,
    wanted: &str,
) -> Result<(), String> {
    let (tries, pause) = LOOKS;
    for _ in 0..tries {
        let seen = stage.client.ec2(action, &[(parameter, id)]);
        let seen = seen.map_err(|refusal| refusal.to_string())?;
        let state = seen.find(element).map(|element| element.text(member));
        if state.as_deref() == Some(wanted) {
            return Ok(());
        }
        std::thread::sleep(pause);
    }
    Err(format!("{id} is not {wanted}"))
}
