//! See `server::fuzzing::hospital_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::fuzzing::hospital_message(data));
