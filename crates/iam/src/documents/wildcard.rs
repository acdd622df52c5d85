//! Whether a pattern stands for a text, in a number of steps that grows with their lengths and not with their product.
//!
//! What lies between two `*` is looked for once, at its leftmost place: a later place could only leave less for the rest.
//! The search compares in the obvious way, which ends at once for honest patterns. After a budget it goes on by what the run
//! has in common with itself (D. Knuth, J. Morris, V. Pratt, "Fast Pattern Matching in Strings", 1977), or, where a `?` is
//! in it, with 64 of its characters in each step (R. Baeza-Yates, G. Gonnet, "A New Approach to Text Searching", 1992).

use std::collections::HashMap;

use super::pattern::Piece;

/// Steps of the obvious way for each character of the text, all runs together.
const BUDGET: usize = 4;

/// Whether pieces without variables stand for a text.
pub fn stands_for(pieces: &[Piece], text: &[char], fold_case: bool) -> bool {
    count_steps(pieces, text, fold_case).0
}

/// The answer, and the steps that it took: comparisons, or words of the search by bits.
pub fn count_steps(pieces: &[Piece], text: &[char], fold_case: bool) -> (bool, usize) {
    let mut steps = 0;
    let answer = walk(pieces, text, fold_case, &mut steps);
    (answer, steps)
}

fn walk(pieces: &[Piece], text: &[char], fold_case: bool, steps: &mut usize) -> bool {
    let mut runs = pieces.split(|piece| *piece == Piece::Any);
    let first = runs.next().unwrap_or_default();
    let Some(last) = runs.next_back() else {
        return first.len() == text.len() && is_at(first, text, fold_case, steps);
    };
    if first.len() + last.len() > text.len() {
        return false;
    }
    let (head, rest) = text.split_at(first.len());
    let (mut rest, tail) = rest.split_at(rest.len() - last.len());
    if !is_at(first, head, fold_case, steps) || !is_at(last, tail, fold_case, steps) {
        return false;
    }
    let budget = *steps + BUDGET * text.len();
    for run in runs.filter(|run| !run.is_empty()) {
        match find(run, rest, fold_case, budget, steps) {
            Some(end) => rest = &rest[end..],
            None => return false,
        }
    }
    true
}

fn is_at(run: &[Piece], text: &[char], fold_case: bool, steps: &mut usize) -> bool {
    run.iter().zip(text).all(|(piece, c)| {
        *steps += 1;
        piece.is(*c, fold_case)
    })
}

/// Where a run ends at its leftmost place; beyond the budget it is looked for by bits.
fn find(
    run: &[Piece],
    text: &[char],
    fold_case: bool,
    budget: usize,
    steps: &mut usize,
) -> Option<usize> {
    let last_start = text.len().checked_sub(run.len())?;
    for start in 0..=last_start {
        if *steps > budget {
            let rest = &text[start..];
            let end = match plain(run, fold_case) {
                Some(run) => find_by_failure(&run, rest, fold_case, steps)?,
                None => find_by_bits(run, rest, fold_case, steps)?,
            };
            return Some(start + end);
        }
        *steps += 1;
        if is_at(run, &text[start..], fold_case, steps) {
            return Some(start + run.len());
        }
    }
    None
}

/// The characters of a run that has no `?`.
fn plain(run: &[Piece], fold_case: bool) -> Option<Vec<char>> {
    let chars = run.iter().map(|piece| match piece {
        Piece::Char(c) if fold_case => Some(c.to_ascii_lowercase()),
        Piece::Char(c) => Some(*c),
        Piece::One | Piece::Any | Piece::Variable(..) => None,
    });
    chars.collect()
}

/// As [`find`]: at a mismatch it goes on with the longest beginning of the run that ends here, which it does at most as
/// often as it went forward before.
fn find_by_failure(
    run: &[char],
    text: &[char],
    fold_case: bool,
    steps: &mut usize,
) -> Option<usize> {
    // How long a beginning of the run ends at each of its characters, that one's own end apart.
    let mut borders = vec![0; run.len()];
    let advance = |borders: &[usize], mut matched: usize, c: char| {
        while matched > 0 && run[matched] != c {
            matched = borders[matched - 1];
        }
        matched + usize::from(run[matched] == c)
    };
    for at in 1..run.len() {
        *steps += 1;
        borders[at] = advance(&borders, borders[at - 1], run[at]);
    }
    let mut matched = 0;
    for (at, c) in text.iter().enumerate() {
        *steps += 1;
        let c = if fold_case {
            c.to_ascii_lowercase()
        } else {
            *c
        };
        matched = advance(&borders, matched, c);
        if matched == run.len() {
            return Some(at + 1);
        }
    }
    None
}

