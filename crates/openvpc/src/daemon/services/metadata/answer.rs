//! The rules of the metadata service (MD-1; EC2 user guide, "How Instance Metadata Service Version 2 works"): one
//! request and what the instance may see in, an answer out.

use openvpc_model::{InstanceId, MetadataOptions};

use super::tokens::Tokens;
use super::tree::Node;

/// Versions of the tree that are served; all are the same one.
const VERSIONS: [&str; 4] = ["2009-04-04", "2016-09-02", "2021-07-15", "latest"];
const TTL_SECS: std::ops::RangeInclusive<u32> = 1..=21_600;

/// One request.
pub struct Request<'a> {
    pub method: &'a str,
    pub path: &'a str,
    /// `X-aws-ec2-metadata-token`.
    pub token: Option<&'a str>,
    /// `X-aws-ec2-metadata-token-ttl-seconds`.
    pub ttl: Option<&'a str>,
    /// Whether a proxy brought it (`X-Forwarded-For`).
    pub forwarded: bool,
}

/// What goes back.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    /// Seconds for which the token is good, told in a header.
    pub ttl: Option<i64>,
}

/// Answers a request of `instance`. `fresh` is a random text for a token, should one be given.
pub fn answer(
    request: &Request<'_>,
    instance: InstanceId,
    options: &MetadataOptions,
    tokens: &mut Tokens,
    fresh: String,
    now: i64,
    latest: impl FnOnce() -> Node,
) -> Answer {
    if options.http_endpoint == "disabled" {
        return refuse(403);
    }
    match request.method {
        "PUT" => issue(request, instance, tokens, fresh, now),
        "GET" | "HEAD" => {
            let ttl = match request.token {
                None if options.http_tokens == "required" => return refuse(401),
                None => None,
                Some(token) => match tokens.remaining_secs(instance, token, now) {
                    Some(secs) => Some(secs),
                    None => return refuse(401),
                },
            };
            match read(request.path, latest) {
                Some(body) => Answer {
                    status: 200,
                    body,
                    ttl,
                },
                None => refuse(404),
            }
        }
        _ => refuse(405),
    }
}

fn issue(
    request: &Request<'_>,
    instance: InstanceId,
    tokens: &mut Tokens,
    token: String,
    now: i64,
) -> Answer {
    // A proxy that is open by mistake must get no token for others.
    if request.forwarded {
        return refuse(403);
    }
    let path = request.path.trim_end_matches('/');
    match path.rsplit_once('/') {
        Some((_, "token")) if path == "/latest/api/token" => {}
        Some((rest, "token")) if rest.ends_with("/api") => return refuse(403),
        _ => return refuse(405),
    }
    let wanted = request.ttl.and_then(|ttl| ttl.trim().parse::<u32>().ok());
    let Some(ttl) = wanted.filter(|ttl| TTL_SECS.contains(ttl)) else {
        return refuse(400);
    };
    if !tokens.issue(instance, token.clone(), ttl, now) {
        return refuse(503);
    }
    Answer {
        status: 200,
        body: token.into_bytes(),
        ttl: Some(i64::from(ttl)),
    }
}

fn read(path: &str, latest: impl FnOnce() -> Node) -> Option<Vec<u8>> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let Some((version, rest)) = parts.split_first() else {
        return Some(VERSIONS.join("\n").into_bytes());
    };
    if !VERSIONS.contains(version) {
        return None;
    }
    let directory = path.ends_with('/');
    latest()
        .find(rest, directory && !rest.is_empty())
        .map(Node::render)
}

