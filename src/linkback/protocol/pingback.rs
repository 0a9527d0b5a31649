//! XML-RPC as pingbacks speak it: calls and answers, read and written.
//!
//! Reading is as tolerant as the senders are various: a value without a type, any XML declaration or none, a
//! wrong one, Latin-1, CDATA, comments, white space before and between everything, an `&` by itself. It is strict where
//! tolerance could be abused: no document type, so no entities; few elements, little depth, little text; and no
//! method but the two that pingbacks have.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::dom::charset;
use crate::html::escape_xml;

/// How long a message may be in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// How many elements a message may have. A ping has 9, or 11.
const MAX_ELEMENTS: usize = 64;
/// How deep they may stand in each other. A fault's values stand 7 deep.
const MAX_DEPTH: usize = 16;

/// What a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PingbackCall {
    /// `pingback.ping`: `source` links to `target`.
    Ping {
        /// The page with the link.
        source: String,
        /// The page it leads to.
        target: String,
    },
    /// `pingback.extensions.getPingbacks`: which pages link to `target`?
    Pingbacks {
        /// The page they lead to.
        target: String,
    },
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PingbackResponse {
    /// It was done; a text for people, if there is one.
    Done(String),
    Fault(PingbackFault),
}

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PingbackFault {
    /// One of the constants, or whatever a server has thought of.
    pub code: i32,
    /// A text for people.
    pub text: String,
}

impl PingbackFault {
    /// Anything without a code of its own (Pingback 1.0 section 3). WordPress says it of nearly everything.
    pub const GENERIC: i32 = 0;
    /// The source does not exist.
    pub const NO_SOURCE: i32 = 16;
    /// The source has no link to the target.
    pub const NO_LINK: i32 = 17;
    /// The target does not exist.
    pub const NO_TARGET: i32 = 32;
    /// The target cannot be used as one.
    pub const TARGET_UNUSABLE: i32 = 33;
    /// The pingback was registered before. For its sender that is success.
    pub const ALREADY_REGISTERED: i32 = 48;
    /// Access denied.
    pub const ACCESS_DENIED: i32 = 49;
    /// Another server that is needed did not answer.
    pub const UPSTREAM: i32 = 50;
    /// The message is not well-formed XML (the common fault codes of XML-RPC servers).
    pub const MALFORMED: i32 = -32700;
    /// The message is not a call.
    pub const NO_CALL: i32 = -32600;
    /// There is no such method.
    pub const UNKNOWN_METHOD: i32 = -32601;
    /// The method wants other parameters.
    pub const WRONG_PARAMETERS: i32 = -32602;

