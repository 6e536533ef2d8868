//! Every question of a file, in the form in which retrieval is judged.
//!
//! Questions are JSON lines as in BEIR (`_id`, `text`); what is found is a TREC run: `question Q0 document rank score lectern`.

use crate::{context::Context, output::note};
use anyhow::{Context as _, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};
use lectern_domain::access::Principal;
use lectern_service::search::{Results, SearchRequest, search};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader, BufWriter, Read as _, Write},
    path::{Path, PathBuf},
};

/// The longest line of a file of questions, in bytes.
const LINE: u64 = 1 << 20;

#[derive(Deserialize)]
struct Question {
    #[serde(rename = "_id")]
    id: Value,
    text: String,
}

pub(super) async fn run(context: &Context, request: SearchRequest, queries: &Path, out: &Path) -> anyhow::Result<()> {
    let mut questions = Questions::open(queries)?;
    let app = context.open_caught_up().await?;
    context.follow(&app);
    let unfinished = Unfinished::create(out)?;
    let mut file = BufWriter::new(&unfinished.file);
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{pos} questions, {elapsed}") {
        bar.set_style(style);
    }
    let (mut asked, mut lines, mut method) = (0u64, 0u64, None);
    while let Some((id, text)) = questions.next()? {
        let results = search(&app, Principal::Operator, &SearchRequest { text, ..request.clone() }).await?;
        lines += write(&mut file, &id, &results)?;
        method = Some(results.method);
        asked += 1;
        bar.inc(1);
    }
    bar.finish_and_clear();
    file.flush().with_context(|| format!("{} cannot be written", out.display()))?;
    drop(file);
    unfinished.finish()?;
    if bar.is_hidden() {
        note(format_args!("{asked} questions"));
    }
    let json = json!({ "questions": asked, "lines": lines, "method": method, "run": out.to_string_lossy() });
    Ok(context.out.result(&json, format_args!("{}: {lines} lines for {asked} questions\n", out.display()))?)
}

/// Writes what was found for one question. Scores fall with every rank, whatever was equal: who reads a run sorts it by score.
fn write(out: &mut impl Write, question: &str, results: &Results) -> anyhow::Result<u64> {
    let (mut last, mut lines) = (f32::INFINITY, 0);
    for found in &results.passages {
        let document = &found.chunk.external_id;
        ensure!(!document.contains(char::is_whitespace), "the document '{document}' has a blank in its id, which a TREC run cannot hold");
        last = found.score.min(last.next_down());
        lines += 1;
        writeln!(out, "{question} Q0 {document} {lines} {last} lectern")?;
    }
    Ok(lines)
}

/// The questions of a file, one at a time in memory.
struct Questions {
    path: PathBuf,
    reader: BufReader<File>,
    line: u64,
}

impl Questions {
    fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("the questions {} cannot be read", path.display()))?;
        Ok(Self { path: path.to_owned(), reader: BufReader::new(file), line: 0 })
    }

    /// The id and the text of the next question.
    fn next(&mut self) -> anyhow::Result<Option<(String, String)>> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            let read = (&mut self.reader).take(LINE).read_until(b'\n', &mut bytes);
            self.line += 1;
            if read.with_context(|| self.place())? == 0 {
                return Ok(None);
            }
            if !bytes.trim_ascii().is_empty() {
                break;
            }
        }
        let question: Question = serde_json::from_slice(&bytes)
            .with_context(|| format!("{}: not a question: write {{\"_id\": …, \"text\": …}}", self.place()))?;
        let id = match question.id {
            Value::String(id) if !id.is_empty() && !id.contains(char::is_whitespace) => id,
            Value::Number(id) => id.to_string(),
            _ => bail!("{}: _id must be a number, or text without blanks", self.place()),
        };
        Ok(Some((id, question.text)))
    }

    fn place(&self) -> String {
        format!("{}, line {}", self.path.display(), self.line)
    }
}

/// A file that gets its name when it is complete.
struct Unfinished {
    file: File,
    path: PathBuf,
    target: PathBuf,
    done: bool,
}

impl Unfinished {
    fn create(target: &Path) -> anyhow::Result<Self> {
        let mut name = target.file_name().context("--run needs the name of a file")?.to_owned();
        name.push(".unfinished");
        let path = target.with_file_name(name);
        let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self { file, path, target: target.to_owned(), done: false })
    }

    fn finish(mut self) -> anyhow::Result<()> {
        fs::rename(&self.path, &self.target).with_context(|| format!("{} cannot be written", self.target.display()))?;
        self.done = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.done {
            // What is left over tells by its name that it is incomplete.
            let _ = fs::remove_file(&self.path);
        }
    }
}
