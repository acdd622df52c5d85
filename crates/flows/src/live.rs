//! The live view: the recorder's records of the last second as rows, with what decided about them.

use std::sync::{Arc, LazyLock};

use hashbrown::HashMap;
use openvpc_flowlog::{Field, Flow, Interface, Names, Plan, Record, Status, Told};

use crate::row::{LogStatus, Place, Row};

/// TCP's protocol number.
const TCP: u8 = 6;
/// Interfaces whose rows share one [`Place`]; beyond it, all are forgotten and learned anew.
const PLACES_MAX: usize = 16_384;

/// What is said in words of the configuration, by the names that the caller knows; in the order of [`Row::others`].
static IN_WORDS: LazyLock<Vec<Field>> = LazyLock::new(|| {
    let is_service =
        |field: Field| matches!(field, Field::PktSrcAwsService | Field::PktDstAwsService);
    let all = Field::ALL.iter().copied();
    all.filter(|field| field.is_own() || is_service(*field))
        .collect()
});

/// Remembers interfaces, so that rows of one share what is said of it.
#[derive(Debug, Default)]
pub struct Places {
    known: HashMap<String, (Arc<Interface>, Arc<Place>)>,
}

impl Places {
    /// A record as a row; `names` tell what decided.
    pub fn row(&mut self, record: &Record, names: &dyn Names) -> Row {
        let row = Row {
            start: Some(record.start),
            end: Some(record.end),
            ..Row::at(self.place(&record.interface))
        };
        match &record.status {
            Status::Flow(flow) => {
                let mut row = of_flow(row, flow);
                add_words(&mut row, record, names);
                row
            }
            Status::NoData => Row {
                status: LogStatus::NoData,
                ..row
            },
            Status::SkipData => Row {
                status: LogStatus::SkipData,
                ..row
            },
        }
    }

    fn place(&mut self, interface: &Arc<Interface>) -> Arc<Place> {
        match self.known.get(&interface.id) {
            Some((known, place)) if Arc::ptr_eq(known, interface) || known == interface => {
                place.clone()
            }
            _ => {
                if self.known.len() == PLACES_MAX {
                    self.known.clear();
                }
                let place = Arc::new(Place::of(interface));
                let entry = (interface.clone(), place.clone());
                self.known.insert(interface.id.clone(), entry);
                place
            }
        }
    }
}

fn add_words(row: &mut Row, record: &Record, names: &dyn Names) {
    let plan = &Plan::default();
    let told = Told { plan, names };
    let words = IN_WORDS.iter().filter_map(|field| {
        let word = record.word(*field, told)?;
        Some((*field, word.into()))
    });
    row.others.extend(words);
}

fn of_flow(row: Row, flow: &Flow) -> Row {
    Row {
        status: LogStatus::Ok,
        source: Some(flow.source),
        destination: Some(flow.destination),
        packet_source: Some(flow.packet_source),
        packet_destination: Some(flow.packet_destination),
        source_port: Some(flow.source_port),
        destination_port: Some(flow.destination_port),
        protocol: Some(flow.protocol),
        packets: Some(flow.packets),
        bytes: Some(flow.bytes),
        action: Some(flow.action),
        direction: Some(flow.direction),
        tcp_flags: match flow.protocol {
            TCP => flow.tcp_flags.value(),
            _ => Some(0),
        },
        traffic_path: flow.traffic_path.map(|path| path as u8),
        ..row
    }
}