    /// A fault with its text.
    pub fn new(code: i32, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

/// Reads a call. Its fault is what to answer. The type that came with the message only hints at its encoding.
pub fn read_call(body: &[u8], content_type: &str) -> Result<PingbackCall, PingbackFault> {
    let root = read(body, content_type).map_err(|why| PingbackFault::new(PingbackFault::MALFORMED, why))?;
    if root.name != "methodCall" {
        return Err(PingbackFault::new(PingbackFault::NO_CALL, "the message is not a method call"));
    }
    let method = root.child("methodName").map_or("", |name| name.text.trim());
    let values = root.child("params").map_or(&[][..], |params| &params.children);
    let texts: Vec<&str> = values.iter().filter_map(|param| text_of(param.child("value")?)).collect();
    match (method, texts.as_slice()) {
        ("pingback.ping", &[source, target, ..]) => {
            Ok(PingbackCall::Ping { source: source.to_owned(), target: target.to_owned() })
        }
        ("pingback.extensions.getPingbacks", &[target, ..]) => {
            Ok(PingbackCall::Pingbacks { target: target.to_owned() })
        }
        ("pingback.ping" | "pingback.extensions.getPingbacks", _) => {
            let text = "the parameters have to be addresses, as strings";
            Err(PingbackFault::new(PingbackFault::WRONG_PARAMETERS, text))
        }
        _ => Err(PingbackFault::new(PingbackFault::UNKNOWN_METHOD, "the requested method does not exist")),
    }
}

/// Reads an answer. The error says why it is none.
pub fn read_answer(body: &[u8], content_type: &str) -> Result<PingbackResponse, String> {
    let root = read(body, content_type)?;
    if root.name != "methodResponse" {
        return Err("the message is not a method response".to_owned());
    }
    if let Some(fault) = root.child("fault") {
        let code = member(fault, "faultCode")
            .and_then(|value| scalar(value).parse().ok())
            .unwrap_or(PingbackFault::GENERIC);
        return Ok(PingbackResponse::Fault(PingbackFault::new(
            code,
            member(fault, "faultString").map_or("", scalar),
        )));
    }
    let value = root.child("params").and_then(|params| params.child("param")?.child("value"));
    value
        .map(|value| PingbackResponse::Done(scalar(value).to_owned()))
        .ok_or_else(|| "the answer is empty".to_owned())
}

/// The message of a call.
pub fn write_call(call: &PingbackCall) -> String {
    let (method, addresses) = match call {
        PingbackCall::Ping { source, target } => ("pingback.ping", vec![source, target]),
        PingbackCall::Pingbacks { target } => ("pingback.extensions.getPingbacks", vec![target]),
    };
    let params: String = addresses
        .into_iter()
        .map(|address| {
            format!("    <param><value><string>{}</string></value></param>\n", escape_xml(address))
        })
        .collect();
    format!(
        "{DECLARATION}<methodCall>\n  <methodName>{method}</methodName>\n  <params>\n{params}  </params>\n</methodCall>\n"
    )
}

/// The message that a call was done, with a text for people.
pub(crate) fn write_done(text: &str) -> String {
    write_value(&format!("<string>{}</string>", escape_xml(text)))
}

/// The message with the addresses that were asked for.
pub(crate) fn write_list(addresses: &[String]) -> String {
    let values: String = addresses
        .iter()
        .map(|address| format!("<value><string>{}</string></value>", escape_xml(address)))
        .collect();
    write_value(&format!("<array><data>{values}</data></array>"))
}

/// The message that a call failed.
pub fn write_fault(fault: &PingbackFault) -> String {
    let text = escape_xml(&fault.text);
    let code = fault.code;
    format!(
        "{DECLARATION}<methodResponse>\n  <fault>\n    <value>\n      <struct>\n        \
         <member><name>faultCode</name><value><int>{code}</int></value></member>\n        \
         <member><name>faultString</name><value><string>{text}</string></value></member>\n      \
         </struct>\n    </value>\n  </fault>\n</methodResponse>\n"
    )
}

fn write_value(value: &str) -> String {
    format!(
        "{DECLARATION}<methodResponse>\n  <params>\n    <param><value>{value}</value></param>\n  </params>\n</methodResponse>\n"
    )
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An element of a message.
#[derive(Debug, Default)]
struct Element {
    name: String,
    /// The text directly in it.
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

/// The text of a `<value>` that is a string: one without a type is.
fn text_of(value: &Element) -> Option<&str> {
    match value.children.first() {
        None => Some(value.text.trim()),
        Some(string) if string.name == "string" => Some(string.text.trim()),
        Some(_) => None,
    }
}

/// The value of a member of a fault.
fn member<'e>(fault: &'e Element, name: &str) -> Option<&'e Element> {
    let members = &fault.child("value")?.child("struct")?.children;
    let mut named =
        members.iter().filter(|member| member.child("name").is_some_and(|found| found.text.trim() == name));
    named.next()?.child("value")
}

/// The text of a `<value>` of any simple type.
fn scalar(value: &Element) -> &str {
    value.children.first().unwrap_or(value).text.trim()
}

/// The root of a message, or why there is none.
fn read(body: &[u8], content_type: &str) -> Result<Element, String> {
    if body.len() > MAX_BYTES {
        return Err("the message is too long".to_owned());
    }
    let text = charset::decode_xml(body, content_type);
    let mut reader = Reader::from_str(text.trim_start());
    reader.config_mut().allow_dangling_amp = true;
    // The elements that are open, below one that is never closed and takes the root.
    let mut open = vec![Element::default()];
    let mut count = 0;
    loop {
        match reader.read_event().map_err(|_| "the message is not well-formed XML".to_owned())? {
            Event::Start(tag) => open.push(element(tag.name().as_ref(), &mut count, open.len())?),
            Event::Empty(tag) => {
                let empty = element(tag.name().as_ref(), &mut count, open.len())?;
                innermost(&mut open).children.push(empty);
            }
            Event::End(_) => {
                let closed = open.pop().expect("the reader pairs the tags");
                innermost(&mut open).children.push(closed);
            }
            Event::Text(text) => innermost(&mut open).text.push_str(&text),
            Event::CData(text) => innermost(&mut open).text.push_str(&text),
            Event::GeneralRef(name) => innermost(&mut open).text.push_str(&resolve(&name)?),
            Event::DocType(_) => return Err("a document type is not allowed".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    if open.len() > 1 {
        return Err("the message ends before its elements do".to_owned());
    }
    innermost(&mut open).children.pop().ok_or_else(|| "the message is empty".to_owned())
}

fn innermost(open: &mut [Element]) -> &mut Element {
    open.last_mut().expect("the outermost is never closed")
}

fn element(name: &str, count: &mut usize, depth: usize) -> Result<Element, String> {
    *count += 1;
    if *count > MAX_ELEMENTS || depth > MAX_DEPTH {
        return Err("the message has too many elements".to_owned());
    }
    Ok(Element { name: name.to_owned(), ..Element::default() })
}

/// What `&name;` means. There is no document type, so an unknown one is text: some senders do not escape their `&`.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Result<String, String> {
    let character =
        reference.resolve_char_ref().map_err(|_| "a character reference names no character".to_owned())?;
    if let Some(character) = character {
        return Ok(character.to_string());
    }
    let known = quick_xml::escape::resolve_xml_entity(reference);
    Ok(known.map_or_else(|| format!("&{};", &**reference), str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ping(source: &str, target: &str) -> Result<PingbackCall, PingbackFault> {
        Ok(PingbackCall::Ping { source: source.to_owned(), target: target.to_owned() })
    }

    const SOURCE: &str = "http://127.0.0.1:8081/2026/11/22/s/";
    const TARGET: &str = "http://127.0.0.1:8082/2026/11/22/t/";

    fn understood(message: impl AsRef<[u8]>) {
        let message = message.as_ref();
        assert_eq!(read_call(message, "text/xml"), ping(SOURCE, TARGET), "{}", message.escape_ascii());
    }

    fn refused(message: impl AsRef<[u8]>, code: i32, text: &str) {
        assert_eq!(read_call(message.as_ref(), "text/xml"), Err(PingbackFault::new(code, text)));
    }

    #[test]
    fn calls_of_known_senders_are_understood() {
        // WordPress.
        understood(format!(
            "<?xml version=\"1.0\"?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n<param><value><string>{SOURCE}</string></value></param>\n<param><value><string>{TARGET}</string></value></param>\n</params></methodCall>"
        ));
        // Python.
        understood(format!(
            "<?xml version='1.0'?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n<param>\n<value><string>{SOURCE}</string></value>\n</param>\n<param>\n<value><string>{TARGET}</string></value>\n</param>\n</params>\n</methodCall>\n"
        ));
        // PHP's own library.
        understood(format!(
            "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<methodCall>\n<methodName>pingback.ping</methodName>\n<params>\n <param>\n  <value>\n   <string>{SOURCE}</string>\n  </value>\n </param>\n <param>\n  <value>\n   <string>{TARGET}</string>\n  </value>\n </param>\n</params>\n</methodCall>\n"
        ));
        // A PHP client without a declaration or line breaks.
        understood(format!(
            "<methodCall><methodName>pingback.ping</methodName><params><param><value>{SOURCE}</value></param><param><value>{TARGET}</value></param></params></methodCall>"
        ));
    }

    /// A ping with `before` in front of it and the values as they are given.
    fn message(before: &str, source: &str, target: &str) -> String {
        format!(
            "{before}<methodCall><methodName> pingback.ping\n</methodName><params><param>{source}</param><param>{target}</param></params></methodCall>"
        )
    }

    fn values() -> (String, String) {
        (format!("<value><string>{SOURCE}</string></value>"), format!("<value> {TARGET} </value>"))
    }

    #[test]
    fn declarations_are_taken_as_they_come() {
        let (source, target) = values();
        for before in [
            "",
            "\n \t",
            "\u{feff}",
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>",
            "  <?xml version=\"1.0\"?>",
            "<?xml version=\"1.0\" ?>\r\n",
            "<?xml version=\"1.0\" encoding=\"utf-16\"?>",
            "<?xml version=\"1.0\" encoding=\"no such encoding\"?>",
            "<?xml version=\"1.1\" standalone=\"yes\"?><!-- a comment -->",
        ] {
            understood(message(before, &source, &target));
        }
    }

    #[test]
    fn text_is_what_xml_says_it_is() {
        let read = |source: &str| match read_call(message("", source, "<value>t</value>").as_bytes(), "") {
            Ok(PingbackCall::Ping { source, .. }) => source,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            read("<value><string><![CDATA[http://a.example/?a=1&b=2]]></string></value>"),
            "http://a.example/?a=1&b=2"
        );
        assert_eq!(
            read("<value>http://a.example/?a=1&amp;b=&#x32;&#51;</value>"),
            "http://a.example/?a=1&b=23"
        );
        assert_eq!(
            read("<value>http://a.example/?a=1&b=2&copy;&c</value>"),
            "http://a.example/?a=1&b=2&copy;&c"
        );
        assert_eq!(read("<value><!-- no --><string>a<!-- no -->b</string></value>"), "ab");
        assert_eq!(read("<value><string/></value>"), "");
    }

    #[test]
    fn encodings_are_seen_through() {
        let target = "<value>t</value>";
        let check = |before: &str, bytes: &[u8], content_type: &str| {
            let text = message(before, "<value>PLACE</value>", target);
            let (left, right) = text.split_once("PLACE").unwrap();
            let bytes = [left.as_bytes(), bytes, right.as_bytes()].concat();
            assert_eq!(read_call(&bytes, content_type), ping("é", "t"), "{before}");
        };
        check("<?xml version='1.0' encoding='ISO-8859-1'?>", b"\xe9", "text/xml");
        check("<?xml version='1.0' encoding='windows-1252'?>", b"\xe9", "text/xml; charset=utf-8");
        check("", b"\xe9", "text/xml; charset=iso-8859-1");
        check("", b"\xe9", "application/x-www-form-urlencoded");
        check("<?xml version='1.0' encoding='ISO-8859-1'?>", "é".as_bytes(), "text/xml");
        check("<?xml version='1.0' encoding='koi8-r'?>", "é".as_bytes(), "");
        let utf16: Vec<u8> = std::iter::once(0xfeff)
            .chain(message("", "<value>é</value>", target).encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read_call(&utf16, "text/xml"), ping("é", "t"));
    }

    #[test]
    fn what_is_no_ping_is_refused() {
        refused("", PingbackFault::MALFORMED, "the message is empty");
        refused("source=a&target=b", PingbackFault::MALFORMED, "the message is empty");
        refused(
            "<methodCall><methodName>pingback.ping",
            PingbackFault::MALFORMED,
            "the message ends before its elements do",
        );
        refused("<methodCall></methodName>", PingbackFault::MALFORMED, "the message is not well-formed XML");
        refused(
            "<methodCall>&#0;</methodCall>",
            PingbackFault::MALFORMED,
            "a character reference names no character",
        );
        refused("<methodResponse/>", PingbackFault::NO_CALL, "the message is not a method call");
        for method in ["system.multicall", "system.listMethods", "wp.getUsersBlogs", "", "pingback.Ping"] {
            let call = format!("<methodCall><methodName>{method}</methodName><params/></methodCall>");
            refused(call, PingbackFault::UNKNOWN_METHOD, "the requested method does not exist");
        }
        let wrong = "the parameters have to be addresses, as strings";
        let (source, _) = values();
        refused(message("", &source, ""), PingbackFault::WRONG_PARAMETERS, wrong);
        refused(message("", &source, "<value><int>3</int></value>"), PingbackFault::WRONG_PARAMETERS, wrong);
        refused(
            message("", "<value><array><data/></array></value>", &source),
            PingbackFault::WRONG_PARAMETERS,
            wrong,
        );
        refused(
            "<methodCall><methodName>pingback.ping</methodName></methodCall>",
            PingbackFault::WRONG_PARAMETERS,
            wrong,
        );
    }

    #[test]
    fn bombs_do_not_go_off() {
        let (source, target) = values();
        let no_type = "a document type is not allowed";
        refused(message("<!DOCTYPE methodCall>", &source, &target), PingbackFault::MALFORMED, no_type);
        let lol = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;&a;'>]>";
        refused(message(lol, "<value>&b;</value>", &target), PingbackFault::MALFORMED, no_type);
        let outside = "<!DOCTYPE x SYSTEM 'file:///etc/passwd'>";
        refused(message(outside, &source, &target), PingbackFault::MALFORMED, no_type);
        let many = "the message has too many elements";
        refused("<a>".repeat(17), PingbackFault::MALFORMED, many);
        refused(format!("<a>{}</a>", "<b/>".repeat(64)), PingbackFault::MALFORMED, many);
        refused(" ".repeat(MAX_BYTES + 1), PingbackFault::MALFORMED, "the message is too long");
    }

    #[test]
    fn answers_of_known_servers_are_understood() {
        // WordPress.
        let done = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse>\n  <params>\n    <param>\n      <value>\n      <string>Pingback from a to b registered. Keep the web talking! :-)</string>\n      </value>\n    </param>\n  </params>\n</methodResponse>\n";
        let text = "Pingback from a to b registered. Keep the web talking! :-)";
        assert_eq!(read_answer(done.as_bytes(), "text/xml"), Ok(PingbackResponse::Done(text.to_owned())));
        let fault = "<methodResponse>\n  <fault>\n    <value>\n      <struct>\n        <member>\n          <name>faultCode</name>\n          <value><int>48</int></value>\n        </member>\n        <member>\n          <name>faultString</name>\n          <value><string>The pingback has already been registered.</string></value>\n        </member>\n      </struct>\n    </value>\n  </fault>\n</methodResponse>";
        let known = PingbackFault::new(48, "The pingback has already been registered.");
        assert_eq!(read_answer(fault.as_bytes(), "text/xml"), Ok(PingbackResponse::Fault(known)));
        let untyped = "<methodResponse><params><param><value>ok</value></param></params></methodResponse>";
        assert_eq!(read_answer(untyped.as_bytes(), ""), Ok(PingbackResponse::Done("ok".to_owned())));
        let odd = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><i4>x</i4></value></member></struct></value></fault></methodResponse>";
        assert_eq!(read_answer(odd.as_bytes(), ""), Ok(PingbackResponse::Fault(PingbackFault::new(0, ""))));
        assert_eq!(
            read_answer(b"<html><p>Hello</p></html>", ""),
            Err("the message is not a method response".to_owned())
        );
        assert_eq!(
            read_answer(b"<methodResponse><params/></methodResponse>", ""),
            Err("the answer is empty".to_owned())
        );
    }

    #[test]
    fn what_is_written_can_be_read() {
        for call in [
            PingbackCall::Ping {
                source: "http://a/?x=1&y=<\">".to_owned(), target: "http://b/é".to_owned()
            },
            PingbackCall::Pingbacks { target: "http://b/".to_owned() },
        ] {
            assert_eq!(read_call(write_call(&call).as_bytes(), "text/xml"), Ok(call));
        }
        let fault = PingbackFault::new(PingbackFault::UNKNOWN_METHOD, "a < b & \u{1}c");
        let read = PingbackFault::new(PingbackFault::UNKNOWN_METHOD, "a < b & c");
        assert_eq!(read_answer(write_fault(&fault).as_bytes(), ""), Ok(PingbackResponse::Fault(read)));
        assert_eq!(
            read_answer(write_done("<b>").as_bytes(), ""),
            Ok(PingbackResponse::Done("<b>".to_owned()))
        );
    }

    #[test]
    fn messages_are_written_in_the_common_form() {
        assert_eq!(
            write_fault(&PingbackFault::new(48, "known")),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse>\n  <fault>\n    <value>\n      <struct>\n        <member><name>faultCode</name><value><int>48</int></value></member>\n        <member><name>faultString</name><value><string>known</string></value></member>\n      </struct>\n    </value>\n  </fault>\n</methodResponse>\n"
        );
        assert_eq!(
            write_list(&["http://a/?b&c".to_owned()]),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<methodResponse>\n  <params>\n    <param><value><array><data><value><string>http://a/?b&amp;c</string></value></data></array></value></param>\n  </params>\n</methodResponse>\n"
        );
    }
}
