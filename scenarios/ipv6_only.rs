//! VPC user guide, "IPv6-only subnets": hosts without any IPv4 address, and all that they reach nevertheless.

use crate::support::{DEFAULT_FORMAT, Privilege, User, eventually, records};

const LOGS: &str = "logs.us-east-1.amazonaws.com";

fn hosts_without_ipv4(privilege: Privilege) {
    let user = User::of_new_daemon(privilege);
    let vpc = user.text(
        "ec2 create-vpc --cidr-block 10.0.0.0/16 --amazon-provided-ipv6-cidr-block",
        "/Vpc/VpcId",
    );
    for attribute in ["--enable-dns-hostnames", "--enable-dns-support"] {
        user.aws(&format!(
            "ec2 modify-vpc-attribute --vpc-id {vpc} {attribute}"
        ));
    }
    let block = user.text(
        &format!("ec2 describe-vpcs --vpc-ids {vpc}"),
        "/Vpcs/0/Ipv6CidrBlockAssociationSet/0/Ipv6CidrBlock",
    );
    let only = user.text(
        &format!(
            "ec2 create-subnet --vpc-id {vpc} --ipv6-native --ipv6-cidr-block {} --availability-zone us-east-1a",
            block.replace("/56", "/64")
        ),
        "/Subnet/SubnetId",
    );
    let other = user.text(
        &format!("ec2 create-subnet --vpc-id {vpc} --cidr-block 10.0.2.0/24"),
        "/Subnet/SubnetId",
    );
    let eigw = user.text(
        &format!("ec2 create-egress-only-internet-gateway --vpc-id {vpc}"),
        "/EgressOnlyInternetGateway/EgressOnlyInternetGatewayId",
    );
    let table = user.text(
        &format!("ec2 create-route-table --vpc-id {vpc}"),
        "/RouteTable/RouteTableId",
    );
    user.aws(&format!(
        "ec2 associate-route-table --route-table-id {table} --subnet-id {only}"
    ));
    user.aws(&format!(
        "ec2 create-route --route-table-id {table} --destination-ipv6-cidr-block ::/0 --egress-only-internet-gateway-id {eigw}"
    ));
    let group = user.text(
        &format!("ec2 create-security-group --group-name open --description open --vpc-id {vpc}"),
        "/GroupId",
    );
    user.aws(&format!(
        "ec2 authorize-security-group-ingress --group-id {group} --ip-permissions IpProtocol=-1,Ipv6Ranges=[{{CidrIpv6={block}}}]"
    ));
    let launch = || {
        user.launch(&format!(
            "--subnet-id {only} --security-group-ids {group} --metadata-options HttpProtocolIpv6=enabled"
        ))
    };
    let (a, b) = (launch(), launch());
    let seen = user.aws(&format!("ec2 describe-instances --instance-ids {b}"));
    let b_is = &seen["Reservations"][0]["Instances"][0];
    let b_address = b_is["Ipv6Address"].as_str().unwrap();
    assert!(b_is["PrivateIpAddress"].is_null(), "{b_is}");
    let eni = b_is["NetworkInterfaces"][0]["NetworkInterfaceId"]
        .as_str()
        .unwrap();
    user.log_interface(eni, "fl", DEFAULT_FORMAT);

    // No address but loopback's, and no way, of the other family.
    let addresses = user.ok(&a, "ip -4 -o addr show | grep -v ' lo ' | wc -l");
    assert_eq!(addresses, "0");
    assert_eq!(user.ok(&a, "hostname"), format!("{a}.ec2.internal"));
    assert_eq!(
        user.ok(&a, "cat /etc/resolv.conf"),
        "nameserver fd00:ec2::253"
    );
    // A neighbour by its name, which is the instance's own.
    user.ok(&a, &format!("ping -6 -c 2 -i 0.2 -W 2 {b}.ec2.internal"));
    // The internet, outwards only.
    user.ok(&a, "curl -sf -m 5 http://web.example.com/");
    assert!(!user.pings("bob", b_address), "nobody begins anything");
    // Metadata over IPv6.
    let token = "$(curl -sf -m 2 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' 'http://[fd00:ec2::254]/latest/api/token')";
    let told = |path: &str| {
        let line = format!(
            "curl -sf -m 2 -H \"X-aws-ec2-metadata-token: {token}\" 'http://[fd00:ec2::254]/latest/meta-data/{path}'"
        );
        user.ok(&b, &line)
    };
    assert_eq!(told("ipv6"), b_address);
    assert_eq!(told("local-hostname"), format!("{b}.ec2.internal"));
    assert!(!told("").lines().any(|name| name == "local-ipv4"));

    // An endpoint that has no IPv4 address either, and answers at the service's own name.
    user.aws(&format!(
        "ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc} --service-name com.amazonaws.us-east-1.logs \
         --subnet-ids {only} --security-group-ids {group} --ip-address-type ipv6 --private-dns-enabled"
    ));
    eventually("the service's name leads to the endpoint", || {
        let told = user.ok(
            &a,
            &format!("getent ahosts {LOGS} | cut -d' ' -f1 | sort -u"),
        );
        let prefix = block.trim_end_matches("::/56");
        (told.lines().count() == 1 && told.starts_with(prefix)).then_some(())
    });
    let line = format!(
        "curl -s -m 5 --aws-sigv4 aws:amz:us-east-1:logs --user test:test -H 'X-Amz-Target: Logs_20140328.DescribeLogGroups' \
         -H 'Content-Type: application/x-amz-json-1.1' -d '{{}}' https://{LOGS}/"
    );
    user.soon(&a, &format!("{line} | grep -q logGroups"));
    // Who has only IPv4 is not served by it.
    let words = format!(
        "ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc} --service-name com.amazonaws.us-east-1.sts \
         --subnet-ids {other} --ip-address-type ipv6"
    );
    let refused = user.aws_refused(&words);
    assert!(refused.contains("not an IPv6 only subnet"), "{refused}");

    eventually("its records tell its only address", || {
        let found = records(&user.daemon, "fl", DEFAULT_FORMAT);
        let pinged = format!(" {b_address} 0 0 58 2 208 ");
        found
            .iter()
            .any(|line| line.contains(&pinged) && line.contains("ACCEPT"))
            .then_some(())
    });
}

#[test]
fn hosts_without_ipv4_as_whoever_runs_this() {
    hosts_without_ipv4(Privilege::Own);
}

#[test]
fn hosts_without_ipv4_without_privileges() {
    hosts_without_ipv4(Privilege::Rootless);
}
