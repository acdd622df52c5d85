//! Faults that an operator makes: a lost availability zone. No call of AWS's says it; the daemon's own command does.
//!
//! A lost zone stays lost until it is restored, over restarts too: nothing heals by itself.

use openvpc_model::{Event, Region};

use crate::settings::{RegionInfo, Settings, Zone};

/// The zone of that id (`use1-az1`) or name (`us-east-1a`), with its region.
pub fn find_zone<'s>(settings: &'s Settings, text: &str) -> Option<(&'s RegionInfo, &'s Zone)> {
    settings.regions.iter().find_map(|region| {
        let mut zones = region.zones.iter();
        let zone = zones.find(|zone| zone.id == text || zone.name == text)?;
        Some((region, zone))
    })
}

/// Loses a zone, or restores it. Nothing happens to one that is so already.
pub fn zone(region: Option<&Region>, zone: &Zone, lost: bool) -> Vec<Event> {
    let was_lost = region.is_some_and(|region| region.lost_zones.contains(&zone.name));
    match (was_lost, lost) {
        (false, true) => vec![Event::ZoneLost(zone.name.clone())],
        (true, false) => vec![Event::ZoneRestored(zone.name.clone())],
        (true, true) | (false, false) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_lost_once_and_restored_once() {
        let settings = Settings::default();
        let (region, by_id) = find_zone(&settings, "use1-az1").unwrap();
        assert_eq!(
            (region.name.as_str(), by_id.name.as_str()),
            ("us-east-1", "us-east-1a")
        );
        assert_eq!(find_zone(&settings, "us-east-1a"), Some((region, by_id)));
        assert_eq!(find_zone(&settings, "use1-az9"), None);
        let mut world = Region::default();
        assert!(zone(None, by_id, false).is_empty());
        for event in zone(Some(&world.clone()), by_id, true) {
            world.apply(event);
        }
        assert!(world.lost_zones.contains("us-east-1a"));
        assert!(zone(Some(&world), by_id, true).is_empty());
        for event in zone(Some(&world.clone()), by_id, false) {
            world.apply(event);
        }
        assert_eq!(world, Region::default());
    }
}
