//! See `server::fuzzing::intake_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::fuzzing::intake_file(data));