/// As [`find`]: bit `i` of the state says that the run's first `i + 1` pieces end here.
fn find_by_bits(run: &[Piece], text: &[char], fold_case: bool, steps: &mut usize) -> Option<usize> {
    let words = run.len().div_ceil(64);
    let fold = |c: char| match fold_case {
        true => c.to_ascii_lowercase(),
        false => c,
    };
    // Which pieces a character can stand for: the first mask is that of characters that the run does not have. Nearly all
    // are ASCII, and found without hashing.
    let mut masks = vec![vec![0_u64; words]];
    let (mut ascii, mut others) = ([0_usize; 128], HashMap::new());
    for (i, piece) in run.iter().enumerate() {
        *steps += 1;
        let bit = 1 << (i % 64);
        match piece {
            Piece::Char(c) => {
                let c = fold(*c);
                let place = match ascii.get_mut(c as usize) {
                    Some(place) => place,
                    None => others.entry(c).or_insert(0),
                };
                if *place == 0 {
                    *place = masks.len();
                    masks.push(vec![0; words]);
                }
                masks[*place][i / 64] |= bit;
            }
            Piece::One => masks[0][i / 64] |= bit,
            Piece::Any | Piece::Variable(..) => return None,
        }
    }
    if let Some((any, masks)) = masks.split_first_mut() {
        for mask in masks {
            mask.iter_mut().zip(&*any).for_each(|(m, any)| *m |= any);
        }
    }
    let mut state = vec![0_u64; words];
    for (at, c) in text.iter().enumerate() {
        let c = fold(*c);
        let place = ascii.get(c as usize).or_else(|| others.get(&c));
        let mask = &masks[place.copied().unwrap_or(0)];
        let mut carry = 1;
        for (word, mask) in state.iter_mut().zip(mask) {
            *steps += 1;
            let next = *word >> 63;
            *word = (*word << 1 | carry) & mask;
            carry = next;
        }
        let end = run.len() - 1;
        if state[end / 64] >> (end % 64) & 1 == 1 {
            return Some(at + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(pattern: &str) -> Vec<Piece> {
        let piece = |c| match c {
            '*' => Piece::Any,
            '?' => Piece::One,
            c => Piece::Char(c),
        };
        pattern.chars().map(piece).collect()
    }

    /// By the definition.
    fn defined(pattern: &[Piece], text: &[char]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(Piece::Any), None) => defined(&pattern[1..], text),
            (Some(Piece::Any), Some(_)) => {
                defined(&pattern[1..], text) || defined(pattern, &text[1..])
            }
            (Some(piece), Some(c)) => piece.is(*c, true) && defined(&pattern[1..], &text[1..]),
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn it_answers_by_the_definition(pattern in "[abA*?]{0,9}", text in "[abB]{0,12}") {
            let (pattern, text) = (pieces(&pattern), text.chars().collect::<Vec<_>>());
            prop_assert_eq!(stands_for(&pattern, &text, true), defined(&pattern, &text));
        }

        #[test]
        fn all_searches_agree(run in "[ab?]{1,150}", text in "[ab]{0,400}") {
            let (run, text) = (pieces(&run), text.chars().collect::<Vec<_>>());
            let obvious = text.windows(run.len()).position(|at| is_at(&run, at, false, &mut 0));
            let obvious = obvious.map(|start| start + run.len());
            prop_assert_eq!(find_by_bits(&run, &text, false, &mut 0), obvious);
            if let Some(run) = plain(&run, false) {
                prop_assert_eq!(find_by_failure(&run, &text, false, &mut 0), obvious);
            }
        }

        #[test]
        fn runs_without_wildcards_are_found_too(run in "[aB]{1,40}", text in "[abAB]{0,400}") {
            let (run, text) = (pieces(&run), text.chars().collect::<Vec<_>>());
            let obvious = text.windows(run.len()).position(|at| is_at(&run, at, true, &mut 0));
            let obvious = obvious.map(|start| start + run.len());
            let plain = plain(&run, true).expect("no ? is in it");
            prop_assert_eq!(find_by_failure(&plain, &text, true, &mut 0), obvious);
        }

        /// The work grows with the lengths: 64 pieces of a run count as one step.
        #[test]
        fn hostile_patterns_cost_no_more_than_their_length(
            run in "a{1,300}[ab?]", repeats in 1..40_usize, len in 0..2000_usize, end in "[ab]"
        ) {
            let pattern = pieces(&format!("*{run}*").repeat(repeats));
            let text: Vec<char> = format!("{}{end}", "a".repeat(len)).chars().collect();
            let (_, steps) = count_steps(&pattern, &text, false);
            let most = pattern.len() + (BUDGET + 1 + run.len().div_ceil(64)) * text.len();
            prop_assert!(steps <= most + run.len(), "{} steps for {} and {}", steps, pattern.len(), text.len());
        }
    }
}
