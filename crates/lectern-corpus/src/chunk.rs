//! Passages: a document's text, cut.

use crate::{
    headings::{Heading, Headings},
    sections::{SECTION, section},
};
use lectern_domain::{chunk::Passage, collection::Chunking, document::Format};
use std::collections::VecDeque;
use text_splitter::{Characters, ChunkConfig, MarkdownSplitter, TextSplitter};

/// The passages of a text, in their order, one after the other as they are asked for.
///
/// A passage has at most `chunking.chars()` characters, is never blank, starts and ends with a character that is no space, and ends where the text
/// lets it: after a paragraph, a sentence, a word; in Markdown, and in HTML that has become Markdown, also before a heading and after a block. It
/// carries the headings above its first character. Nothing but white space is left out. Up to `chunking.overlap()` characters are repeated from the
/// passage before, but not over the border of two of the sections (16 KiB, or eight times the size of large chunks) into which a long text is cut first: what makes time linear and memory constant.
pub fn passages(text: &str, format: Format, chunking: Chunking) -> impl Iterator<Item = Passage> {
    let config = || {
        // `Chunking` admits no overlap that the configuration refuses; without overlap is what remains if it ever did.
        let config = ChunkConfig::new(chunking.chars() as usize);
        config.with_overlap(chunking.overlap() as usize).unwrap_or_else(|_| ChunkConfig::new(chunking.chars() as usize))
    };
    let (splitter, headings) = match format {
        Format::Text => (Splitter::Text(TextSplitter::new(config())), None),
        Format::Markdown | Format::Html => (Splitter::Markdown(MarkdownSplitter::new(config())), Some(Headings::new(text))),
    };
    let limit = SECTION.max(8 * chunking.chars() as usize);
    Passages { text, at: 0, limit, splitter, headings, ahead: VecDeque::new(), path: Vec::new(), ready: VecDeque::new() }
}

enum Splitter {
    Text(TextSplitter<Characters>),
    Markdown(MarkdownSplitter<Characters>),
}

struct Passages<'a> {
    text: &'a str,
    at: usize,
    /// The most bytes of a section.
    limit: usize,
    splitter: Splitter,
    headings: Option<Headings<'a>>,
    /// Headings at or after the passage that was made last, in order.
    ahead: VecDeque<Heading>,
    /// The headings above that passage, outermost first.
    path: Vec<Heading>,
    ready: VecDeque<Passage>,
}

impl Passages<'_> {
    /// Cuts the next section.
    fn fill(&mut self) {
        if let Some(headings) = &mut self.headings {
            let end = self.at + self.limit;
            while self.ahead.back().is_none_or(|heading| heading.offset <= end) {
                match headings.next() {
                    Some(heading) => self.ahead.push_back(heading),
                    None => break,
                }
            }
        }
        let start = self.at;
        let breaks = self.ahead.iter().map(|heading| heading.offset).filter(|offset| *offset >= start).map(|offset| offset - start);
        let text = &self.text[start..][..section(&self.text[start..], self.limit, breaks)];
        self.at += text.len();
        let chunks: Vec<_> = match &self.splitter {
            Splitter::Text(splitter) => splitter.chunk_indices(text).collect(),
            Splitter::Markdown(splitter) => splitter.chunk_indices(text).collect(),
        };
        for (offset, chunk) in chunks {
            let trimmed = chunk.trim_start();
            let offset = start + offset + chunk.len() - trimmed.len();
            if !trimmed.is_empty() {
                let heading = self.path_at(offset);
                self.ready.push_back(Passage { heading, text: trimmed.trim_end().to_owned() });
            }
        }
    }

    /// The headings above what starts at `offset`; offsets never go back.
    fn path_at(&mut self, offset: usize) -> String {
        while let Some(heading) = self.ahead.pop_front_if(|heading| heading.offset < offset) {
            self.path.retain(|above| above.level < heading.level);
            self.path.push(heading);
        }
        let own = self.ahead.front().filter(|heading| heading.offset == offset).map_or(u8::MAX, |heading| heading.level);
        let above = self.path.iter().filter(|heading| heading.level < own && !heading.title.is_empty());
        above.map(|heading| heading.title.as_str()).collect::<Vec<_>>().join(" > ")
    }
}

impl Iterator for Passages<'_> {
    type Item = Passage;

    fn next(&mut self) -> Option<Passage> {
        while self.ready.is_empty() && self.at < self.text.len() {
            self.fill();
        }
        self.ready.pop_front()
    }
}
