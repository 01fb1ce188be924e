//! Where results go and in which form: standard output, clean for a pipe, or a file.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anstream::{AutoStream, ColorChoice};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::Failure;
use crate::{
    printable,
    report::form::{self, FORMS, Form, Report},
};

#[derive(Debug, clap::Args)]
pub struct Output {
    /// The form of the result
    #[arg(short, long, value_name = "FORM", default_value = "table", value_parser = form())]
    output: &'static Form,
    /// Write it to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

fn form() -> impl TypedValueParser<Value = &'static Form> {
    PossibleValuesParser::new(FORMS.iter().map(|form| PossibleValue::new(form.name).help(form.help)))
        .try_map(|name| form::find(&name).ok_or("not a form"))
}

impl Output {
    /// Whether whoever reads the result sees colours: only where a terminal shows them, and NO_COLOR isn't set.
    pub fn colour(&self) -> bool {
        self.output_file.is_none() && AutoStream::choice(&io::stdout()) != ColorChoice::Never
    }

    /// Refuses a form that is about single workloads alone.
    pub fn must_show_groups(&self) -> Result<(), Failure> {
        if self.output.groups {
            return Ok(());
        }
        let forms: Vec<&str> = FORMS.iter().filter(|form| form.groups).map(|form| form.name).collect();
        let name = self.output.name;
        Err(Failure(format!("{name} is about single workloads: for --by, use -o {}", forms.join("|"))))
    }

    /// Writes the report in the form that was asked for.
    pub fn write(&self, report: &Report<'_>) -> Result<(), Failure> {
        let text = (self.output.write)(report).map_err(|error| Failure(error.to_string()))?;
        // Colours are control characters too: what is in a coloured table was made printable where it was read.
        if report.colour { print_as_it_is(&text) } else { self.put(&text) }
    }

    /// Writes a text that is ready.
    pub fn put(&self, text: &str) -> Result<(), Failure> {
        match &self.output_file {
            Some(path) => {
                let text = printable::text(text);
                let end = if text.ends_with('\n') { "" } else { "\n" };
                std::fs::write(path, format!("{text}{end}"))
                    .map_err(|error| Failure(format!("{}: {error}", path.display())))
            }
            None => print(text),
        }
    }
}

/// Prints a result. A reader that has seen enough (`| head`) is no error.
pub fn print(text: &str) -> Result<(), Failure> {
    print_as_it_is(&printable::text(text))
}

/// Tells a person on standard error, in one line.
pub fn say(line: &str) {
    eprintln!("{}", printable::line(line));
}

fn print_as_it_is(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| if text.ends_with('\n') { Ok(()) } else { out.write_all(b"\n") });
    match written.and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
