//! An answer or a refusal to XML, in the service's dialect.
//!
//! The mirror of `decode`: values carry the model's member names, the table gives the
//! elements. Source: spec 06 §1 "Answer", "Error"; §4 STS.

use serde_json::Value;

use crate::table::{Action, Dialect, List, Service, Shape, Structure};
use crate::xml::Document;
use crate::{Error, timestamp};

/// `Content-Type` of what this module writes.
pub const CONTENT_TYPE: &str = "text/xml;charset=UTF-8";

/// An answer that does not have its action's shape: a mistake of ours, not of the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the answer of {action} is not of its shape at {path}: {problem}")]
pub struct ShapeError {
    pub action: &'static str,
    /// Member names and indices, as `Vpcs.0.VpcId`.
    pub path: String,
    pub problem: &'static str,
}

/// Writes the answer of a successful call. `output` is an object, or null for none.
///
/// Null members and absent ones are left out. An action without output, or one whose only
/// news is `Return`, says true by itself. A timestamp is text or milliseconds since 1970.
///
/// # Errors
/// A member that the model does not have, or one of another type.
pub fn response(
    service: &Service,
    action: &'static Action,
    request_id: &str,
    output: &Value,
) -> Result<String, ShapeError> {
    let mut xml = Writer {
        action: action.name,
        path: Vec::new(),
        document: Document::new(),
    };
    let root = format!("{}Response", action.name);
    xml.document.open_with_namespace(&root, service.namespace);
    match service.dialect {
        Dialect::Ec2 => {
            xml.document.text("requestId", request_id);
            xml.output(action.output, output)?;
        }
        Dialect::Query => {
            if let Some(wrapper) = action.result_wrapper {
                xml.document.open(wrapper);
                xml.output(action.output, output)?;
                xml.document.close(wrapper);
            }
            xml.document.open("ResponseMetadata");
            xml.document.text("RequestId", request_id);
            xml.document.close("ResponseMetadata");
        }
    }
    xml.document.close(&root);
    Ok(xml.document.finish())
}

/// Writes a refusal; its HTTP status is [`Error::status`].
pub fn error_xml(service: &Service, request_id: &str, error: &Error) -> String {
    let mut xml = Document::new();
    match service.dialect {
        Dialect::Ec2 => {
            xml.open("Response");
            xml.open("Errors");
            xml.open("Error");
            xml.text("Code", error.code());
            xml.text("Message", error.message());
            xml.close("Error");
            xml.close("Errors");
            xml.text("RequestID", request_id);
            xml.close("Response");
        }
        Dialect::Query => {
            let sender_or_receiver = if error.status() < 500 {
                "Sender"
            } else {
                "Receiver"
            };
            xml.open_with_namespace("ErrorResponse", service.namespace);
            xml.open("Error");
            xml.text("Type", sender_or_receiver);
            xml.text("Code", error.code());
            xml.text("Message", error.message());
            xml.close("Error");
            xml.text("RequestId", request_id);
            xml.close("ErrorResponse");
        }
    }
    xml.finish()
}

struct Writer<'a> {
    action: &'static str,
    /// Where the writer is, for [`ShapeError`].
    path: Vec<Step<'a>>,
    document: Document,
}

enum Step<'a> {
    Member(&'a str),
    Item(usize),
}

impl<'a> Writer<'a> {
    fn output(
        &mut self,
        structure: Option<&'static Structure>,
        output: &'a Value,
    ) -> Result<(), ShapeError> {
        let is_empty =
            output.is_null() || output.as_object().is_some_and(serde_json::Map::is_empty);
        let Some(structure) = structure else {
            if !is_empty {
                return Err(self.wrong("the action has no output"));
            }
            self.document.text("return", "true");
            return Ok(());
        };
        if !is_empty {
            self.structure(structure, output)?;
        }
        for implied in ["Return", "ReturnCode"] {
            if let (Some(member), None) = (structure.member(implied), output.get(implied))
                && matches!(member.shape, Shape::Boolean)
            {
                self.document.text(member.element, "true");
            }
        }
        Ok(())
    }

    fn structure(
        &mut self,
        structure: &'static Structure,
        value: &'a Value,
    ) -> Result<(), ShapeError> {
        let Value::Object(members) = value else {
            return Err(self.wrong("it must be an object"));
        };
        // Both sides ascend by name: each member is looked for behind the one before.
        let mut rest = structure.members;
        for (name, value) in members {
            self.path.push(Step::Member(name));
            let next = rest.iter().position(|member| member.name == name);
            let Some(member) = next.map(|at| &rest[at]).or_else(|| structure.member(name)) else {
                return Err(self.wrong("the model has no such member"));
            };
            rest = next.map_or(rest, |at| &rest[at + 1..]);
            if !value.is_null() {
                self.element(member.element, member.shape, value)?;
            }
            self.path.pop();
        }
        Ok(())
    }

    fn list(&mut self, list: &'static List, value: &'a Value) -> Result<(), ShapeError> {
        let Value::Array(items) = value else {
            return Err(self.wrong("it must be an array"));
        };
        for (at, item) in items.iter().enumerate() {
            self.path.push(Step::Item(at));
            self.element(list.element, list.shape, item)?;
            self.path.pop();
        }
        Ok(())
    }

    fn element(&mut self, element: &str, shape: Shape, value: &'a Value) -> Result<(), ShapeError> {
        match (shape, value) {
            (Shape::List(_), Value::Array(items)) if items.is_empty() => {
                self.document.empty(element)
            }
            (Shape::List(list), _) => {
                self.document.open(element);
                self.list(list, value)?;
                self.document.close(element);
            }
            (Shape::Structure(structure), _) => {
                self.document.open(element);
                self.structure(structure, value)?;
                self.document.close(element);
            }
            (Shape::Boolean, Value::Bool(flag)) => self
                .document
                .text(element, if *flag { "true" } else { "false" }),
            (Shape::Integer | Shape::Long, Value::Number(number)) if !number.is_f64() => {
                self.document.text(element, &number.to_string());
            }
            (Shape::Double, Value::Number(number)) => {
                self.document.text(element, &number.to_string())
            }
            (Shape::String | Shape::Blob, Value::String(text)) => self.document.text(element, text),
            (Shape::Timestamp, Value::String(text)) if timestamp::parse(text).is_some() => {
                self.document.text(element, text);
            }
            (Shape::Timestamp, Value::Number(millis)) => {
                match millis.as_i64().and_then(timestamp::format) {
                    Some(text) => self.document.text(element, &text),
                    None => return Err(self.wrong("it is no time in milliseconds")),
                }
            }
            _ => return Err(self.wrong("it has another type")),
        }
        Ok(())
    }

    fn wrong(&self, problem: &'static str) -> ShapeError {
        let steps = self.path.iter().map(|step| match step {
            Step::Member(name) => (*name).to_owned(),
            Step::Item(at) => at.to_string(),
        });
        let path = steps.collect::<Vec<_>>().join(".");
        ShapeError {
            action: self.action,
            path,
            problem,
        }
    }
}
