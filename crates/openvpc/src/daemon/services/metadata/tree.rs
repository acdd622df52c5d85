//! What an instance may read about itself, as a tree of text (MD-2; EC2 user guide, "Instance metadata categories").

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use base64::Engine as _;
use openvpc_control::RegionInfo;
use openvpc_iam::sessions::{Credentials, Session};
use openvpc_model::{Instance, NetworkInterface, ProfileAssociation, Region, dns_name};
use serde_json::json;

/// A place in the tree.
#[derive(Debug, PartialEq, Eq)]
pub enum Node {
    /// Text, or any bytes.
    Leaf(Vec<u8>),
    /// More places.
    Directory(BTreeMap<String, Node>),
}

/// The directory under construction.
#[derive(Default)]
struct Builder(BTreeMap<String, Node>);

impl Builder {
    fn leaf(&mut self, name: &str, value: impl ToString) {
        let value = value.to_string().into_bytes();
        self.0.insert(name.to_owned(), Node::Leaf(value));
    }

    fn lines<T: ToString>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
        if !values.is_empty() {
            self.leaf(name, values.join("\n"));
        }
    }

    fn directory(&mut self, name: &str, build: impl FnOnce(&mut Builder)) {
        let mut inner = Builder::default();
        build(&mut inner);
        self.0.insert(name.to_owned(), Node::Directory(inner.0));
    }
}

/// The session of an instance in the role of its profile, or why there is none.
pub struct RoleSession {
    /// `Success`, or what is wrong with the profile.
    pub code: &'static str,
    /// The role's name and the session's credentials.
    pub credentials: Option<(String, Session, Credentials)>,
}

impl RoleSession {
    fn show(&self, association: &ProfileAssociation, iam: &mut Builder) {
        let updated = match &self.credentials {
            Some((_, session, _)) => session.issued_at.max(association.at),
            None => association.at,
        };
        let info = json!({
            "Code": self.code,
            "LastUpdated": seconds(updated),
            "InstanceProfileArn": association.arn,
            "InstanceProfileId": association.profile_id,
        });
        iam.leaf("info", format!("{info:#}"));
        let Some((role, _, made)) = &self.credentials else {
            return;
        };
        let shown = json!({
            "Code": "Success",
            "LastUpdated": seconds(updated),
            "Type": "AWS-HMAC",
            "AccessKeyId": made.access_key,
            "SecretAccessKey": made.secret.0,
            "Token": made.token,
            "Expiration": seconds(made.expires_at),
        });
        iam.directory("security-credentials", |roles| {
            roles.leaf(role, format!("{shown:#}"));
        });
    }
}

/// `2025-01-02T03:04:05Z`.
fn seconds(at: openvpc_model::UnixMillis) -> Option<String> {
    let time = chrono::DateTime::from_timestamp_millis(at)?;
    Some(time.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Where an instance stands.
pub struct Subject<'a> {
    pub name: &'a str,
    pub info: Option<&'a RegionInfo>,
    pub region: &'a Region,
    pub instance: &'a Instance,
    /// What its instance profile gives it.
    pub role: Option<RoleSession>,
}

impl Node {
    /// The place that a path leads to; `directory` says that it ended in a slash.
    pub fn find<'n>(&'n self, path: &[&str], directory: bool) -> Option<&'n Node> {
        let node = path.iter().try_fold(self, |node, part| match node {
            Node::Directory(places) => places.get(*part),
            Node::Leaf(_) => None,
        })?;
        (!directory || matches!(node, Node::Directory(_))).then_some(node)
    }

    /// What a request for it gets: the bytes, or one name per line with a slash behind directories.
    pub fn render(&self) -> Vec<u8> {
        match self {
            Node::Leaf(bytes) => bytes.clone(),
            Node::Directory(places) => {
                let names = places.iter().map(|(name, node)| match node {
                    Node::Leaf(_) => name.clone(),
                    Node::Directory(_) => format!("{name}/"),
                });
                names.collect::<Vec<_>>().join("\n").into_bytes()
            }
        }
    }
}

