//! Answers as XML: an object's fields are elements, a list repeats the element of its key.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value as Json;

use crate::api::VERSION;

/// One document; the version stands in it for those who are known.
pub(crate) fn write(key: &str, body: &Json, known: bool) -> Vec<u8> {
    let mut writer = Writer::new(Vec::with_capacity(256));
    // Writing to memory does not fail.
    let _ = document(&mut writer, key, body, known);
    writer.into_inner()
}

type Out = Writer<Vec<u8>>;

fn document(out: &mut Out, key: &str, body: &Json, known: bool) -> io::Result<()> {
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut root = BytesStart::new(key);
    if known {
        root.push_attribute(("cloud-stack-version", VERSION));
    }
    out.write_event(Event::Start(root))?;
    content(out, body)?;
    out.write_event(Event::End(BytesEnd::new(key)))
}

/// What stands inside an element.
fn content(out: &mut Out, value: &Json) -> io::Result<()> {
    match value {
        Json::Null => Ok(()),
        Json::Object(fields) => {
            fields.iter().try_for_each(|(name, value)| element(out, &tag(name), value))
        }
        Json::Array(items) => items.iter().try_for_each(|item| content(out, item)),
        Json::String(text) => out.write_event(Event::Text(BytesText::new(&printable(text)))),
        other => out.write_event(Event::Text(BytesText::new(&other.to_string()))),
    }
}

fn element(out: &mut Out, name: &str, value: &Json) -> io::Result<()> {
    match value {
        Json::Null => Ok(()),
        Json::Array(items) => items.iter().try_for_each(|item| element(out, name, item)),
        _ => {
            out.write_event(Event::Start(BytesStart::new(name)))?;
            content(out, value)?;
            out.write_event(Event::End(BytesEnd::new(name)))
        }
    }
}

/// A name that may be an element's: keys of maps may be anything.
fn tag(name: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let name: String = name.chars().map(|letter| if fits(letter) { letter } else { '_' }).collect();
    if name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        name
    } else {
        format!("_{name}")
    }
}

/// XML has no way at all to write control characters.
pub(crate) fn printable(text: &str) -> String {
    let fits = |letter: &char| {
        !letter.is_control() && !matches!(letter, '\u{fffe}' | '\u{ffff}')
            || matches!(letter, '\t' | '\n' | '\r')
    };
    text.chars().filter(fits).collect()
}

/// All that stands between the tags of a document, where it is well-formed.
#[cfg(any(test, feature = "fuzz"))]
pub(crate) fn said(document: &[u8]) -> Result<String, String> {
    let (mut reader, mut said) = (quick_xml::Reader::from_reader(document), String::new());
    loop {
        match reader.read_event().map_err(|why| why.to_string())? {
            Event::Eof => return Ok(said),
            Event::Text(text) => said.push_str(&text),
            Event::GeneralRef(name) => match (name.resolve_char_ref(), &*name) {
                (Ok(Some(letter)), _) => said.push(letter),
                (_, "lt") => said.push('<'),
                (_, "gt") => said.push('>'),
                (_, "amp") => said.push('&'),
                (_, "quot") => said.push('"'),
                (_, "apos") => said.push('\''),
                (_, other) => return Err(format!("&{other}; is not known")),
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn text(key: &str, body: &Json) -> String {
        String::from_utf8(write(key, body, true)).unwrap()
    }

    #[test]
    fn lists_repeat_their_element() {
        let body = json!({ "count": 2, "zone": [{ "id": "a", "tags": [] }, { "id": "b<&>" }] });
        assert_eq!(
            text("listzonesresponse", &body),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><listzonesresponse \
             cloud-stack-version=\"4.22.0.0\"><count>2</count><zone><id>a</id></zone>\
             <zone><id>b&lt;&amp;&gt;</id></zone></listzonesresponse>"
        );
    }

    #[test]
    fn strangers_are_not_told_the_version() {
        let bytes = write("errorresponse", &json!({ "uuidList": [], "errorcode": 401 }), false);
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><errorresponse><errorcode>401</errorcode>\
             </errorresponse>"
        );
    }

    #[test]
    fn any_key_of_a_map_becomes_an_element() {
        let body = json!({ "1 a": true, "": 1, "x:y": null });
        assert!(text("r", &body).contains("<_1_a>true</_1_a><_>1</_>"));
    }

    proptest! {
        #[test]
        fn every_answer_is_well_formed(key in any::<String>(), value in any::<String>()) {
            let mut body = json!({ "list": [{ "deep": value.clone() }] });
            body[format!("k{key}")] = value.clone().into();
            let text = text("r", &body);
            prop_assert_eq!(said(text.as_bytes()), Ok(printable(&value).repeat(2)));
        }
    }
}
