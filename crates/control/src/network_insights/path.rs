//! Paths: from where to where, and what packets look like there.

use std::net::Ipv4Addr;

use openvpc_ec2::Error;
use openvpc_model::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Cx;
use crate::describe::{Describe, Filter, describe, tag_set};
use crate::entity::{self, Entity};
use crate::request::required;
use crate::tags::{self, TagSpecification};

impl Describe for NetworkInsightsPath {
    const LIST: &'static str = "NetworkInsightsPaths";
    const IDS: &'static str = "NetworkInsightsPathIds";
    const PAGE: (i64, i64) = (1, 100);
    #[rustfmt::skip]
    const FILTERS: &'static [Filter<NetworkInsightsPath>] = &[
        ("source", |path, _| vec![path.source.clone()]),
        ("destination", |path, _| path.destination.iter().cloned().collect()),
        ("protocol", |path, _| vec![path.protocol.as_str().to_owned()]),
        ("filter-at-source.source-address", |path, _| texts(path.at_source.source_address)),
        ("filter-at-source.destination-address", |path, _| texts(path.at_source.destination_address)),
        ("filter-at-destination.source-address", |path, _| texts(path.at_destination.source_address)),
        ("filter-at-destination.destination-address", |path, _| texts(path.at_destination.destination_address)),
        ("destination-port", |path, _| texts(plain_port(path))),
    ];

    fn render(&self, cx: &Cx) -> Value {
        let mut rendered = json!({
            "NetworkInsightsPathId": self.id,
            "NetworkInsightsPathArn": entity::arn(cx.region_name(), self),
            "CreatedDate": self.created_at,
            "Source": self.source,
            "SourceArn": arn_of(cx, &self.source),
            "Protocol": self.protocol.as_str(),
            "Tags": tag_set(cx, self.id),
        });
        if let Some(destination) = &self.destination {
            rendered["Destination"] = json!(destination);
            rendered["DestinationArn"] = json!(arn_of(cx, destination));
        }
        match self.is_plain {
            true => {
                rendered["SourceIp"] = json!(self.at_source.source_address);
                rendered["DestinationIp"] = json!(self.at_source.destination_address);
                rendered["DestinationPort"] = json!(plain_port(self));
            }
            false => rendered["FilterAtSource"] = render_filter(&self.at_source),
        }
        if !self.at_destination.is_empty() {
            rendered["FilterAtDestination"] = render_filter(&self.at_destination);
        }
        rendered
    }
}

fn texts(value: Option<impl ToString>) -> Vec<String> {
    value.iter().map(ToString::to_string).collect()
}

fn plain_port(path: &NetworkInsightsPath) -> Option<u16> {
    let ports = path.at_source.destination_ports.filter(|_| path.is_plain);
    ports.map(|(from, _)| from)
}

fn render_filter(filter: &PathFilter) -> Value {
    let range = |ports: Option<(u16, u16)>| match ports {
        Some((from, to)) => json!({"FromPort": from, "ToPort": to}),
        None => Value::Null,
    };
    json!({
        "SourceAddress": filter.source_address,
        "DestinationAddress": filter.destination_address,
        "SourcePortRange": range(filter.source_ports),
        "DestinationPortRange": range(filter.destination_ports),
    })
}

