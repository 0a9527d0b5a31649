//! Messages of XML-RPC, calls and answers: what was read and is written can be read again.
#![no_main]

use backmatter::internals::linkback::protocol::pingback::{self, PingbackResponse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for content_type in ["text/xml", "text/xml; charset=shift_jis"] {
        match pingback::read_call(data, content_type) {
            Ok(call) => {
                let written = pingback::write_call(&call);
                if written.len() <= pingback::MAX_BYTES {
                    let again = pingback::read_call(written.as_bytes(), "text/xml").expect("it is a call");
                    assert_eq!(pingback::write_call(&again), written);
                }
            }
            Err(fault) => {
                let written = pingback::write_fault(&fault);
                assert_eq!(
                    pingback::read_answer(written.as_bytes(), "text/xml"),
                    Ok(PingbackResponse::Fault(fault))
                );
            }
        }
        let _ = pingback::read_answer(data, content_type);
    }
});
