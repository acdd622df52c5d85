//! How long an interface's tracked flows may idle (`SG-8`; EC2 user guide, "Connection tracking timeouts").

use std::ops::RangeInclusive;

use openvpc_ec2::Error;
use openvpc_model::ConnectionTracking;
use serde::Deserialize;
use serde_json::{Value, json};

const TCP_ESTABLISHED_SECS: RangeInclusive<i64> = 60..=432_000;
const UDP_STREAM_SECS: RangeInclusive<i64> = 60..=180;
const UDP_SINGLE_SECS: RangeInclusive<i64> = 30..=60;

/// `ConnectionTrackingSpecification`: seconds; what is absent stays as it is.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct TrackingSpec {
    tcp_established_timeout: Option<i64>,
    udp_stream_timeout: Option<i64>,
    udp_timeout: Option<i64>,
}

impl TrackingSpec {
    /// Sets what is given.
    ///
    /// # Errors
    /// `InvalidParameterValue` for what is out of its range.
    pub fn lay_over(&self, set: &mut ConnectionTracking) -> Result<(), Error> {
        let ConnectionTracking {
            tcp_established_secs,
            udp_stream_secs,
            udp_single_secs,
        } = set;
        for (given, name, range, place) in [
            (
                self.tcp_established_timeout,
                "TcpEstablishedTimeout",
                TCP_ESTABLISHED_SECS,
                tcp_established_secs,
            ),
            (
                self.udp_stream_timeout,
                "UdpStreamTimeout",
                UDP_STREAM_SECS,
                udp_stream_secs,
            ),
            (
                self.udp_timeout,
                "UdpTimeout",
                UDP_SINGLE_SECS,
                udp_single_secs,
            ),
        ] {
            let Some(secs) = given else { continue };
            let fits = u32::try_from(secs).ok().filter(|_| range.contains(&secs));
            *place = Some(fits.ok_or_else(|| {
                let (least, most) = range.into_inner();
                Error::invalid_parameter_value(format!(
                    "Value ({secs}) for parameter {name} is invalid. It must be between {least} and {most} seconds."
                ))
            })?);
        }
        Ok(())
    }
}

/// `connectionTrackingConfiguration`: what was set; nothing where nothing was.
pub fn render(set: &ConnectionTracking) -> Option<Value> {
    (*set != ConnectionTracking::default()).then(|| {
        json!({
            "TcpEstablishedTimeout": set.tcp_established_secs,
            "UdpStreamTimeout": set.udp_stream_secs,
            "UdpTimeout": set.udp_single_secs,
        })
    })
}
