//! Frames that nobody thought of.

use openvpc_engine::{UnloggedClass, Verdict};
use openvpc_testkit::{mend_ipv4_header, ping, syn, udp};

use super::{fragment_header, ipv6_chain, numbers, stage, udp_bytes};

/// Random frames and random edits of good ones: no panic, counters that close, both engines alike.
#[test]
fn garbage_is_counted_and_dropped() {
    let (lab, a, b) = stage();
    let mut random = numbers();
    let good = [
        udp(&a, &b, 1, 2).bytes().to_vec(),
        syn(&a, &b, 80).bytes().to_vec(),
        ping(&a, &b).bytes().to_vec(),
        ping(&a, &b).over_ipv6(&b).bytes().to_vec(),
        ipv6_chain(&a, &b, &[fragment_header(0, true)], udp_bytes()),
        ping(&a, &b).to_address("10.0.1.1").bytes().to_vec(),
    ];
    for _ in 0..30_000 {
        let mut frame = good[random() as usize % good.len()].clone();
        for _ in 0..random() % 6 {
            let at = random() as usize % frame.len();
            frame[at] = random() as u8;
        }
        if random().is_multiple_of(4) {
            frame.truncate(random() as usize % (frame.len() + 1));
        }
        if random().is_multiple_of(2)
            && frame.len() >= 34
            && frame[14] >> 4 == 4
            && (frame[14] & 15) >= 5
        {
            let header = usize::from(frame[14] & 15) * 4;
            if frame.len() >= 14 + header {
                mend_ipv4_header(&mut frame);
            }
        }
        let verdict = lab.raw(&a, frame).verdict();
        assert!(matches!(
            verdict,
            Verdict::Forward { .. }
                | Verdict::Translated { .. }
                | Verdict::Reply
                | Verdict::Drop(_)
        ));
    }
    let counters = lab.counters(&a);
    let mut sum = counters.egress.accept;
    sum.add(counters.egress.reject);
    counters
        .egress
        .unlogged
        .iter()
        .for_each(|class| sum.add(*class));
    assert_eq!(sum, counters.egress.wire);
    assert!(counters.egress.unlogged(UnloggedClass::Malformed).packets > 1_000);
}
