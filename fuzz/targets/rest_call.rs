//! See `server::fuzzing::rest_call`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::fuzzing::rest_call(data));
