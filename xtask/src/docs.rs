//! What must hold for the pages that people read.

use std::path::{Path, PathBuf};

use crate::root;

/// The Markdown files below a folder.
fn pages(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(pages(&path)),
            false if path.extension().is_some_and(|e| e == "md") => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// Where a page's links lead within the repository, without their anchors.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut in_code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for part in line.split("](").skip(1) {
            let target = part.split(')').next().unwrap_or_default();
            let bare = target.split('#').next().unwrap_or_default();
            if !bare.is_empty() && !bare.contains("://") {
                found.push(bare.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_link_leads_somewhere() {
    let root = root();
    let mut all = pages(&root.join("docs"));
    all.extend(pages(&root.join("examples")));
    all.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|page| root.join(page)));
    let mut lost = Vec::new();
    for page in all {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            if !page.parent().unwrap().join(&link).exists() {
                lost.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert_eq!(lost, Vec::<String>::new());
}

/// The site that mdBook makes has nothing but `docs/`, and shows its first page at the root as well.
#[test]
fn every_link_works_on_the_site() {
    let docs = root().join("docs").canonicalize().unwrap();
    let mut lost = Vec::new();
    for page in pages(&docs) {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text) {
            let target = page.parent().unwrap().join(&link).canonicalize();
            if !target.is_ok_and(|target| target.starts_with(&docs)) {
                lost.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert_eq!(lost, Vec::<String>::new());
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let first = links(&summary).first().cloned();
    assert_eq!(first.as_deref(), Some("README.md"));
}

/// `docs/SUMMARY.md` is the contents of the site that mdBook makes.
#[test]
fn every_page_is_in_the_contents_once() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let mut listed: Vec<PathBuf> = links(&summary).iter().map(|l| docs.join(l)).collect();
    listed.sort();
    let mut there = pages(&docs);
    there.retain(|page| !page.ends_with("SUMMARY.md"));
    assert_eq!(listed, there);
}

/// The tests that a page names, as module and function.
fn named_tests(text: &str) -> Vec<(String, String)> {
    let spans = text.split('`').skip(1).step_by(2);
    let path = |span: &str| {
        let (before, function) = span.rsplit_once("::")?;
        let module = before.rsplit("::").next().unwrap_or(before);
        let is_name = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        };
        (is_name(module) && is_name(function)).then(|| (module.to_owned(), function.to_owned()))
    };
    spans.filter_map(path).collect()
}

/// Rust files below a folder, by the name of their module, with their text.
fn modules(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            modules(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            let named = match path.ends_with("mod.rs") {
                true => path.parent().unwrap(),
                false => &path,
            };
            let module = named.file_stem().unwrap().to_string_lossy().into_owned();
            found.push((module, std::fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn every_test_that_a_page_names_is_there() {
    let root = root();
    let mut sources = Vec::new();
    for folder in ["crates", "fuzz", "scenarios"] {
        modules(&root.join(folder), &mut sources);
    }
    let mut named = 0;
    let mut lost = Vec::new();
    for page in ["bounds.md", "security-model.md"] {
        let text = std::fs::read_to_string(root.join("docs").join(page)).unwrap();
        for (module, function) in named_tests(&text) {
            named += 1;
            let there =
                |(name, source): &(String, String)| *name == module && source.contains(&function);
            if !sources.iter().any(there) {
                lost.push(format!("{page}: {module}::{function}"));
            }
        }
    }
    assert_eq!(lost, Vec::<String>::new());
    assert!(named > 40, "only {named} names were found");
}
