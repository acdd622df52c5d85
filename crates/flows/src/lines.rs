//! Lines of a text where they lie in its buffer, with the places of their words: found for some hundred lines at once, which
//! costs a fraction of what line by line does.

use std::io::{self, Read};

use openvpc_flowlog::word_ends;

/// Longer than the longest line.
const BUFFER_LEN: usize = 2 * LINE_LEN_MAX;
/// A line of all fields has about 1 kB.
pub const LINE_LEN_MAX: usize = 64 * 1024;
/// Ends of words that are looked for at once.
const ENDS_MAX: usize = 4_096;

/// A text that is read on and on.
pub(crate) struct Lines<'r> {
    input: Box<dyn Read + 'r>,
    buffer: Box<[u8]>,
    /// What of the buffer is the text's.
    filled: usize,
    /// Where the next line begins.
    at: usize,
    ends: Vec<u32>,
    /// What the ends are counted from …
    ends_from: usize,
    /// … and how many of them have been passed.
    passed: usize,
    is_over: bool,
}

/// A line without its end.
pub(crate) struct Line<'l> {
    pub text: &'l [u8],
    /// Where its words end, from its beginning on, if it has as many as were expected with one space between them.
    pub words: Option<Words<'l>>,
}

/// Places of words.
#[derive(Clone, Copy)]
pub(crate) struct Words<'l> {
    ends: &'l [u32],
    /// Where the line begins by the same count.
    from: u32,
}

/// Why there is no line.
pub(crate) enum Fault {
    /// Reading ends here.
    Io(io::Error),
    /// It has been passed over.
    TooLong,
}

impl Words<'_> {
    /// The nth word in its line.
    #[inline]
    pub(crate) fn range(&self, nth: usize) -> std::ops::Range<usize> {
        let begin = match nth {
            0 => self.from,
            _ => self.ends[nth - 1] + 1,
        };
        (begin - self.from) as usize..(self.ends[nth] - self.from) as usize
    }
}

impl<'r> Lines<'r> {
    pub(crate) fn of(input: impl Read + 'r) -> Lines<'r> {
        Lines {
            input: Box::new(input),
            buffer: vec![0; BUFFER_LEN].into(),
            filled: 0,
            at: 0,
            ends: Vec::new(),
            ends_from: 0,
            passed: 0,
            is_over: false,
        }
    }

    /// The next line, which is likely to have so many words; `None` at the end.
    pub(crate) fn next(&mut self, words: usize) -> Option<Result<Line<'_>, Fault>> {
        if !self.has_regular(words) {
            return self.next_irregular();
        }
        let (from, ends) = (self.at, &self.ends[self.passed..][..words]);
        let end = self.ends_from + ends[words - 1] as usize;
        self.passed += words;
        self.at = end + 1;
        Some(Ok(Line {
            text: &self.buffer[from..end],
            words: Some(Words {
                ends,
                from: (from - self.ends_from) as u32,
            }),
        }))
    }

    /// Whether the next ends are those of so many words of one line, with a space between them.
    #[inline]
    fn has_regular(&mut self, words: usize) -> bool {
        if words == 0 {
            return false;
        }
        if self.ends.len() - self.passed < words {
            self.ends_from = self.at;
            self.passed = 0;
            let rest = &self.buffer[self.at..self.filled];
            word_ends(rest, ENDS_MAX.max(words), &mut self.ends);
        }
        let Some([spaces @ .., end]) = self.ends[self.passed..].get(..words) else {
            return false;
        };
        let text = &self.buffer[self.ends_from..self.filled];
        let mut is_regular = text[*end as usize] == b'\n';
        let mut begin = (self.at - self.ends_from) as u32;
        for space in spaces {
            is_regular &= text[*space as usize] == b' ' && *space > begin;
            begin = *space + 1;
        }
        is_regular && *end > begin
    }

