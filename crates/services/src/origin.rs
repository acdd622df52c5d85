//! Where a request came from.

use std::net::{IpAddr, SocketAddr};

/// Where a request came from, as the port it arrived on proves it (`GE-29`). The edge makes it once for each connection;
/// to S3 it travels as an extension of the HTTP request. Nothing that the caller says can set it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The public source address; none when the request came through an endpoint (`GP-4`).
    pub source_ip: Option<IpAddr>,
    /// The private source address of a request through an endpoint.
    pub vpc_source_ip: Option<IpAddr>,
    /// The VPC of a request through an endpoint.
    pub vpc: Option<String>,
    pub endpoint: Option<String>,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// The region whose service was asked, by its address; none at the API's own listener, which serves all regions.
    pub region: Option<&'static str>,
}

impl Origin {
    /// Of a connection that came through no endpoint.
    pub fn outside(peer: SocketAddr, tls: bool) -> Origin {
        Origin {
            source_ip: Some(peer.ip().to_canonical()),
            tls,
            ..Origin::default()
        }
    }

    /// Of a connection through an endpoint.
    pub fn through(endpoint: String, vpc: String, private: IpAddr, tls: bool) -> Origin {
        Origin {
            source_ip: None,
            vpc_source_ip: Some(private),
            vpc: Some(vpc),
            endpoint: Some(endpoint),
            tls,
            region: None,
        }
    }

    /// What conditions of policies can ask of it (IAM user guide, "Global condition keys": network properties).
    pub fn context(&self) -> Vec<(String, String)> {
        let mut keys = vec![("aws:SecureTransport".to_owned(), self.tls.to_string())];
        let mut add = |key: &str, value: Option<String>| {
            keys.extend(value.map(|value| (key.to_owned(), value)));
        };
        let text = |address: Option<IpAddr>| address.map(|address| address.to_string());
        match &self.endpoint {
            Some(endpoint) => {
                add("aws:SourceVpce", Some(endpoint.clone()));
                add("aws:SourceVpc", self.vpc.clone());
                add("aws:VpcSourceIp", text(self.vpc_source_ip));
            }
            None => add("aws:SourceIp", text(self.source_ip)),
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value<'a>(context: &'a [(String, String)], key: &str) -> Option<&'a str> {
        let found = context.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }

    /// `GP-4`: an endpoint shows its id, its VPC and the private address, and no public address.
    #[test]
    fn an_endpoint_hides_the_public_address() {
        let private = "10.0.1.5".parse().unwrap();
        let mut origin = Origin::through("vpce-1".to_owned(), "vpc-1".to_owned(), private, true);
        origin.source_ip = Some("203.0.113.12".parse().unwrap());
        let context = origin.context();
        assert_eq!(value(&context, "aws:SourceVpce"), Some("vpce-1"));
        assert_eq!(value(&context, "aws:SourceVpc"), Some("vpc-1"));
        assert_eq!(value(&context, "aws:VpcSourceIp"), Some("10.0.1.5"));
        assert_eq!(value(&context, "aws:SecureTransport"), Some("true"));
        assert_eq!(value(&context, "aws:SourceIp"), None);
    }

    #[test]
    fn without_an_endpoint_there_is_only_the_source_address() {
        let origin = Origin::outside("[::ffff:203.0.113.12]:4000".parse().unwrap(), false);
        let wanted = [
            ("aws:SecureTransport", "false"),
            ("aws:SourceIp", "203.0.113.12"),
        ];
        let wanted = wanted.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(origin.context(), wanted);
    }
}
