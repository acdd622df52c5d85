//! S3 and DynamoDB as the hosts of a tour ask them: with curl, which signs, and keys that lie in a file of the host's own.

use super::stage::Stage;

/// The owner's root keys, which no identity policy binds.
const ROOT: [&str; 3] = ["test", "test", ""];

/// An access key.
pub struct Keys {
    id: String,
    secret: String,
    /// None of a root's.
    token: String,
}

/// What a service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status; `000` for none.
    pub status: String,
    pub body: String,
}

impl Answer {
    /// Whether nobody answered, which is how a closed way shows itself.
    pub fn is_none(&self) -> bool {
        self.status == "000"
    }
}

impl Keys {
    pub fn root() -> Keys {
        let [id, secret, token] = ROOT.map(str::to_owned);
        Keys { id, secret, token }
    }

    /// Keys of a new role that may do everything in S3 and DynamoDB.
    pub fn of_new_role(stage: &mut Stage, name: &str) -> Result<Keys, String> {
        let trust = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]}"#;
        let may =
            r#"{"Statement":[{"Effect":"Allow","Action":["s3:*","dynamodb:*"],"Resource":"*"}]}"#;
        stage.iam(
            &format!("create-role --role-name {name} --assume-role-policy-document '{trust}'"),
            "CreateRole",
            &[("RoleName", name), ("AssumeRolePolicyDocument", trust)],
        )?;
        stage.iam(
            &format!(
                "put-role-policy --role-name {name} --policy-name all --policy-document '{may}'"
            ),
            "PutRolePolicy",
            &[
                ("RoleName", name),
                ("PolicyName", "all"),
                ("PolicyDocument", may),
            ],
        )?;
        Keys::of_role(stage, name)
    }

    /// Keys of a role that there is.
    pub fn of_role(stage: &Stage, name: &str) -> Result<Keys, String> {
        let arn = format!("arn:aws:iam::123456789012:role/{name}");
        let session = [("RoleArn", arn.as_str()), ("RoleSessionName", "tour")];
        let session = stage.client.sts("AssumeRole", &session);
        let session = session.map_err(|refusal| refusal.to_string())?;
        Ok(Keys {
            id: session.text("AccessKeyId"),
            secret: session.text("SecretAccessKey"),
            token: session.text("SessionToken"),
        })
    }

    /// Lays the keys into a host, as curl's settings `/tmp/s3` and `/tmp/dynamodb`.
    pub fn give_to(&self, stage: &Stage, host: &str) -> Result<(), String> {
        for service in ["s3", "dynamodb"] {
            let settings = self.settings(service);
            let line = format!("printf %s \"$1\" > /tmp/{service}");
            let command = ["sh", "-c", &line, "sh", &settings];
            let ran = match host.starts_with("i-") {
                true => stage.probe(host, &command)?,
                false => stage.probe_outside(host, &command)?,
            };
            if ran.status != 0 {
                return Err(format!("the keys cannot be laid into {host}"));
            }
        }
        Ok(())
    }

    fn settings(&self, service: &str) -> String {
        let Keys { id, secret, token } = self;
        let mut lines = vec![
            "silent".to_owned(),
            "max-time = 3".to_owned(),
            r#"write-out = "\n%{http_code}""#.to_owned(),
            format!(r#"aws-sigv4 = "aws:amz:us-east-1:{service}""#),
            format!(r#"user = "{id}:{secret}""#),
        ];
        if !token.is_empty() {
            lines.push(format!(r#"header = "x-amz-security-token: {token}""#));
        }
        if service == "s3" {
            lines.push(r#"header = "x-amz-content-sha256: UNSIGNED-PAYLOAD""#.to_owned());
        }
        // Hosts of the internet have no resolver of a VPC.
        for name in ["good", "other", "secret", "open", "app-data"] {
            lines.push(format!(
                r#"resolve = "{name}.s3.us-east-1.amazonaws.com:443:198.18.10.10""#
            ));
        }
        lines.push(r#"resolve = "far.s3.eu-west-1.amazonaws.com:443:198.18.49.10""#.to_owned());
        lines.join("\n")
    }
}

/// Has a host ask S3, by more words for curl.
pub fn s3(stage: &mut Stage, host: &str, words: &[&str]) -> Result<Answer, String> {
    ask(stage, host, "/tmp/s3", words)
}

/// Has a host list the tables of DynamoDB.
pub fn dynamodb(stage: &mut Stage, host: &str) -> Result<Answer, String> {
    let words = [
        "-H",
        "x-amz-target: DynamoDB_20120810.ListTables",
        "-H",
        "content-type: application/x-amz-json-1.0",
        "-d",
        "{}",
        "https://dynamodb.us-east-1.amazonaws.com/",
    ];
    ask(stage, host, "/tmp/dynamodb", &words)
}

fn ask(stage: &mut Stage, host: &str, settings: &str, words: &[&str]) -> Result<Answer, String> {
    let command: Vec<&str> = ["curl", "-K", settings]
        .into_iter()
        .chain(words.iter().copied())
        .collect();
    let ran = stage.run_in(host, &command)?;
    let (body, status) = ran.stdout.rsplit_once('\n').unwrap_or(("", "000"));
    Ok(Answer {
        status: status.to_owned(),
        body: body.to_owned(),
    })
}

/// Where an object of a bucket in us-east-1 is.
pub fn url(bucket: &str, key: &str) -> String {
    format!("https://{bucket}.s3.us-east-1.amazonaws.com/{key}")
}

/// Has a host on the internet, with the owner's keys, make buckets with an object `report` in each.
pub fn make_buckets(stage: &mut Stage, host: &str, buckets: &[&str]) -> Result<(), String> {
    for bucket in buckets {
        done(s3(stage, host, &["-X", "PUT", &url(bucket, "")])?)?;
        let report = format!("this is {bucket}");
        done(s3(
            stage,
            host,
            &["-X", "PUT", "-d", &report, &url(bucket, "report")],
        )?)?;
    }
    Ok(())
}

/// Has a host give a bucket its policy.
pub fn put_policy(stage: &mut Stage, host: &str, bucket: &str, policy: &str) -> Result<(), String> {
    let place = url(bucket, "?policy=");
    done(s3(stage, host, &["-X", "PUT", "-d", policy, &place])?)
}

/// A policy that denies everything in a bucket but through one endpoint (spec 03 §3, "Private-only bucket").
pub fn only_through(bucket: &str, endpoint: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::{bucket}","arn:aws:s3:::{bucket}/*"],"Condition":{{"StringNotEquals":{{"aws:SourceVpce":"{endpoint}"}}}}}}]}}"#
    )
}

pub fn done(answer: Answer) -> Result<(), String> {
    match answer.status.starts_with('2') {
        true => Ok(()),
        false => Err(format!("S3 answered {}: {}", answer.status, answer.body)),
    }
}
