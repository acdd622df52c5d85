//! Machine images and volumes: an instance runs the host's programs, so there is one image, and
//! every other well-formed id stands for it too; storage does not exist.

use openvpc_ec2::Error;
use openvpc_model::ImageId;
use serde_json::{Value, json};

use super::ARCHITECTURE;
use crate::Cx;
use crate::describe::listing;
use crate::filters::Filters;
use crate::ids::parse_id;
use crate::paging::Page;

/// The built-in image.
pub const BUILT_IN: &str = "ami-0123456789abcdef0";
pub const ROOT_DEVICE: &str = "/dev/xvda";

const NAME: &str = "openvpc-host-x86_64";
/// 2025-01-01: images are listed by their age, so it stays as it is.
const CREATED: &str = "2025-01-01T00:00:00.000Z";

const FILTERS: [&str; 21] = [
    "architecture",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.volume-type",
    "creation-date",
    "description",
    "ena-support",
    "hypervisor",
    "image-id",
    "image-type",
    "is-public",
    "manifest-location",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "platform-details",
    "root-device-name",
    "root-device-type",
    "sriov-net-support",
    "state",
    "virtualization-type",
];

/// What public images differ in, and what templates look for: `al2023-ami-*`, `ubuntu/images/*`. The built-in image
/// stands for all of them.
const OF_ANY_IMAGE: [&str; 5] = [
    "name",
    "description",
    "creation-date",
    "owner-alias",
    "owner-id",
];

/// Lists the built-in image, or whatever images are named.
pub fn describe(cx: &Cx, input: &Value) -> Result<Value, Error> {
    Filters::read(input, &FILTERS)?;
    let mut strict = json!({"Filters": input["Filters"]});
    if let Some(filters) = strict["Filters"].as_array_mut() {
        let lenient = |filter: &Value| OF_ANY_IMAGE.iter().any(|name| filter["Name"] == *name);
        filters.retain(|filter| !lenient(filter));
    }
    let filters = Filters::read(&strict, &FILTERS)?;
    let page = Page::read(cx, "Images", input, (1, 1000))?;
    let mut ids = Vec::new();
    for id in input["ImageIds"].as_array().into_iter().flatten() {
        ids.push(parse_id::<ImageId>(id.as_str().unwrap_or_default())?);
    }
    if ids.is_empty() && owner_is_asked(input) {
        ids.extend(parse_id::<ImageId>(BUILT_IN));
    }
    ids.sort_unstable();
    ids.dedup();
    let found = ids
        .into_iter()
        .filter(|id| filters.pass(openvpc_model::Tags::new, |name| values(*id, name)))
        .map(|id| (id, render(id)));
    let (images, token) = page.take(found)?;
    Ok(listing("Images", images, token))
}

/// Everybody's images are the built-in one, but for one's own.
fn owner_is_asked(input: &Value) -> bool {
    let owners = input["Owners"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    owners.is_empty() || owners.iter().any(|owner| owner != "self")
}

fn values(id: ImageId, name: &str) -> Vec<String> {
    let value = match name {
        "image-id" => id.to_string(),
        "architecture" => ARCHITECTURE.to_owned(),
        "state" => "available".to_owned(),
        "image-type" => "machine".to_owned(),
        "is-public" | "ena-support" | "block-device-mapping.delete-on-termination" => {
            "true".to_owned()
        }
        "hypervisor" => "xen".to_owned(),
        "virtualization-type" => "hvm".to_owned(),
        "root-device-type" => "ebs".to_owned(),
        "root-device-name" => ROOT_DEVICE.to_owned(),
        "platform-details" => "Linux/UNIX".to_owned(),
        "block-device-mapping.volume-type" => "gp3".to_owned(),
        _ => return Vec::new(),
    };
    vec![value]
}

/// Amazon's account for public images.
const OWNER: &str = "137112412989";

fn render(id: ImageId) -> Value {
    json!({
        "ImageId": id,
        "Name": NAME,
        "Description": "The programs of the host, in a sandbox of their own",
        "ImageLocation": format!("amazon/{NAME}"),
        "ImageOwnerAlias": "amazon",
        "OwnerId": OWNER,
        "ImageType": "machine",
        "State": "available",
        "Public": true,
        "Architecture": ARCHITECTURE,
        "Hypervisor": "xen",
        "VirtualizationType": "hvm",
        "RootDeviceName": ROOT_DEVICE,
        "RootDeviceType": "ebs",
        "EnaSupport": true,
        "PlatformDetails": "Linux/UNIX",
        "CreationDate": CREATED,
    })
}

/// There are no volumes; an id names none.
pub fn describe_volumes(input: &Value) -> Result<Value, Error> {
    let named = input["VolumeIds"]
        .as_array()
        .and_then(|ids| ids.first())
        .and_then(Value::as_str);
    match named {
        Some(id) => Err(Error::not_found(openvpc_ec2::Resource::Volume, id)),
        None => Ok(listing("Volumes", Vec::new(), None)),
    }
}
