//! See `server::fuzzing::reconciliation_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::fuzzing::reconciliation_file(data));
