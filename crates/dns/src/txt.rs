//! What a domain's owner has written under a name of his, as anybody may ask: TXT records (RFC 1035 §3.3.14).

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};

use crate::forward::{ForwardRule, Pending};
use crate::message::Question;

/// The question for the TXT records of `name`, for the server that the rules name for it; none if they name none, or the
/// name is none.
pub fn ask(rules: &[ForwardRule], name: &str) -> Option<Pending> {
    let name = name.to_ascii_lowercase();
    let rule = ForwardRule::choose(rules, &name, None)?;
    let name = Name::from_ascii(format!("{name}.")).ok()?;
    let question = Question::of(name, RecordType::TXT);
    Some(Pending::new(question, rule.server, false))
}

/// The texts in an answer, each put together of its strings; none where the name is not there or the answer is none.
pub fn texts(answer: &[u8]) -> Vec<String> {
    let Ok(message) = Message::from_vec(answer) else {
        return Vec::new();
    };
    if message.metadata.response_code != ResponseCode::NoError {
        return Vec::new();
    }
    let texts = message
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::TXT(txt) => {
                let bytes: Vec<u8> = txt.txt_data.iter().flat_map(|part| part.to_vec()).collect();
                String::from_utf8(bytes).ok()
            }
            _ => None,
        });
    texts.collect()
}
