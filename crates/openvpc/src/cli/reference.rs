//! `docs/cli.md`: what `--help` says of every command, as one page.

use std::path::Path;

use clap::{Command, CommandFactory};

use super::Cli;

const HEAD: &str = "\
# The command line

What `--help` says, for every command. Written by `cargo xtask cli`.
";

/// The page, the same on every machine: nothing of the environment's values, nothing of the terminal's width.
fn page() -> String {
    let mut root = Cli::command().term_width(100);
    root.build();
    let mut page = HEAD.to_owned();
    section(&root, &mut Vec::new(), &mut page);
    page
}

fn section(command: &Command, path: &mut Vec<String>, page: &mut String) {
    path.push(command.get_name().to_owned());
    let shown = command.clone().mut_args(|arg| arg.hide_env_values(true));
    let help = shown.term_width(100).render_long_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    let name = path.join(" ");
    *page += &format!("\n## {name}\n\n```text\n{}\n```\n", lines.join("\n"));
    let below = command.get_subcommands();
    for command in below.filter(|c| c.get_name() != "help" && !c.is_hide_set()) {
        section(command, path, page);
    }
    path.pop();
}

/// `cargo xtask cli` sets `UPDATE_CLI_REFERENCE`.
#[test]
fn docs_cli_md_is_what_help_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = page();
    if std::env::var_os("UPDATE_CLI_REFERENCE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == page, "docs/cli.md is old: cargo xtask cli");
}
