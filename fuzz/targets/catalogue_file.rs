//! See `server::fuzzing::catalogue_file`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| server::fuzzing::catalogue_file(data));
