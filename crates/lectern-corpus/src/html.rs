//! HTML pages as Markdown.

use crate::{
    file::FileError,
    nesting::{MAX_DEPTH, is_flat},
};
use htmd::{Element, HtmlToMarkdown, Node, element_handler::Handlers};
use std::{
    rc::Rc,
    sync::{Arc, Mutex, PoisonError},
};

/// The most levels of a parsed tree: what [`is_flat`] counts, and the elements that the parser adds or that close by themselves.
const TREE_DEPTH: usize = 4 * MAX_DEPTH;

/// What is not the text of a page: code, forms' controls, and the frame that every page of a site repeats.
const DROPPED: [&str; 16] = [
    "script", "style", "noscript", "template", "nav", "svg", "iframe", "object", "embed", "canvas", "audio", "video", "button", "select",
    "input", "img",
];

/// What a page says.
pub(crate) struct Page {
    /// The text of its `<title>`, spaces collapsed; none where it has none or an empty one.
    pub(crate) title: Option<String>,
    /// Its text as Markdown.
    pub(crate) markdown: String,
}

/// The text of a page as Markdown, its title apart.
pub(crate) fn to_markdown(html: &str) -> Result<Page, FileError> {
    if !is_flat(html) {
        return Err(FileError::TooDeep { limit: MAX_DEPTH });
    }
    let title = Arc::new(Mutex::new(None));
    let found = Arc::clone(&title);
    let converter = HtmlToMarkdown::builder()
        .skip_tags(DROPPED.to_vec())
        .add_handler(vec!["title"], move |handlers: &dyn Handlers, element: Element| {
            let text = handlers.walk_children(element.node).content;
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\\', "");
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            if found.is_none() && !text.is_empty() {
                *found = Some(text);
            }
            None
        })
        .build();
    let tree = converter.html_to_tree(html)?;
    check_depth(&tree)?;
    let markdown = converter.tree_to_markdown(&tree);
    let title = title.lock().unwrap_or_else(PoisonError::into_inner).take();
    Ok(Page { title, markdown })
}

/// Refuses a tree that is deeper than [`TREE_DEPTH`]: the conversion calls itself for each level and must not use up the stack.
fn check_depth(tree: &Rc<Node>) -> Result<(), FileError> {
    let mut waiting = vec![(Rc::clone(tree), 0)];
    while let Some((node, depth)) = waiting.pop() {
        if depth > TREE_DEPTH {
            return Err(FileError::TooDeep { limit: MAX_DEPTH });
        }
        waiting.extend(node.children.borrow().iter().map(|child| (Rc::clone(child), depth + 1)));
    }
    Ok(())
}