/// Everything below `/latest/`.
pub fn latest(subject: &Subject<'_>) -> Node {
    let mut root = Builder::default();
    root.directory("dynamic", |dynamic| {
        dynamic.directory("instance-identity", |identity| {
            identity.leaf("document", subject.identity_document());
        });
    });
    root.directory("meta-data", |data| subject.meta_data(data));
    if let Some(text) = &subject.instance.user_data
        && let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(text)
    {
        root.0.insert("user-data".to_owned(), Node::Leaf(bytes));
    }
    Node::Directory(root.0)
}

impl Subject<'_> {
    fn meta_data(&self, data: &mut Builder) {
        let instance = self.instance;
        data.leaf("ami-id", instance.image);
        if let (Some(association), Some(role)) = (&instance.profile, &self.role) {
            data.directory("iam", |iam| role.show(association, iam));
        }
        data.leaf("ami-launch-index", instance.launch_index);
        data.leaf("instance-action", "none");
        data.leaf("instance-id", instance.id);
        data.leaf("instance-life-cycle", "on-demand");
        data.leaf("instance-type", &instance.instance_type);
        data.leaf("reservation-id", instance.reservation);
        data.directory("services", |services| {
            services.leaf("domain", "amazonaws.com");
            services.leaf("partition", "aws");
        });
        if let Some(primary) = self
            .region
            .network_interfaces
            .get(&instance.primary_interface)
        {
            self.primary(data, primary);
        }
        data.directory("network", |network| {
            network.directory("interfaces", |interfaces| {
                interfaces.directory("macs", |macs| {
                    for eni in self.region.network_interfaces.values() {
                        if let Some(bond) = &eni.attachment
                            && bond.instance == instance.id
                        {
                            let index = bond.device_index;
                            macs.directory(&eni.mac.to_string(), |place| {
                                self.interface(place, eni, index);
                            });
                        }
                    }
                });
            });
        });
        if let Some(key) = &instance.key_name {
            data.directory("public-keys", |keys| keys.leaf(&format!("0={key}"), ""));
        }
        if instance.metadata_options.instance_metadata_tags == "enabled" {
            data.directory("tags", |tags| {
                tags.directory("instance", |own| {
                    let known = self.region.tags.get(&instance.id.to_string());
                    for (key, value) in known.into_iter().flatten() {
                        own.leaf(key, value);
                    }
                });
            });
        }
    }

    fn primary(&self, data: &mut Builder, eni: &NetworkInterface) {
        let name = self.host_name(eni);
        data.leaf("hostname", &name);
        data.leaf("local-hostname", &name);
        if let Some(private) = eni.primary_ip() {
            data.leaf("local-ipv4", private);
        }
        data.leaf("mac", eni.mac);
        data.lines("ipv6", eni.ipv6_addresses.first());
        let public = eni.primary_ip().and_then(|ip| self.public_of(eni, ip));
        if let Some(public) = public {
            data.leaf("public-ipv4", public);
            data.lines("public-hostname", self.public_name(eni, public));
        }
        data.lines("security-groups", self.group_names(eni));
        data.directory("placement", |placement| {
            placement.leaf("availability-zone", &eni.availability_zone);
            if let Some(zone) = self.info.and_then(|info| info.zone(&eni.availability_zone)) {
                placement.leaf("availability-zone-id", &zone.id);
            }
            placement.leaf("region", self.name);
        });
    }

    fn interface(&self, place: &mut Builder, eni: &NetworkInterface, device: u16) {
        place.leaf("device-number", device);
        place.leaf("interface-id", eni.id);
        place.lines("ipv6s", &eni.ipv6_addresses);
        place.leaf("local-hostname", self.host_name(eni));
        if !eni.private_ips.is_empty() {
            place.lines("local-ipv4s", &eni.private_ips);
        }
        place.leaf("mac", eni.mac);
        place.leaf("owner-id", &eni.owner);
        let public: Vec<(Ipv4Addr, Ipv4Addr)> = eni
            .private_ips
            .iter()
            .filter_map(|private| Some((self.public_of(eni, *private)?, *private)))
            .collect();
        place.lines("public-ipv4s", public.iter().map(|(public, _)| public));
        if let Some((first, _)) = public.first() {
            place.lines("public-hostname", self.public_name(eni, *first));
            place.directory("ipv4-associations", |associations| {
                for (public, private) in &public {
                    associations.leaf(&public.to_string(), private);
                }
            });
        }
        place.lines("security-group-ids", &eni.security_groups);
        place.lines("security-groups", self.group_names(eni));
        place.leaf("subnet-id", eni.subnet);
        if let Some(subnet) = self.region.subnets.get(&eni.subnet) {
            if let Some(cidr) = subnet.cidr {
                place.leaf("subnet-ipv4-cidr-block", cidr);
            }
            let blocks = subnet.ipv6_cidr_blocks.iter().map(|block| block.cidr);
            place.lines("subnet-ipv6-cidr-blocks", blocks);
        }
        place.leaf("vpc-id", eni.vpc);
        if let Some(vpc) = self.region.vpcs.get(&eni.vpc) {
            place.leaf("vpc-ipv4-cidr-block", vpc.primary_cidr());
            let blocks = vpc.cidr_blocks.iter().map(|block| block.cidr);
            place.lines("vpc-ipv4-cidr-blocks", blocks);
            let blocks = vpc.ipv6_cidr_blocks.iter().map(|block| block.cidr);
            place.lines("vpc-ipv6-cidr-blocks", blocks);
        }
    }

    /// What the instance is called by one of its interfaces (DNS-2).
    fn host_name(&self, eni: &NetworkInterface) -> String {
        dns_name::host_dns_name(self.name, eni.primary_ip(), self.instance.id)
    }

    fn group_names(&self, eni: &NetworkInterface) -> Vec<&String> {
        let groups = eni.security_groups.iter();
        groups
            .filter_map(|id| Some(&self.region.security_groups.get(id)?.name))
            .collect()
    }

    /// An Elastic address takes the place of the automatic one (EIP-3).
    fn public_of(&self, eni: &NetworkInterface, private: Ipv4Addr) -> Option<Ipv4Addr> {
        let mut addresses = self.region.addresses.values();
        let elastic = addresses.find(|address| {
            address
                .association
                .as_ref()
                .is_some_and(|to| to.network_interface == eni.id && to.private_ip == private)
        });
        match elastic {
            Some(address) => Some(address.public_ip),
            None if Some(private) == eni.primary_ip() => eni.auto_public_ip,
            None => None,
        }
    }

    /// Only with both DNS attributes (DNS-3).
    fn public_name(&self, eni: &NetworkInterface, public: Ipv4Addr) -> Option<String> {
        let vpc = self.region.vpcs.get(&eni.vpc)?;
        (vpc.enable_dns_support && vpc.enable_dns_hostnames)
            .then(|| dns_name::public_dns_name(self.name, public))
    }

    /// Without a signature: there is nobody to vouch for it.
    fn identity_document(&self) -> String {
        let instance = self.instance;
        let eni = self
            .region
            .network_interfaces
            .get(&instance.primary_interface);
        let architecture = match std::env::consts::ARCH {
            "aarch64" => "arm64",
            other => other,
        };
        let pending = seconds(instance.launched_at);
        let document = json!({
            "accountId": instance.owner.to_string(),
            "architecture": architecture,
            "availabilityZone": eni.map(|eni| eni.availability_zone.clone()),
            "billingProducts": null,
            "devpayProductCodes": null,
            "marketplaceProductCodes": null,
            "imageId": instance.image.to_string(),
            "instanceId": instance.id.to_string(),
            "instanceType": instance.instance_type,
            "kernelId": null,
            "pendingTime": pending,
            "privateIp": eni.and_then(|eni| Some(eni.primary_ip()?.to_string())),
            "ramdiskId": null,
            "region": self.name,
            "version": "2017-09-30",
        });
        format!("{document:#}")
    }
}
