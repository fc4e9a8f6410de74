//! Links the settings of the allocator into the program where it runs on glibc. Rust could only make these calls with `unsafe`.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=src/allocator.c");
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux")
        || env::var("CARGO_CFG_TARGET_ENV").as_deref() != Ok("gnu")
    {
        return;
    }
    for object in cc::Build::new().file("src/allocator.c").compile_intermediates() {
        println!("cargo:rustc-link-arg-bins={}", object.display());
    }
}
