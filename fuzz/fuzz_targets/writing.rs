#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| capuchin::fuzzing::writing(data));
