//! Who wants to be told of connections: kept, and told of nothing (`EP-11`, choice).

use std::collections::BTreeSet;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::{Describe, Filter};
use crate::elb::clip;
use crate::ids::{not_found, parse_id};
use crate::request::required;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct NotificationRequest {
    service_id: Option<String>,
    vpc_endpoint_id: Option<String>,
    connection_notification_id: Option<String>,
    connection_notification_arn: Option<String>,
    connection_events: Option<Vec<String>>,
    client_token: Option<String>,
}

impl NotificationRequest {
    fn events(&self) -> Result<Option<BTreeSet<ConnectionEvent>>, Error> {
        let Some(names) = &self.connection_events else {
            return Ok(None);
        };
        let read = |name: &String| {
            let mut known = ConnectionEvent::ALL.into_iter();
            known.find(|event| event.as_str() == name).ok_or_else(|| {
                Error::invalid_parameter(format!("'{}' is no connection event", clip(name)))
            })
        };
        let events: BTreeSet<_> = names.iter().map(read).collect::<Result<_, _>>()?;
        match events.is_empty() {
            true => Err(Error::missing_parameter("connectionEvents")),
            false => Ok(Some(events)),
        }
    }

    fn topic(&self) -> Result<Option<&str>, Error> {
        match self.connection_notification_arn.as_deref() {
            None => Ok(None),
            Some(arn) if arn.starts_with("arn:aws:sns:") && arn.len() <= 512 => Ok(Some(arn)),
            Some(arn) => Err(Error::invalid_parameter(format!(
                "'{}' is no ARN of an SNS topic",
                clip(arn)
            ))),
        }
    }
}

impl Describe for ConnectionNotification {
    const LIST: &'static str = "ConnectionNotificationSet";
    const IDS: &'static str = "ConnectionNotificationIds";
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<ConnectionNotification>] = &[
        ("connection-notification-arn", |n, _| vec![n.topic.clone()]),
        ("connection-notification-id", |n, _| vec![n.id.to_string()]),
        ("connection-notification-state", |_, _| vec!["Enabled".to_owned()]),
        ("connection-notification-type", |_, _| vec!["Topic".to_owned()]),
        ("service-id", |n, _| match n.subject {
            NotificationSubject::Service(id) => vec![id.to_string()],
            NotificationSubject::Endpoint(_) => Vec::new(),
        }),
        ("vpc-endpoint-id", |n, _| match n.subject {
            NotificationSubject::Service(_) => Vec::new(),
            NotificationSubject::Endpoint(id) => vec![id.to_string()],
        }),
    ];

    fn render(&self, _cx: &Cx) -> Value {
        let events = self.events.iter().map(|event| event.as_str());
        let mut rendered = json!({
            "ConnectionNotificationId": self.id,
            "ConnectionNotificationType": "Topic",
            "ConnectionNotificationArn": self.topic,
            "ConnectionEvents": events.collect::<Vec<_>>(),
            "ConnectionNotificationState": "Enabled",
        });
        match self.subject {
            NotificationSubject::Service(id) => rendered["ServiceId"] = json!(id),
            NotificationSubject::Endpoint(id) => rendered["VpcEndpointId"] = json!(id),
        }
        rendered
    }
}

pub fn create(cx: &mut Cx, req: NotificationRequest) -> Result<Value, Error> {
    let subject = match (&req.service_id, &req.vpc_endpoint_id) {
        (Some(id), None) => NotificationSubject::Service(cx.find::<VpcEndpointService>(id)?.id),
        (None, Some(id)) => NotificationSubject::Endpoint(cx.find::<VpcEndpoint>(id)?.id),
        _ => {
            return Err(Error::invalid_parameter(
                "exactly one of service_id or vpc_endpoint_id is a required member",
            ));
        }
    };
    let topic = req.topic()?;
    let topic = topic.ok_or_else(|| Error::missing_parameter("connectionNotificationArn"))?;
    let events = req.events()?;
    let events = events.ok_or_else(|| Error::missing_parameter("connectionEvents"))?;
    if cx.own::<ConnectionNotification>().count() >= cx.quotas().endpoint_services_per_region * 10 {
        return Err(Error::limit_exceeded(
            "VpcEndpointConnectionNotificationLimitExceeded",
            "connection notifications",
        ));
    }
    let notification = ConnectionNotification {
        id: cx.new_id(),
        owner: cx.account().clone(),
        subject,
        topic: topic.to_owned(),
        events,
    };
    cx.put(notification.clone());
    let mut answer = json!({"ConnectionNotification": notification.render(cx)});
    if let Some(token) = req.client_token {
        answer["ClientToken"] = json!(token);
    }
    Ok(answer)
}

pub fn modify(cx: &mut Cx, req: NotificationRequest) -> Result<Value, Error> {
    let id = required(&req.connection_notification_id, "connectionNotificationId")?;
    let mut notification = cx.find::<ConnectionNotification>(id)?.clone();
    if let Some(topic) = req.topic()? {
        notification.topic = topic.to_owned();
    }
    if let Some(events) = req.events()? {
        notification.events = events;
    }
    cx.put(notification);
    Ok(json!({"ReturnValue": true}))
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    connection_notification_ids: Vec<String>,
}

pub fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let mut unsuccessful = Vec::new();
    for text in &req.connection_notification_ids {
        let id = parse_id::<ConnectionNotificationId>(text)?;
        let own = cx.get::<ConnectionNotification>(id);
        match own.filter(|known| known.owner == *cx.account()) {
            Some(_) => cx.delete::<ConnectionNotification>(id),
            None => {
                let error = not_found::<ConnectionNotificationId>(text);
                unsuccessful.push(json!({
                    "ResourceId": text,
                    "Error": {"Code": error.code(), "Message": error.message()},
                }));
            }
        }
    }
    Ok(json!({ "Unsuccessful": unsuccessful }))
}

/// Deletes what is about a service or an endpoint that is about to be deleted.
pub fn forget(cx: &mut Cx, subject: NotificationSubject) {
    cx.delete_where::<ConnectionNotification>(|known| known.subject == subject);
}

/// One by its id, or all that filters leave.
pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    let mut asked = input.clone();
    if let Some(id) = input["ConnectionNotificationId"].as_str() {
        asked["ConnectionNotificationIds"] = json!([id]);
    }
    crate::describe::describe::<ConnectionNotification>(cx, &asked)
}
