//! The headings of a Markdown text, found line by line.

/// The most characters of a heading's title that are kept.
const TITLE_CHARS: usize = 200;

/// A heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heading {
    /// Where its first character that is no space stands, in bytes.
    pub(crate) offset: usize,
    /// 1 to 6.
    pub(crate) level: u8,
    /// What it says, marks of emphasis and links removed.
    pub(crate) title: String,
}

/// The headings of a text in their order: `#` to `######`, and lines that `===` or `---` underlines. Fenced code and a front matter
/// at the very start are passed over (CommonMark 0.31.2, sections 4.2, 4.3 and 4.5).
pub(crate) struct Headings<'a> {
    text: &'a str,
    at: usize,
    /// The character and the length of the fence that is open.
    fence: Option<(u8, usize)>,
    /// The line before, where it can be underlined: offset and text.
    paragraph: Option<(usize, &'a str)>,
}

impl<'a> Headings<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: front_matter(text), fence: None, paragraph: None }
    }
}

impl Iterator for Headings<'_> {
    type Item = Heading;

    fn next(&mut self) -> Option<Heading> {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let line = rest[..length].trim_end();
            let body = line.trim_start_matches(' ');
            let indent = line.len() - body.len();
            let offset = self.at + indent;
            self.at += length;
            let before = self.paragraph.take();
            if let Some((mark, long)) = self.fence {
                if indent < 4 && fence(body).is_some_and(|(m, l, bare)| m == mark && l >= long && bare) {
                    self.fence = None;
                }
                continue;
            }
            if indent >= 4 || body.is_empty() {
                continue;
            }
            if let Some((mark, long, _)) = fence(body) {
                self.fence = Some((mark, long));
            } else if let Some((level, title)) = atx(body) {
                return Some(Heading { offset, level, title: plain(title) });
            } else if let (Some((offset, title)), Some(level)) = (before, underline(body)) {
                return Some(Heading { offset, level, title: plain(title) });
            } else if !body.starts_with(['-', '*', '+', '>', '|', '<']) && !body.starts_with(|c: char| c.is_ascii_digit()) {
                self.paragraph = Some((offset, body));
            }
        }
        None
    }
}

/// The length of the block between two lines `---` with which a text begins; 0 where there is none within 200 lines.
fn front_matter(text: &str) -> usize {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').take(200).enumerate() {
        at += line.len();
        match (number, line.trim_end()) {
            (0, "---") => {}
            (0, _) => return 0,
            (_, "---") => return at,
            _ => {}
        }
    }
    0
}

/// The mark of a fence, its length, and whether nothing follows it.
fn fence(line: &str) -> Option<(u8, usize, bool)> {
    let mark = *line.as_bytes().first().filter(|mark| matches!(mark, b'`' | b'~'))?;
    let long = line.bytes().take_while(|byte| *byte == mark).count();
    let info = line[long..].trim();
    (long >= 3 && !(mark == b'`' && info.contains('`'))).then_some((mark, long, info.is_empty()))
}

/// The level and the title of a line that starts with `#`.
fn atx(line: &str) -> Option<(u8, &str)> {
    let level = line.bytes().take_while(|byte| *byte == b'#').count();
    let rest = &line[level..];
    if !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let title = rest.trim();
    let open = title.trim_end_matches('#');
    let title = if open.is_empty() || open.ends_with([' ', '\t']) { open.trim_end() } else { title };
    Some((level as u8, title))
}

/// The level that a line of nothing but `=` or `-` gives to the line above it.
fn underline(line: &str) -> Option<u8> {
    let all = |mark: u8| line.bytes().all(|byte| byte == mark);
    if all(b'=') {
        Some(1)
    } else if all(b'-') {
        Some(2)
    } else {
        None
    }
}

/// A title without marks of emphasis, code, escapes and the addresses of links, on one line.
fn plain(title: &str) -> String {
    let mut out = String::new();
    let mut chars = title.chars().take(4 * TITLE_CHARS).peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            '*' | '`' | '[' => {}
            ']' if chars.peek() == Some(&'(') => while !matches!(chars.next(), None | Some(')')) {},
            ']' => {}
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(usize, u8, &str)]) {
        let found: Vec<_> = Headings::new(text).map(|heading| (heading.offset, heading.level, heading.title)).collect();
        let expected: Vec<_> = expected.iter().map(|(offset, level, title)| (*offset, *level, (*title).to_owned())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn headings_are_found_where_commonmark_has_them() {
        check("# One\ntext\n## Two ##\n", &[(0, 1, "One"), (11, 2, "Two")]);
        check("  # Indented", &[(2, 1, "Indented")]);
        check("    # code\n#hashtag\n####### seven", &[]);
        check("One\n===\n\nTwo\n---\n", &[(0, 1, "One"), (9, 2, "Two")]);
        check("- item\n---\n\n---\n", &[]);
        check("```sh\n# no\n```\n# yes", &[(15, 1, "yes")]);
        check("~~~~\n~~~\n# no\n~~~~\n# yes", &[(19, 1, "yes")]);
        check("---\ntitle: x\n---\n# yes", &[(17, 1, "yes")]);
        check("# [A **b**](http://x) `c` \\# #", &[(0, 1, "A b c #")]);
        check("# ligne\r\ntexte\r\n", &[(0, 1, "ligne")]);
    }
}
