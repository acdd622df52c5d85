//! Cost of one call's outer layers: proving the signature, reading the form, writing the answer.

#![allow(clippy::unwrap_used)]

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openvpc_ec2::generated::EC2;
use openvpc_ec2::sigv4::{Claim, Credential, Received, SigningRequest, sign};
use openvpc_ec2::{decode, encode};
use serde_json::{Value, json};
use std::hint::black_box;

const FORM: &[u8] = b"Action=DescribeVpcs&Version=2016-11-15&VpcId.1=vpc-0123456789abcdef0&Filter.1.Name=state&Filter.1.Value.1=available&MaxResults=100";

fn call(c: &mut Criterion) {
    let now = DateTime::<Utc>::from_timestamp(1_735_787_045, 0).unwrap();
    let headers = [
        (
            "content-type".to_owned(),
            "application/x-www-form-urlencoded; charset=utf-8".to_owned(),
        ),
        ("host".to_owned(), "127.0.0.1:4566".to_owned()),
    ];
    let signed = sign(&SigningRequest {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: FORM,
        region: "us-east-1",
        service: "ec2",
        access_key: "test",
        secret_key: "test",
        now,
    });
    let headers: Vec<_> = headers
        .iter()
        .chain(&signed)
        .map(|(n, v)| (n.as_str(), v.as_bytes()))
        .collect();
    let received = Received {
        method: "POST",
        path: "/",
        query: "",
        headers: &headers,
        body: FORM,
    };
    let credential = Credential {
        secret_key: "test",
        account: "123456789012",
        session_token: None,
    };
    c.bench_function("verify", |b| {
        b.iter(|| {
            Claim::read(black_box(&received))
                .unwrap()
                .verify(&received, now, |_| Some(credential))
                .unwrap()
        });
    });
    c.bench_function("decode", |b| {
        b.iter(|| decode(&EC2, b"", black_box(FORM)).unwrap())
    });
}

fn page(c: &mut Criterion) {
    let interface = json!({
        "NetworkInterfaceId": "eni-0123456789abcdef0", "SubnetId": "subnet-0123456789abcdef0",
        "VpcId": "vpc-0123456789abcdef0", "AvailabilityZone": "us-east-1a", "Description": "",
        "OwnerId": "123456789012", "RequesterManaged": false, "Status": "in-use",
        "MacAddress": "0a:00:00:00:00:01", "PrivateIpAddress": "10.0.0.5", "SourceDestCheck": true,
        "InterfaceType": "interface", "Groups": [{"GroupId": "sg-0123456789abcdef0", "GroupName": "default"}],
        "PrivateIpAddresses": [{"PrivateIpAddress": "10.0.0.5", "Primary": true}],
        "Ipv6Addresses": [], "TagSet": [{"Key": "Name", "Value": "web"}],
    });
    let output = json!({"NetworkInterfaces": vec![interface; 1000]});
    let action = EC2.action("DescribeNetworkInterfaces").unwrap();
    let write = |output: &Value| encode::response(&EC2, action, "r", output).unwrap();
    let mut group = c.benchmark_group("encode");
    group.throughput(Throughput::Bytes(write(&output).len() as u64));
    group.bench_function("1000 network interfaces", |b| {
        b.iter(|| write(black_box(&output)))
    });
    group.finish();
}

criterion_group!(benches, call, page);
criterion_main!(benches);
