//! A passage's sentences.

/// The most characters of a sentence that is shown; the rest of a longer one is left out.
const SHOWN: usize = 480;
/// The most characters that a list adds to the line that introduces it.
const LIST: usize = 320;
/// Words whose full stop ends no sentence, in small letters.
const ABBREVIATIONS: [&str; 44] = [
    "m", "mm", "mme", "mlle", "mr", "mrs", "ms", "dr", "prof", "st", "ste", "jr", "sr", "sra", "etc", "cf", "ex", "art", "al", "av", "apr",
    "env", "vs", "no", "nr", "bzw", "ca", "ggf", "inkl", "vgl", "hr", "fr", "abs", "p", "pp", "vol", "fig", "sig", "dott", "ing", "ud",
    "uds", "tel", "approx",
];

/// The sentences of a text, spaces collapsed, marks of lists, headings and references left out.
///
/// A line that introduces a list by its colon is one sentence with the list's first items; other lines end a sentence unless the next one goes on in small letters.
pub(super) fn sentences(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for block in blocks(text) {
        split(&block, &mut out);
    }
    out.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    out
}

/// Lines put together that belong together.
fn blocks(text: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let (mut list, mut open) = (None, false);
    for raw in text.lines() {
        let trimmed = raw.trim_start();
        let line = trimmed
            .trim_start_matches(['#', '>', '|', '*', '-', '•', '–', '+', ' ', '\u{a0}', '\t'])
            .trim_end_matches(['|', ' ', '\u{a0}', '\t', '\r']);
        if line.is_empty() {
            open = open && list.is_some_and(|length| length == 0);
            continue;
        }
        let item = trimmed.len() != raw.trim_start_matches(['#', '>', '|', '*', '-', '•', '–', '+', ' ', '\t', '\u{a0}']).len();
        let goes_on = line.starts_with(|c: char| c.is_lowercase() || c == '(');
        match (&mut list, blocks.last_mut()) {
            (Some(length), Some(block)) if open && *length + line.len() <= LIST => {
                *length += line.len();
                block.push_str(if *length == line.len() || block.ends_with([',', ';']) || goes_on { " " } else { ", " });
                block.push_str(line);
                open = !line.ends_with(['.', '!', '?']);
            }
            (None, Some(block)) if open && goes_on && !item => {
                block.push(' ');
                block.push_str(line);
                open = !line.ends_with(['.', '!', '?']);
                list = line.ends_with(':').then_some(0);
            }
            _ => {
                blocks.push(line.to_owned());
                open = !line.ends_with(['.', '!', '?']) && !trimmed.starts_with('#');
                list = line.ends_with(':').then_some(0);
            }
        }
    }
    blocks
}

/// Cuts a block after full stops, question and exclamation marks that end a sentence.
fn split(block: &str, out: &mut Vec<String>) {
    let mut start = 0;
    for (at, mark) in block.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?' | '…')) {
        let end = at + mark.len_utf8();
        let closing = closing(&block[end..]);
        let rest = &block[end + closing..];
        let next = rest.trim_start().trim_start_matches(['"', '«', '“', '(', '¿', '¡', '[', ' ', '\u{a0}']).chars().next();
        let space = rest.starts_with(char::is_whitespace) || rest.starts_with('[') || rest.is_empty() || glued(&block[start..at], rest);
        if start < end && space && next.is_none_or(|c| !c.is_lowercase()) && !(mark == '.' && abbreviated(&block[start..at])) {
            out.push(clean(&block[start..end + closing]));
            start = end + closing;
        }
    }
    if start < block.len() {
        out.push(clean(&block[start..]));
    }
}

/// The length of the quotation marks and brackets that close right after a sentence's end; a space may precede the French mark.
fn closing(rest: &str) -> usize {
    let inner = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
    let rest_of = if inner.starts_with('»') { inner } else { rest };
    rest.len() - rest_of.trim_start_matches(['"', '»', '”', ')', '’']).len()
}

/// Whether a space was forgotten after a full stop: a word in small letters before it, and one with a capital after it.
fn glued(before: &str, after: &str) -> bool {
    let mut after = after.chars();
    before.chars().rev().take(3).filter(|c| c.is_lowercase()).count() == 3
        && after.next().is_some_and(char::is_uppercase)
        && after.next().is_some_and(char::is_lowercase)
}

/// Whether the word at the end of `before` is an abbreviation or an initial.
fn abbreviated(before: &str) -> bool {
    let word = before.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let mut letters = word.chars();
    match (letters.next(), letters.next()) {
        (Some(initial), None) => initial.is_alphabetic(),
        _ => ABBREVIATIONS.contains(&word.to_lowercase().as_str()),
    }
}

/// A sentence on one line, without references like `[3]`, cut where it is too long.
fn clean(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    let mut rest = sentence;
    while let Some(open) = rest.find('[') {
        text.push_str(&rest[..open]);
        let inside = &rest[open + 1..];
        let digits = inside.bytes().take_while(u8::is_ascii_digit).count();
        if inside[digits..].starts_with(']') && digits > 0 {
            rest = &inside[digits + 1..];
        } else {
            text.push('[');
            rest = inside;
        }
    }
    text.push_str(rest);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(SHOWN) {
        None => text,
        Some((end, _)) => format!("{} …", text[..end].rfind(' ').map_or(&text[..end], |space| &text[..space])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(sentences(text), expected, "{text:?}");
    }

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        check("Un. Deux ! Trois ? Quatre", &["Un.", "Deux !", "Trois ?", "Quatre"]);
        check("M. Duval et le Dr. A. B. Roy paient 3.5 euros. Fin.", &["M. Duval et le Dr. A. B. Roy paient 3.5 euros.", "Fin."]);
        check("« Oui. » Il part (vite.) Elle reste.", &["« Oui. »", "Il part (vite.)", "Elle reste."]);
        check("Vu le 3 mai[4]. Puis[12] rien [x].", &["Vu le 3 mai.", "Puis rien [x]."]);
        check("Il part.Elle reste sur example.com ou Node.js.", &["Il part.", "Elle reste sur example.com ou Node.js."]);
        check("A line that is\nwrapped here.\nAnother one.", &["A line that is wrapped here.", "Another one."]);
        check("## Title\nText follows.\n\n- one\n- two", &["Title", "Text follows.", "one", "two"]);
        check("Il faut :\n\n- un nom,\n- une date.\n\nAutre.", &["Il faut : un nom, une date.", "Autre."]);
        check("... \n\n| --- |", &[]);
    }

    #[test]
    fn a_very_long_sentence_is_cut_between_words() {
        let found = sentences(&"mot ".repeat(1000));
        assert!(found[0].ends_with("mot …") && found[0].chars().count() <= SHOWN + 2);
    }
}
