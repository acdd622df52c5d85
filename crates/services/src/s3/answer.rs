//! The last touch on an answer: a request id, and words for refusals that the codec leaves bare.

use http::HeaderValue;
use hyper::body::Bytes;
use s3s::{Body, HttpError, HttpRequest, HttpResponse};

use super::{S3, Service, form, region};
use crate::Origin;

/// Answers HTTP requests for S3.
pub struct Front {
    service: Service,
}

impl S3 {
    /// What answers requests; each carries its [`crate::Origin`] as an extension.
    pub fn front(self) -> Front {
        Front {
            service: self.service(),
        }
    }
}

impl Front {
    /// # Errors
    /// The connection is to be ended without an answer.
    pub async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let id = format!("{:016X}", rand::random::<u64>());
        let asked = request.extensions().get::<Origin>();
        let asked = asked.and_then(|origin| origin.region);
        let mut response = match region::check_scope(&request, asked) {
            Ok(()) => self.service.call(form::watch(request)).await?,
            Err(refusal) => refusal
                .to_http_response()
                .map_err(|e| HttpError::new(e.into()))?,
        };
        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert("x-amz-request-id", value);
        }
        let status = response.status();
        if status.is_redirection() || status.is_client_error() || status.is_server_error() {
            let (mut head, mut body) = response.into_parts();
            let hints = [("Endpoint", region::ENDPOINT), ("Region", region::REGION)];
            let hints = hints.map(|(element, name)| (element, head.headers.remove(name)));
            if let Some(bytes) = body.bytes() {
                let hints: String = hints
                    .iter()
                    .filter_map(|(element, value)| Some((element, value.as_ref()?.to_str().ok()?)))
                    // Names of buckets and regions need no escaping in XML.
                    .map(|(element, value)| format!("<{element}>{value}</{element}>"))
                    .collect();
                let full = complete(&String::from_utf8_lossy(&bytes), &hints, &id);
                head.headers.remove("content-length");
                body = Body::from(Bytes::from(full));
            }
            response = HttpResponse::from_parts(head, body);
        }
        Ok(response)
    }
}

/// Adds the message, where there is none, where the right place is, and the request's id.
fn complete(xml: &str, hints: &str, id: &str) -> String {
    let Some(front) = xml.strip_suffix("</Error>") else {
        return xml.to_owned();
    };
    let code = front
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"));
    let message = match code {
        Some((code, rest)) if !rest.contains("<Message>") => {
            format!("<Message>{}</Message>", words(code))
        }
        _ => String::new(),
    };
    format!("{front}{message}{hints}<RequestId>{id}</RequestId></Error>")
}

/// AWS's words (API reference, "Error responses").
fn words(code: &str) -> &'static str {
    match code {
        "SignatureDoesNotMatch" => {
            "The request signature we calculated does not match the signature you provided. Check your key and signing method."
        }
        "RequestTimeTooSkewed" => {
            "The difference between the request time and the server's time is too large."
        }
        "ExpiredToken" => "The provided token has expired.",
        "AccessDenied" => "Access Denied",
        "InvalidBucketName" => "The specified bucket is not valid.",
        "KeyTooLongError" => "Your key is too long",
        "MalformedXML" => {
            "The XML you provided was not well-formed or did not validate against our published schema"
        }
        "NotImplemented" => {
            "A header or operation you provided implies functionality that is not implemented"
        }
        "MissingContentLength" => "You must provide the Content-Length HTTP header.",
        "MethodNotAllowed" => "The specified method is not allowed against this resource.",
        "InternalError" => "We encountered an internal error. Please try again.",
        _ => "The request cannot be served; the code tells why.",
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_bare_refusal_gets_words_and_an_id() {
        assert_eq!(
            super::complete("<Error><Code>AccessDenied</Code></Error>", "", "1F"),
            "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>1F</RequestId></Error>"
        );
        assert_eq!(
            super::complete(
                "<Error><Code>X</Code><Message>m</Message></Error>",
                "<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>",
                "1F"
            ),
            "<Error><Code>X</Code><Message>m</Message><Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint><RequestId>1F</RequestId></Error>"
        );
    }
}
