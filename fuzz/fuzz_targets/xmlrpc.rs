//! Messages of XML-RPC, calls and answers: what was read and is written can be read again.
#![no_main]

use backmatter::linkback::xmlrpc::{self, Answer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for content_type in ["text/xml", "text/xml; charset=shift_jis"] {
        match xmlrpc::read_call(data, content_type) {
            Ok(call) => {
                let written = xmlrpc::write_call(&call);
                if written.len() <= xmlrpc::MAX_BYTES {
                    let again = xmlrpc::read_call(written.as_bytes(), "text/xml").expect("it is a call");
                    assert_eq!(xmlrpc::write_call(&again), written);
                }
            }
            Err(fault) => {
                let written = xmlrpc::write_fault(&fault);
                assert_eq!(xmlrpc::read_answer(written.as_bytes(), "text/xml"), Ok(Answer::Fault(fault)));
            }
        }
        let _ = xmlrpc::read_answer(data, content_type);
    }
});