    /// The next line, whatever it is like; more of the text is read for it if need be.
    fn next_irregular(&mut self) -> Option<Result<Line<'_>, Fault>> {
        let mut looked_at = self.at;
        loop {
            let rest = &self.buffer[looked_at..self.filled];
            if let Some(len) = rest.iter().position(|byte| *byte == b'\n') {
                let (from, end) = (self.at, looked_at + len);
                self.pass(end + 1);
                return Some(match end - from > LINE_LEN_MAX {
                    true => Err(Fault::TooLong),
                    false => Ok(self.line(from, end)),
                });
            }
            let known = self.filled - self.at;
            if known > LINE_LEN_MAX {
                return Some(Err(match self.pass_over_line() {
                    Ok(()) => Fault::TooLong,
                    Err(error) => Fault::Io(error),
                }));
            }
            if self.is_over {
                let from = self.at;
                self.pass(self.filled);
                return (known > 0).then(|| Ok(self.line(from, from + known)));
            }
            if let Err(error) = self.read_on() {
                return Some(Err(Fault::Io(error)));
            }
            looked_at = self.at + known;
        }
    }

    fn line(&self, from: usize, end: usize) -> Line<'_> {
        Line {
            text: &self.buffer[from..end],
            words: None,
        }
    }

    /// Goes on there.
    fn pass(&mut self, to: usize) {
        self.at = to;
        let rest = self.ends[self.passed..].iter();
        let before = rest.take_while(|end| self.ends_from + (**end as usize) < to);
        self.passed += before.count();
    }

    /// Passes over the rest of a line that is too long.
    fn pass_over_line(&mut self) -> io::Result<()> {
        loop {
            let rest = &self.buffer[self.at..self.filled];
            if let Some(len) = rest.iter().position(|byte| *byte == b'\n') {
                self.pass(self.at + len + 1);
                return Ok(());
            }
            self.pass(self.filled);
            if self.is_over {
                return Ok(());
            }
            self.read_on()?;
        }
    }

    /// Reads more behind what is left.
    fn read_on(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        self.at = 0;
        self.ends.clear();
        self.passed = 0;
        loop {
            match self.input.read(&mut self.buffer[self.filled..]) {
                Ok(len) => {
                    self.filled += len;
                    self.is_over = len == 0;
                    return Ok(());
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Slow<'t>(&'t [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = self.1.min(buffer.len());
            (&mut self.0).take(len as u64).read(buffer)
        }
    }

    fn told(text: &[u8], at_once: usize, words: usize) -> Vec<String> {
        let mut lines = Lines::of(Slow(text, at_once));
        let mut told = Vec::new();
        while let Some(line) = lines.next(words) {
            told.push(match line {
                Ok(line) => {
                    let text = String::from_utf8_lossy(line.text).into_owned();
                    if let Some(places) = line.words {
                        let by_place: Vec<&str> =
                            (0..words).map(|nth| &text[places.range(nth)]).collect();
                        let by_look: Vec<&str> = text.split(' ').collect();
                        assert_eq!(by_place, by_look);
                    }
                    text
                }
                Err(Fault::TooLong) => "too long".to_owned(),
                Err(Fault::Io(error)) => error.to_string(),
            });
        }
        told
    }

    #[test]
    fn lines_are_those_of_the_text_however_it_comes() {
        let many: String = (0..20_000)
            .map(|n| match n % 7 {
                0 => format!("{n}  two spaces\n"),
                1 => "\n".to_owned(),
                2 => format!("{n} more words than that\n"),
                3 => format!("{n}\tb c\r\n"),
                _ => format!("{n} b c\n"),
            })
            .collect();
        for text in [
            "",
            "\n",
            "a b c",
            "a b c\n",
            "a b\nc\n\n d e f\ng h i",
            &many,
        ] {
            let wanted: Vec<&str> = text.split_terminator('\n').collect();
            for at_once in [1, 7, 1_000, usize::MAX] {
                for words in [0, 1, 3, 5_000] {
                    assert_eq!(told(text.as_bytes(), at_once, words), wanted);
                }
            }
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over() {
        for len in [LINE_LEN_MAX + 1, BUFFER_LEN, 3 * BUFFER_LEN + 5] {
            let long = "x".repeat(len);
            let most = "y".repeat(LINE_LEN_MAX);
            for at_once in [1_000, usize::MAX] {
                let text = format!("a b c\n{long}\n{most}\nd e f\n{long}");
                let wanted = ["a b c", "too long", &most, "d e f", "too long"];
                assert_eq!(told(text.as_bytes(), at_once, 3), wanted, "{len}");
            }
        }
    }
}
