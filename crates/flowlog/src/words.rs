//! Lines taken apart into words, as records are written: one space between fields.

/// Bytes that are looked at together.
const BLOCK_LEN: usize = 64;

/// Where words end: the places of spaces, and of other characters below them, line feeds among them. They are looked for 64
/// bytes at a time, without a branch for each: where words end differs from line to line, and a guess that fails costs
/// more than a word.
#[derive(Debug, Clone)]
pub struct WordEnds<'t> {
    text: &'t [u8],
    /// The 64 bytes that are looked at begin here …
    block: usize,
    /// … and these of them, from the lowest bit on, are ends that have not been passed.
    ends: u64,
}

impl<'t> WordEnds<'t> {
    /// The ends in a text.
    #[inline]
    pub fn of(text: &'t [u8]) -> WordEnds<'t> {
        WordEnds {
            text,
            block: 0,
            ends: ends(text),
        }
    }
}

impl Iterator for WordEnds<'_> {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        while self.ends == 0 {
            self.block += BLOCK_LEN;
            self.ends = ends(self.text.get(self.block..)?);
        }
        let end = self.block + self.ends.trailing_zeros() as usize;
        self.ends &= self.ends - 1;
        Some(end)
    }
}

/// All that [`WordEnds`] finds in a text, of so many at most, in place of what `ends` held: for who looks at many lines at
/// once. Of a block a fixed number is written, whether they are there or not, and what is too much written over.
pub fn word_ends(text: &[u8], max: usize, ends: &mut Vec<u32>) {
    const AT_ONCE: usize = 16;
    ends.clear();
    ends.resize(max + BLOCK_LEN, 0);
    let mut found = 0;
    for (nth, block) in text.chunks(BLOCK_LEN).enumerate() {
        let mut marks = self::ends(block);
        let count = marks.count_ones() as usize;
        let mut mark = |place: &mut u32| {
            *place = (nth * BLOCK_LEN) as u32 + marks.trailing_zeros();
            marks &= marks.wrapping_sub(1);
        };
        let (first, more) = ends[found..found + BLOCK_LEN].split_at_mut(AT_ONCE);
        first.iter_mut().for_each(&mut mark);
        more.iter_mut()
            .take(count.saturating_sub(AT_ONCE))
            .for_each(&mut mark);
        found += count;
        if found >= max {
            break;
        }
    }
    ends.truncate(found.min(max));
}

/// The words of a line: whatever is not empty between two ends.
#[derive(Debug, Clone)]
pub struct Words<'t> {
    text: &'t str,
    /// Where the next word begins, at the earliest.
    at: usize,
    ends: WordEnds<'t>,
}

impl<'t> Words<'t> {
    /// The words of a line.
    #[inline]
    pub fn of(text: &'t str) -> Words<'t> {
        Words {
            text,
            at: 0,
            ends: WordEnds::of(text.as_bytes()),
        }
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    #[inline]
    fn next(&mut self) -> Option<&'t str> {
        loop {
            let end = self.ends.next().unwrap_or(self.text.len());
            let word = self.text.get(self.at..end)?;
            self.at = end + 1;
            if !word.is_empty() {
                return Some(word);
            }
        }
    }
}

/// Which of the first 64 bytes are a space or below, the first by the lowest bit.
#[inline]
fn ends(text: &[u8]) -> u64 {
    let mut padded = [b'x'; BLOCK_LEN];
    match text.first_chunk::<BLOCK_LEN>() {
        Some(block) => ends_in(block),
        None => {
            padded[..text.len()].copy_from_slice(text);
            ends_in(&padded)
        }
    }
}

#[inline]
fn ends_in(block: &[u8; BLOCK_LEN]) -> u64 {
    // The compiler makes this as many bytes at once as the processor takes.
    let marks = block.map(|byte| u8::from(byte <= b' '));
    let (eights, _) = marks.as_chunks::<8>();
    eights.iter().rev().fold(0, |ends, eight| {
        // Byte k's mark, moved to bit 56 + k.
        let marks = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        ends << 8 | marks
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_where_a_byte_is_a_space_or_below() {
        let long = "x".repeat(200);
        for text in [
            "",
            " ",
            "a",
            " a",
            "a ",
            "a  b\tc",
            "défghijk\t12345678 9",
            "Zürich 10.0.0.1 \u{1f}é",
            "2 123456789010 eni-1235b8ca123456789 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK",
            &long,
            &" ".repeat(200),
            &format!("{} b", "a".repeat(63)),
            &format!("{} b", "a".repeat(64)),
            &format!("{}  {long} c", "a".repeat(127)),
        ] {
            let by_look: Vec<&str> = text.split(|c| c <= ' ').filter(|w| !w.is_empty()).collect();
            assert_eq!(Words::of(text).collect::<Vec<_>>(), by_look, "{text:?}");
            let one_by_one: Vec<u32> = WordEnds::of(text.as_bytes())
                .map(|end| end as u32)
                .collect();
            let mut at_once = vec![7];
            for max in [0, 1, 5, 20, 1_000] {
                word_ends(text.as_bytes(), max, &mut at_once);
                assert_eq!(at_once, one_by_one[..one_by_one.len().min(max)], "{text:?}");
            }
        }
    }
}
