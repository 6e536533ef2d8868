//! Cuts of bounded length, so that the time and memory of what looks at a whole text stay linear.

/// The most bytes of a section, for chunks that are much smaller.
pub(crate) const SECTION: usize = 16 * 1024;

/// How long the next section of `text` is, at least 1 and at most `limit` bytes, all of it where it is that short. A section ends,
/// by preference, before the last of `breaks` (offsets in ascending order), after a paragraph, after a line, after a space (each in the second half
/// of what is allowed, so that sections don't get small), and else between two characters.
pub(crate) fn section(text: &str, limit: usize, breaks: impl DoubleEndedIterator<Item = usize>) -> usize {
    if text.len() <= limit {
        return text.len();
    }
    let (half, end) = (text.floor_char_boundary(limit / 2), text.floor_char_boundary(limit));
    if let Some(cut) = breaks.rev().find(|cut| *cut <= end).filter(|cut| *cut > half) {
        return cut;
    }
    let window = &text[half..end];
    let paragraph = window.rfind("\n\n").map(|at| half + at + 2);
    let line = || window.rfind('\n').map(|at| half + at + 1);
    let space = || window.rfind(char::is_whitespace).map(|at| text.ceil_char_boundary(half + at + 1));
    paragraph.or_else(line).or_else(space).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 64 * 1024;

    #[track_caller]
    fn check(text: &str, breaks: &[usize], expected: usize) {
        assert_eq!(section(text, LIMIT, breaks.iter().copied()), expected);
    }

    #[test]
    fn sections_end_where_it_hurts_least() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(40_000), "b".repeat(60_000));
        check("short", &[], 5);
        check(&long(""), &[], LIMIT);
        check(&long(" "), &[], 40_001);
        check(&long("\u{2003}"), &[], 40_003);
        check(&long(" x\ny z"), &[], 40_003);
        check(&long("\n\nx\ny"), &[], 40_002);
        check(&long("\n\n"), &[50, 33_000, 50_000, 90_000], 50_000);
        check(&"é".repeat(LIMIT), &[], LIMIT);
        check(&format!("a{}", "é".repeat(LIMIT)), &[], LIMIT - 1);
    }
}
