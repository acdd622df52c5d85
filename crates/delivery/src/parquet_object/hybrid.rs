//! Small numbers as Parquet writes levels and places in a dictionary: runs of one number, and numbers bit by bit
//! (Apache Parquet, "Run Length Encoding / Bit-Packing Hybrid").

/// Numbers are written bit by bit in groups of so many.
const GROUP_LEN: usize = 8;
/// So many the same and a run is shorter.
const RUN_LEN_MIN: usize = 2 * GROUP_LEN;

/// Bits that a number up to this one needs.
pub(super) fn width(max: u32) -> u32 {
    u32::BITS - max.leading_zeros()
}

/// One number so many times.
pub(super) fn put_run(out: &mut Vec<u8>, number: u32, len: usize, width: u32) {
    put_head(out, len << 1);
    let bytes = width.div_ceil(8) as usize;
    out.extend_from_slice(&number.to_le_bytes()[..bytes]);
}

/// Numbers of so many bits.
pub(super) fn put(out: &mut Vec<u8>, numbers: &[u32], width: u32) {
    // What has not been written, and where the number begins that was the same until here.
    let (mut from, mut at) = (0, 0);
    while at < numbers.len() {
        let same = numbers[at..]
            .iter()
            .take_while(|number| **number == numbers[at]);
        let end = at + same.count();
        // What comes before a run is whole groups.
        let run = from + (at - from).next_multiple_of(GROUP_LEN);
        if end >= run + RUN_LEN_MIN {
            put_packed(out, &numbers[from..run], width);
            put_run(out, numbers[at], end - run, width);
            from = end;
        }
        at = end;
    }
    put_packed(out, &numbers[from..], width);
}

/// Bit by bit, the last group filled up.
fn put_packed(out: &mut Vec<u8>, numbers: &[u32], width: u32) {
    if numbers.is_empty() {
        return;
    }
    let groups = numbers.len().div_ceil(GROUP_LEN);
    put_head(out, groups << 1 | 1);
    for group in numbers.chunks(GROUP_LEN) {
        let (mut bits, mut len) = (0_u64, 0);
        for at in 0..GROUP_LEN {
            let number = group.get(at).copied().unwrap_or_default();
            bits |= u64::from(number) << len;
            len += width;
            if len >= u32::BITS {
                out.extend_from_slice(&(bits as u32).to_le_bytes());
                bits >>= u32::BITS;
                len -= u32::BITS;
            }
        }
        // Eight numbers fill whole bytes.
        out.extend_from_slice(&bits.to_le_bytes()[..(len / 8) as usize]);
    }
}

/// Seven bits a byte, the lowest first; the highest bit says that more follow.
fn put_head(out: &mut Vec<u8>, mut head: usize) {
    while head >= 0x80 {
        out.push(head as u8 | 0x80);
        head >>= 7;
    }
    out.push(head as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put_all(numbers: &[u32], width: u32) -> Vec<u8> {
        let mut out = Vec::new();
        put(&mut out, numbers, width);
        out
    }

    /// The example of the format's description.
    #[test]
    fn numbers_lie_bit_by_bit() {
        let bytes = put_all(&[0, 1, 2, 3, 4, 5, 6, 7], 3);
        assert_eq!(bytes, [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010]);
        assert_eq!(put_all(&[1, 0, 1], 1), [0b11, 0b101]);
    }

    #[test]
    fn what_is_the_same_is_a_run() {
        assert_eq!(put_all(&[5; 300], 9), [0xd8, 0x04, 5, 0]);
        assert_eq!(put_all(&[0; 20], 0), [40]);
        let mixed = [&[1, 0][..], &[1; 30]].concat();
        assert_eq!(put_all(&mixed, 1), [0b11, 0b1111_1101, 48, 1]);
        let few = [&[1, 0][..], &[1; 10]].concat();
        assert_eq!(put_all(&few, 1), [0b101, 0b1111_1101, 0b1111]);
    }
}