/// The page that AWS shows for an error.
pub fn refuse(status: u16) -> Answer {
    let title = match status {
        400 => "400 - Bad Request",
        401 => "401 - Unauthorized",
        403 => "403 - Forbidden",
        404 => "404 - Not Found",
        405 => "405 - Method Not Allowed",
        _ => "503 - Service Unavailable",
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\"\n\t\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n<html xmlns=\"http://www.w3.org/1999/xhtml\" xml:lang=\"en\" lang=\"en\">\n <head>\n  <title>{title}</title>\n </head>\n <body>\n  <h1>{title}</h1>\n </body>\n</html>\n"
    );
    Answer {
        status,
        body: body.into_bytes(),
        ttl: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn tree() -> Node {
        let leaf = |text: &str| Node::Leaf(text.as_bytes().to_vec());
        let region = BTreeMap::from([("region".to_owned(), leaf("us-east-1"))]);
        let data = BTreeMap::from([
            ("instance-id".to_owned(), leaf("i-1")),
            ("placement".to_owned(), Node::Directory(region)),
        ]);
        Node::Directory(BTreeMap::from([(
            "meta-data".to_owned(),
            Node::Directory(data),
        )]))
    }

    fn ask(
        tokens: &mut Tokens,
        options: &MetadataOptions,
        (method, path): (&str, &str),
        (token, ttl, forwarded): (Option<&str>, Option<&str>, bool),
    ) -> (u16, String) {
        let request = Request {
            method,
            path,
            token,
            ttl,
            forwarded,
        };
        let id = "i-00000000000000001".parse().expect("an id");
        let answer = answer(&request, id, options, tokens, "fresh".into(), 0, tree);
        (answer.status, String::from_utf8(answer.body).expect("text"))
    }

    const BARE: (Option<&str>, Option<&str>, bool) = (None, None, false);

    #[test]
    fn directories_are_lists_and_leaves_are_bare() {
        let (mut tokens, options) = (Tokens::default(), MetadataOptions::default());
        for (path, status, body) in [
            ("/latest/meta-data/", 200, "instance-id\nplacement/"),
            ("/latest/meta-data", 200, "instance-id\nplacement/"),
            ("/latest/meta-data/instance-id", 200, "i-1"),
            ("/2021-07-15/meta-data/placement/region", 200, "us-east-1"),
            ("/latest/", 200, "meta-data/"),
        ] {
            let said = ask(&mut tokens, &options, ("GET", path), BARE);
            assert_eq!(said, (status, body.to_owned()), "{path}");
        }
        for path in [
            "/latest/meta-data/nothing",
            "/latest/meta-data/instance-id/more",
            "/latest/user-data",
            "/1999-01-01/meta-data/",
        ] {
            assert_eq!(
                ask(&mut tokens, &options, ("GET", path), BARE).0,
                404,
                "{path}"
            );
        }
        assert_eq!(
            ask(&mut tokens, &options, ("POST", "/latest/"), BARE).0,
            405
        );
    }

    #[test]
    fn version_two_wants_a_token_of_this_host() {
        let mut tokens = Tokens::default();
        let options = MetadataOptions {
            http_tokens: "required".to_owned(),
            ..MetadataOptions::default()
        };
        let get = ("GET", "/latest/meta-data/instance-id");
        let put = ("PUT", "/latest/api/token");
        assert_eq!(ask(&mut tokens, &options, get, BARE).0, 401);
        assert_eq!(
            ask(&mut tokens, &options, get, (Some("fresh"), None, false)).0,
            401
        );
        for ttl in [None, Some("0"), Some("21601"), Some("-1"), Some("x")] {
            let said = ask(&mut tokens, &options, put, (None, ttl, false));
            assert_eq!(said.0, 400, "{ttl:?}");
        }
        let good = (None, Some("21600"), true);
        assert_eq!(ask(&mut tokens, &options, put, good).0, 403, "by a proxy");
        let versioned = ("PUT", "/2021-07-15/api/token");
        let good = (None, Some("21600"), false);
        assert_eq!(ask(&mut tokens, &options, versioned, good).0, 403);
        assert_eq!(
            ask(&mut tokens, &options, put, good),
            (200, "fresh".to_owned())
        );
        let said = ask(&mut tokens, &options, get, (Some("fresh"), None, false));
        assert_eq!(said, (200, "i-1".to_owned()));
    }

    #[test]
    fn a_wrong_token_is_refused_even_where_none_is_needed() {
        let (mut tokens, options) = (Tokens::default(), MetadataOptions::default());
        let get = ("GET", "/latest/meta-data/instance-id");
        assert_eq!(
            ask(&mut tokens, &options, get, (Some("no"), None, false)).0,
            401
        );
    }

    #[test]
    fn an_endpoint_that_is_off_refuses_everything() {
        let mut tokens = Tokens::default();
        let options = MetadataOptions {
            http_endpoint: "disabled".to_owned(),
            ..MetadataOptions::default()
        };
        for method in ["GET", "PUT"] {
            let said = ask(&mut tokens, &options, (method, "/latest/api/token"), BARE);
            assert_eq!(said.0, 403);
        }
    }
}
