//! What is wrong or odd about a configuration, shown the way a compiler shows it: file, line, the place, what was
//! expected. Secrets are masked before anything is kept, so neither `Display` nor `Debug` can leak one.

use std::{collections::BTreeMap, fmt, ops::Range};

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

/// Problems beyond this many are counted but not shown.
const SHOWN_MAX: usize = 100;

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The file as a whole.
    Whole,
    /// Bytes of the file.
    File {
        /// First byte.
        start: usize,
        /// One past the last byte.
        end: usize,
    },
    /// The environment variable of this name.
    Env(String),
}

impl From<Range<usize>> for Place {
    fn from(span: Range<usize>) -> Self {
        Self::File { start: span.start, end: span.end }
    }
}

/// Whether the configuration can be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// It cannot.
    Error,
    /// It can, but probably does not do what its author thinks.
    Warning,
}

/// One thing that is wrong or odd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Whether it stops the program.
    pub severity: Severity,
    /// Where it is.
    pub at: Place,
    /// What is wrong, readable alone.
    pub message: String,
    /// What was expected in this place, a few words.
    pub expected: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Another place of the file that has to do with it, and how.
    pub also: Option<(Range<usize>, &'static str)>,
    /// Whether it may only seem so in a file of which the parser lost a part.
    pub(super) needs_whole_file: bool,
}

impl Problem {
    /// An error at `at`.
    pub(super) fn error(at: impl Into<Place>, message: impl Into<String>) -> Self {
        let (severity, at, message) = (Severity::Error, at.into(), message.into());
        Self { severity, at, message, expected: None, hint: None, also: None, needs_whole_file: false }
    }

    /// A warning at `at`.
    pub(super) fn warning(at: impl Into<Place>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(at, message) }
    }

    pub(super) fn expected(self, expected: impl Into<String>) -> Self {
        Self { expected: Some(expected.into()), ..self }
    }

    pub(super) fn hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    pub(super) fn needs_whole_file(self) -> Self {
        Self { needs_whole_file: true, ..self }
    }

    pub(super) fn also(self, at: &Place, why: &'static str) -> Self {
        let also = match at {
            Place::File { start, end } => Some((*start..*end, why)),
            Place::Whole | Place::Env(_) => None,
        };
        Self { also, ..self }
    }
}

/// Problems of one file, in its order, with the text to show them in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    name: String,
    /// The file with every byte of a secret replaced, so that places stay where they are.
    masked: String,
    /// What environment variables that are at fault hold; never that of a secret.
    env: BTreeMap<String, String>,
    problems: Vec<Problem>,
}

impl Report {
    /// `masked` is the text of the file `name` without its secrets.
    pub(super) fn new(name: &str, masked: String, mut problems: Vec<Problem>, env: BTreeMap<String, String>) -> Self {
        if problems.is_empty() {
            return Self::default();
        }
        problems.sort_by(|a, b| a.at.cmp(&b.at));
        Self { name: name.into(), masked, env, problems }
    }

    /// Every problem: those of the file as a whole, then by place in the file, then of the environment.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The report as text for a terminal or a log, with ANSI colours if asked.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        if self.problems.is_empty() {
            return String::new();
        }
        let renderer = if colour { Renderer::styled().hyperlink(false) } else { Renderer::plain() };
        let mut out = String::new();
        for problem in self.problems.iter().take(SHOWN_MAX) {
            out += &renderer.render(&[self.group(problem)]);
            out += "\n\n";
        }
        if let Some(more) = self.problems.len().checked_sub(SHOWN_MAX).filter(|n| *n > 0) {
            out += &format!("and {more} more\n\n");
        }
        out + &self.total()
    }

    /// The last line: how many problems, and of which file.
    fn total(&self) -> String {
        let errors = self.problems.iter().filter(|p| p.severity == Severity::Error).count();
        let (n, word) = if errors == 0 { (self.problems.len(), "warning") } else { (errors, "problem") };
        let plural = if n == 1 { "" } else { "s" };
        let env = self.problems.iter().filter(|p| matches!(p.at, Place::Env(_))).count();
        let place = match env {
            0 => self.name.clone(),
            _ if env == self.problems.len() => "the environment".into(),
            _ => format!("{} and the environment", self.name),
        };
        format!("{n} {word}{plural} in {place}")
    }

    fn group<'a>(&'a self, problem: &'a Problem) -> Group<'a> {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(&problem.message);
        let group = match &problem.at {
            Place::Whole => title.element(Origin::path(&self.name)).elements(self.note(problem)),
            Place::File { start, end } => title.element(self.snippet(problem, *start..*end)),
            Place::Env(name) => {
                let group = title.element(Origin::path(format!("environment variable {name}")));
                let value = self.env.get(name).map(|v| Level::NOTE.message(format!("{name}={v}")));
                group.elements(value).elements(self.note(problem))
            }
        };
        group.elements(problem.hint.as_ref().map(|h| Level::HELP.message(h)))
    }

    fn note<'a>(&self, problem: &'a Problem) -> Option<annotate_snippets::Message<'a>> {
        problem.expected.as_ref().map(|e| Level::NOTE.message(e))
    }

    fn snippet<'a>(&'a self, problem: &'a Problem, at: Range<usize>) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        let at = self.on_one_line(at);
        let also = problem.also.as_ref().map(|(span, why)| (self.on_one_line(span.clone()), *why));
        let first = also.as_ref().map_or(at.start, |(span, _)| span.start.min(at.start));
        let last = also.as_ref().map_or(at.end, |(span, _)| span.end.max(at.end));
        // Only the lines concerned are handed over: rendering costs what the excerpt costs, not what the file does.
        let from = self.masked[..first].rfind('\n').map_or(0, |i| i + 1);
        let to = self.masked[last..].find('\n').map_or(self.masked.len(), |i| last + i);
        let line = self.masked[..from].matches('\n').count() + 1;
        let moved = |span: Range<usize>| span.start - from..span.end - from;
        let label = problem.expected.as_ref();
        Snippet::source(&self.masked[from..to])
            .path(&self.name)
            .line_start(line)
            .annotation(AnnotationKind::Primary.span(moved(at)).label(label))
            .annotations(also.map(|(span, why)| AnnotationKind::Context.span(moved(span)).label(why)))
    }

    /// `span` on character boundaries and cut at the end of its first line: carets under twenty lines help nobody.
    fn on_one_line(&self, span: Range<usize>) -> Range<usize> {
        let text = &self.masked;
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let end = text.ceil_char_boundary(span.end.clamp(start, text.len()));
        let line = text[start..end].find(['\n', '\r']).map_or(end, |i| start + i);
        start..line
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

/// Why a configuration cannot be used: every reason, not the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errors(pub Report);

impl Errors {
    /// Every problem: those of the file as a whole, then by place in the file, then of the environment.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        self.0.problems()
    }

    /// The report as text for a terminal or a log, with ANSI colours if asked.
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        self.0.render(colour)
    }
}

impl fmt::Display for Errors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Errors {}
