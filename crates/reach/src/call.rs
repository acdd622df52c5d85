//! An API call that might be made: its action and its parameters, and the AWS CLI command that makes it.

use serde_json::{Map, Value};

/// One call. Texts that begin with `$` stand for what an earlier call of the same change made.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// Such as `CreateRoute`.
    pub action: &'static str,
    /// Member names as in the service model.
    pub input: Value,
    /// The variable that its answer fills, and where in the answer.
    pub makes: Option<(&'static str, &'static str)>,
}

impl Call {
    /// A call whose answer nobody needs.
    pub fn new(action: &'static str, input: Value) -> Call {
        Call {
            action,
            input,
            makes: None,
        }
    }

    /// A call that makes something which later calls name by `$variable`; `pointer` is a JSON pointer into its answer.
    pub fn making(
        action: &'static str,
        input: Value,
        variable: &'static str,
        pointer: &'static str,
    ) -> Call {
        Call {
            action,
            input,
            makes: Some((variable, pointer)),
        }
    }

    /// The command line of a POSIX shell, in the region that it exports.
    pub fn command(&self) -> String {
        self.command_of("")
    }

    /// The command line of a POSIX shell, in a region.
    pub fn command_in(&self, region: &str) -> String {
        self.command_of(&format!(" --region {region}"))
    }

    fn command_of(&self, region: &str) -> String {
        let mut words = format!("aws ec2 {}{region}", kebab(self.action));
        for (name, value) in self.input.as_object().into_iter().flatten() {
            words.push_str(&argument(name, value));
        }
        match self.makes {
            None => words,
            Some((variable, pointer)) => {
                let query = pointer.trim_start_matches('/').replace('/', ".");
                format!("{variable}=$({words} --query {query} --output text)")
            }
        }
    }
}

fn argument(name: &str, value: &Value) -> String {
    let name = match (name, value) {
        // The CLI calls these otherwise than the API.
        ("Egress", Value::Bool(true)) => return " --egress".to_owned(),
        ("Egress", Value::Bool(false)) => return " --ingress".to_owned(),
        ("SourceDestCheck", Value::Object(check)) => {
            return match check.get("Value") {
                Some(Value::Bool(false)) => " --no-source-dest-check".to_owned(),
                _ => " --source-dest-check".to_owned(),
            };
        }
        ("Groups", _) => "groups".to_owned(),
        (name, _) => kebab(name),
    };
    format!(" --{name} {}", shorthand(value))
}

/// A value in the CLI's shorthand: `a=1,b=[{c=2}]`; lists of texts are words.
fn shorthand(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shorthand).collect();
            items.join(" ")
        }
        Value::Object(members) => quote(&pairs(members)),
        Value::String(text) => quote(text),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn pairs(members: &Map<String, Value>) -> String {
    let pairs: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{name}={}", nested(value)))
        .collect();
    pairs.join(",")
}

fn nested(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(nested).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(members) => format!("{{{}}}", pairs(members)),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A word that a shell takes as it is, except for the variable that it may name.
fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,$@".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false if text.contains('$') => format!("\"{text}\""),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// `CreateVpc` and `VpcId` as the CLI writes them: `create-vpc`, `vpc-id`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for (place, c) in name.chars().enumerate() {
        if c.is_ascii_uppercase() && place > 0 {
            kebab.push('-');
        }
        kebab.push(c.to_ascii_lowercase());
    }
    kebab.replace("ipv-6", "ipv6")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_the_command_that_makes_it() {
        let call = Call::new(
            "AuthorizeSecurityGroupIngress",
            json!({"GroupId": "sg-1", "IpPermissions": [{
                "IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8"}],
            }]}),
        );
        assert_eq!(
            call.command(),
            "aws ec2 authorize-security-group-ingress --group-id sg-1 \
             --ip-permissions 'FromPort=80,IpProtocol=tcp,IpRanges=[{CidrIp=10.0.0.0/8}],ToPort=80'"
        );
        let call = Call::making(
            "CreateInternetGateway",
            json!({}),
            "igw",
            "/InternetGateway/InternetGatewayId",
        );
        assert_eq!(
            call.command(),
            "igw=$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text)"
        );
        let call = Call::new(
            "CreateNetworkAclEntry",
            json!({"NetworkAclId": "acl-1", "Egress": false, "RuleNumber": 90, "Ipv6CidrBlock": "::/0"}),
        );
        assert_eq!(
            call.command(),
            "aws ec2 create-network-acl-entry --ingress --ipv6-cidr-block ::/0 --network-acl-id acl-1 --rule-number 90"
        );
    }
}
