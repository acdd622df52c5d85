//! The Query dialect: forms decoded, refusals written.

use openvpc_ec2::generated::{EC2, STS};
use openvpc_ec2::{Error, decode, encode, form};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::Target;

/// A query string, a line feed, a body.
pub const QUERY: Target = Target {
    name: "ec2_query",
    run: query,
    seeds: || {
        let of = |text: &str| text.as_bytes().to_vec();
        vec![
            (
                "create_vpc",
                of(
                    "\nAction=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16&TagSpecification.1.ResourceType=vpc&TagSpecification.1.Tag.1.Key=a&TagSpecification.1.Tag.1.Value=%C3%BC",
                ),
            ),
            (
                "filters",
                of(
                    "\nAction=DescribeVpcs&Version=2016-11-15&Filter.1.Name=state&Filter.1.Value.1=available&MaxResults=5&VpcId.1=vpc-0123456789abcdef0",
                ),
            ),
            (
                "permissions",
                of(
                    "\nAction=AuthorizeSecurityGroupIngress&Version=2016-11-15&GroupId=sg-0123456789abcdef0&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=22&IpPermissions.1.ToPort=22&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0",
                ),
            ),
            (
                "in_the_query",
                of("Action=DescribeRegions&Version=2016-11-15\n"),
            ),
            (
                "blob",
                of(
                    "\nAction=RunInstances&Version=2016-11-15&ImageId=ami-1&MinCount=1&MaxCount=1&UserData=IyEvYmluL3NoCg%3D%3D&DryRun=true",
                ),
            ),
            ("sts", of("\nAction=GetCallerIdentity&Version=2011-06-15")),
        ]
    },
};

fn query(bytes: &[u8]) {
    let at = bytes.iter().position(|byte| *byte == b'\n');
    let (query, body) = at.map_or((&[][..], bytes), |at| (&bytes[..at], &bytes[at + 1..]));
    if let Ok(read) = form::parse(body) {
        // Written again with every byte escaped, it reads the same.
        let escape =
            |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02x}")).collect() };
        let pairs = read
            .iter()
            .map(|(name, value)| format!("{}={}", escape(name), escape(value)));
        let again = pairs.collect::<Vec<_>>().join("&");
        if again.len() <= form::BODY_BYTES_MAX {
            assert_eq!(form::parse(again.as_bytes()).as_ref(), Ok(&read));
        }
    }
    for service in [&EC2, &STS] {
        match decode(service, query, body) {
            Ok(request) => assert!(request.input.is_object()),
            Err(error) => is_refusal(&encode::error_xml(service, "id", &error), &error),
        }
    }
}

/// Well-formed XML that says what is wrong, and is not made by the caller.
fn is_refusal(xml: &str, error: &Error) {
    assert!((400..500).contains(&error.status()), "{error}");
    assert!(
        error.message().len() < 2_000,
        "a long answer: {}",
        error.message().len()
    );
    let mut reader = Reader::from_str(xml);
    let mut open = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) => open.push(tag.name().as_ref().to_vec()),
            Event::End(_) => drop(open.pop()),
            Event::Eof => break,
            _ => {}
        }
        assert!(open.len() < 8);
    }
    assert!(open.is_empty());
}
