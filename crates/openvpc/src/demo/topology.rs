//! What several tours build alike.

use std::time::Duration;

use super::stage::Stage;

/// Makes an internet gateway, attaches it to a VPC, and tells its id.
pub fn internet_gateway(stage: &mut Stage, vpc: &str) -> Result<String, String> {
    let igw = stage
        .ec2("create-internet-gateway", "CreateInternetGateway", &[])?
        .text("internetGatewayId");
    stage.ec2(
        &format!("attach-internet-gateway --internet-gateway-id {igw} --vpc-id {vpc}"),
        "AttachInternetGateway",
        &[("InternetGatewayId", &igw), ("VpcId", vpc)],
    )?;
    Ok(igw)
}

/// Launches an instance with an IPv4 and perhaps an IPv6 address of its own, waits until it runs,
/// and tells its id and its interface's.
pub fn launch(
    stage: &mut Stage,
    subnet: &str,
    group: &str,
    ipv4: &str,
    ipv6: Option<&str>,
) -> Result<(String, String), String> {
    let mut shown = format!(
        "run-instances --image-id ami-0123456789abcdef0 --instance-type t3.micro --subnet-id {subnet} --security-group-ids {group} --private-ip-address {ipv4}"
    );
    let mut parameters = vec![
        ("ImageId", "ami-0123456789abcdef0"),
        ("InstanceType", "t3.micro"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", subnet),
        ("SecurityGroupId.1", group),
        ("PrivateIpAddress", ipv4),
    ];
    if let Some(ipv6) = ipv6 {
        shown.push_str(&format!(" --ipv6-addresses Ipv6Address={ipv6}"));
        parameters.push(("Ipv6Address.1.Ipv6Address", ipv6));
    }
    let answer = stage.ec2(&shown, "RunInstances", &parameters)?;
    let (instance, eni) = (answer.text("instanceId"), answer.text("networkInterfaceId"));
    for _ in 0..200 {
        let now = stage
            .client
            .ec2("DescribeInstances", &[("InstanceId.1", &instance)])
            .map_err(|refusal| refusal.to_string())?;
        let state = now.find("instanceState").map(|state| state.text("name"));
        match state.as_deref() {
            Some("running") => return Ok((instance, eni)),
            Some("pending") => std::thread::sleep(Duration::from_millis(20)),
            other => return Err(format!("{instance} is {other:?} instead of running")),
        }
    }
    Err(format!("{instance} did not get to run"))
}