fn arn_of(cx: &Cx, id: &str) -> String {
    let kind = entity::tag_type_of(id).unwrap_or_default();
    let (region, account) = (cx.region_name(), cx.account());
    format!("arn:aws:ec2:{region}:{account}:{kind}/{id}")
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct CreateRequest {
    source: Option<String>,
    destination: Option<String>,
    source_ip: Option<String>,
    destination_ip: Option<String>,
    protocol: Option<String>,
    destination_port: Option<i64>,
    filter_at_source: Option<FilterRequest>,
    filter_at_destination: Option<FilterRequest>,
    tag_specifications: Vec<TagSpecification>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct FilterRequest {
    source_address: Option<String>,
    destination_address: Option<String>,
    source_port_range: Option<RangeRequest>,
    destination_port_range: Option<RangeRequest>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RangeRequest {
    from_port: Option<i64>,
    to_port: Option<i64>,
}

impl FilterRequest {
    fn read(&self) -> Result<PathFilter, Error> {
        Ok(PathFilter {
            source_address: address("sourceAddress", &self.source_address)?,
            destination_address: address("destinationAddress", &self.destination_address)?,
            source_ports: range("sourcePortRange", &self.source_port_range)?,
            destination_ports: range("destinationPortRange", &self.destination_port_range)?,
        })
    }
}

fn address(name: &str, text: &Option<String>) -> Result<Option<Ipv4Addr>, Error> {
    let Some(text) = text.as_deref().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let address = text.strip_suffix("/32").unwrap_or(text).parse();
    address
        .map(Some)
        .map_err(|_| Error::invalid_value(name, text))
}

fn port(name: &str, value: i64) -> Result<u16, Error> {
    u16::try_from(value).map_err(|_| Error::invalid_value(name, &value.to_string()))
}

fn range(name: &str, range: &Option<RangeRequest>) -> Result<Option<(u16, u16)>, Error> {
    let Some(RangeRequest { from_port, to_port }) = range else {
        return Ok(None);
    };
    let from = port(name, from_port.unwrap_or(0))?;
    let to = port(name, to_port.unwrap_or(i64::from(u16::MAX)))?;
    match from <= to {
        true => Ok(Some((from, to))),
        false => Err(Error::invalid_value(name, &format!("{from}-{to}"))),
    }
}

/// Makes a path. What it names must be there now, and may be gone when it is analysed.
pub fn create(cx: &mut Cx, req: CreateRequest) -> Result<Value, Error> {
    let tags = tags::at_creation(&req.tag_specifications, NetworkInsightsPath::TAG_TYPE, &[])?;
    let source = end(cx, "source", required(&req.source, "source")?)?;
    let destination = match req.destination.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => Some(end(cx, "destination", text)?),
        None => None,
    };
    let protocol = match required(&req.protocol, "protocol")?
        .to_ascii_lowercase()
        .as_str()
    {
        "tcp" => PathProtocol::Tcp,
        "udp" => PathProtocol::Udp,
        other => return Err(Error::invalid_value("protocol", other)),
    };
    let plain = PathFilter {
        source_address: address("sourceIp", &req.source_ip)?,
        destination_address: address("destinationIp", &req.destination_ip)?,
        source_ports: None,
        destination_ports: match req.destination_port {
            Some(value) => {
                let port = port("destinationPort", value)?;
                Some((port, port))
            }
            None => None,
        },
    };
    let at_source = match &req.filter_at_source {
        None => plain,
        Some(_) if !plain.is_empty() => {
            return Err(Error::exclusive("filterAtSource", "sourceIp"));
        }
        Some(filter) => filter.read()?,
    };
    let at_destination = match &req.filter_at_destination {
        Some(filter) => filter.read()?,
        None => PathFilter::default(),
    };
    let told = [
        at_source.destination_address,
        at_destination.destination_address,
    ];
    if destination.is_none() && told.iter().all(Option::is_none) {
        return Err(Error::missing_parameter("destination"));
    }
    if cx.own::<NetworkInsightsPath>().count() >= cx.quotas().network_insights_paths_per_region {
        return Err(Error::limit_exceeded(
            "NetworkInsightsPathLimitExceeded",
            "network insights paths",
        ));
    }
    let path = NetworkInsightsPath {
        id: cx.new_id(),
        owner: cx.account().clone(),
        source,
        destination,
        protocol,
        at_source,
        at_destination,
        is_plain: req.filter_at_source.is_none(),
        created_at: cx.now(),
    };
    cx.put(path.clone());
    cx.set_tags(path.id, tags);
    Ok(json!({"NetworkInsightsPath": path.render(cx)}))
}

/// The id of one end, which may be told by its ARN.
fn end(cx: &Cx, name: &str, text: &str) -> Result<String, Error> {
    let id = match text.strip_prefix("arn:") {
        Some(rest) => rest.rsplit('/').next().unwrap_or_default(),
        None => text,
    };
    if id.starts_with(InstanceId::PREFIX) {
        cx.find::<Instance>(id)?;
    } else if id.starts_with(NetworkInterfaceId::PREFIX) {
        cx.find::<NetworkInterface>(id)?;
    } else if id.starts_with(InternetGatewayId::PREFIX) {
        cx.find::<InternetGateway>(id)?;
    } else {
        return Err(Error::invalid_value(name, text));
    }
    Ok(id.to_owned())
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DeleteRequest {
    network_insights_path_id: Option<String>,
}

/// Deletes a path that no analysis is left of.
pub fn delete(cx: &mut Cx, req: DeleteRequest) -> Result<Value, Error> {
    let id = required(&req.network_insights_path_id, "networkInsightsPathId")?;
    let id = cx.find::<NetworkInsightsPath>(id)?.id;
    let of_path = |analysis: &&NetworkInsightsAnalysis| analysis.path == id;
    if let Some(analysis) = cx.all::<NetworkInsightsAnalysis>().find(of_path) {
        return Err(Error::new(
            "AnalysisExistsForNetworkInsightsPath",
            format!(
                "The path {id} has the analysis {}: delete it first.",
                analysis.id
            ),
        ));
    }
    cx.delete::<NetworkInsightsPath>(id);
    Ok(json!({"NetworkInsightsPathId": id}))
}

pub fn describe_paths(cx: &Cx, input: &Value) -> Result<Value, Error> {
    describe::<NetworkInsightsPath>(cx, input)
}
