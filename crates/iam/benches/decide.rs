//! What a decision costs: 5 µs for a typical policy, 1 ms for the longest.

use criterion::{Criterion, criterion_group, criterion_main};
use openvpc_iam::Documents;
use openvpc_iam::judge::{Evaluator, Request};

fn decide(c: &mut Criterion) {
    let statement = |bucket: &str| {
        format!(
            r#"{{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":["arn:aws:s3:::{bucket}","arn:aws:s3:::{bucket}/${{aws:username}}/*"],"Condition":{{"StringEquals":{{"aws:SourceVpce":"vpce-1a2b3c4d"}}}}}}"#
        )
    };
    let policy = |statements: &[String]| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
            statements.join(",")
        )
    };
    let typical = policy(&["one", "two", "three"].map(statement));
    let mut all = Vec::new();
    while policy(&all).len() < 20_480 - 300 {
        all.push(statement(&format!("bucket-{}", all.len())));
    }
    let longest = policy(&all);
    let context = [
        ("aws:username".to_owned(), "Bob".to_owned()),
        (
            "aws:PrincipalArn".to_owned(),
            "arn:aws:iam::123456789012:user/Bob".to_owned(),
        ),
        ("aws:SourceVpce".to_owned(), "vpce-1a2b3c4d".to_owned()),
    ];
    let request = Request {
        action: "s3:GetObject",
        resource: "arn:aws:s3:::three/Bob/a/long/key/of/an/object",
        context: &context,
    };
    let documents = Documents::default();
    c.bench_function("typical", |b| {
        b.iter(|| documents.identity(&typical, &request))
    });
    c.bench_function("longest", |b| {
        b.iter(|| documents.identity(&longest, &request))
    });
    let stars = policy(&[format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":"arn:{}b"}}"#,
        "a*".repeat(5_000)
    )]);
    let text = format!("arn:{}", "a".repeat(1_000));
    let hostile = Request {
        resource: &text,
        ..request
    };
    c.bench_function("wildcards", |b| {
        b.iter(|| documents.identity(&stars, &hostile))
    });
    let run = format!("*{}b", "a".repeat(500));
    let runs = policy(&[format!(
        r#"{{"Effect":"Allow","Action":"*","Resource":["arn:{}"]}}"#,
        vec![run; 38].join("*\",\"arn:")
    )]);
    c.bench_function("long runs", |b| {
        b.iter(|| documents.identity(&runs, &hostile))
    });
}

criterion_group!(benches, decide);
criterion_main!(benches);
