//! What policy documents say (IAM user guide, "Grammar of the IAM JSON policy language").
//!
//! [`json`] reads its text, [`statement`] a document, [`condition`] its conditions, [`pattern`] texts with variables,
//! [`wildcard`] what `*` and `?` stand for. A document is read once and remembered by its text.

mod bucket;
mod condition;
mod json;
mod pattern;
mod statement;
mod wildcard;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::judge::{Caller, Effect, Evaluator, Named, Request, Said};
pub use bucket::{check_bucket, check_endpoint, is_full_access, is_public};
pub use statement::{Document, Purpose};

/// Bytes of text of the documents that are remembered, each some 60 bytes in memory; beyond, all are forgotten and read
/// again when they are asked for.
const REMEMBERED_LEN_MAX: usize = 2 << 20;

/// Reads documents and answers for them.
#[derive(Default)]
pub struct Documents {
    read: Mutex<HashMap<String, Option<Arc<Document>>>>,
}

impl Documents {
    /// The document of a text; none for one that cannot be read, which no action stores.
    fn get(&self, text: &str) -> Option<Arc<Document>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(text) {
            return known.clone();
        }
        let len: usize = read.keys().map(String::len).sum();
        if len + text.len() > REMEMBERED_LEN_MAX {
            read.clear();
        }
        let document = Document::read(text).ok().map(Arc::new);
        read.insert(text.to_owned(), document.clone());
        document
    }

    /// A document that cannot be read denies.
    fn ask(&self, text: &str, principal: Option<Named>, request: &Request) -> Effect {
        match self.get(text) {
            Some(document) => document.judge(principal, request),
            None => Effect::Deny,
        }
    }
}

impl Evaluator for Documents {
    fn identity(&self, document: &str, request: &Request) -> Effect {
        self.ask(document, None, request)
    }

    fn to_principal(&self, document: &str, principal: Named, request: &Request) -> Effect {
        self.ask(document, Some(principal), request)
    }

    fn to_caller(&self, document: &str, caller: &Caller, request: &Request) -> Said {
        match self.get(document) {
            Some(document) => document.judge_caller(caller, request),
            None => Said::Deny,
        }
    }
}

#[cfg(test)]
mod tests;
