//! What Rust itself cannot say about the program: the settings of the allocator, and how the linker arranges it.

use std::{env, path::Path, process::Command};

/// The first glibc that reads relative relocations in their short form.
const FIRST_WITH_SHORT: (u32, u32) = (2, 36);

fn main() {
    println!("cargo:rerun-if-changed=src/allocator.c");
    println!("cargo:rerun-if-changed=assets/start.ld");
    let is = |name: &str, value: &str| env::var(name).as_deref() == Ok(value);
    // Rust could only make the allocator's calls with `unsafe`.
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        for object in cc::Build::new().file("src/allocator.c").compile_intermediates() {
            println!("cargo:rustc-link-arg-bins={}", object.display());
        }
    }
    // A folder whose name is not UTF-8 cannot be passed on.
    let folder = env::var("CARGO_MANIFEST_DIR").ok();
    let folder = folder.filter(|_| is("TARGET", "x86_64-unknown-linux-gnu") && is("PROFILE", "release"));
    if let Some(folder) = folder.filter(|_| links_with_lld()) {
        // A system maps a program in blocks: it maps less of it if the functions of a start lie side by side.
        println!("cargo:rustc-link-arg-bins=-T{folder}/assets/start.ld");
        // A start reads all relocations. In the short form they take 1 % of the memory.
        if is("HOST", "x86_64-unknown-linux-gnu") && glibc() >= Some(FIRST_WITH_SHORT) {
            println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
        }
    }
}

/// Whether the program is linked by the linker that comes with Rust. Others may not understand the list of functions.
fn links_with_lld() -> bool {
    // `mold -run` sets the second one.
    let choices = ["RUSTC_LINKER", "MOLD_PATH"];
    for choice in choices {
        println!("cargo:rerun-if-env-changed={choice}");
    }
    let is_chosen = choices.iter().any(|choice| env::var_os(choice).is_some())
        || env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|flags| flags.contains("link"));
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let sysroot = said(&rustc, &["--print", "sysroot"]).unwrap_or_default();
    let lld = Path::new(sysroot.trim()).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/gcc-ld/ld.lld");
    !is_chosen && lld.is_file()
}

/// The version of this machine's glibc.
fn glibc() -> Option<(u32, u32)> {
    let said = said("getconf", &["GNU_LIBC_VERSION"])?;
    let (major, minor) = said.trim().strip_prefix("glibc ")?.split_once('.')?;
    Some((major.parse().ok()?, minor.split('.').next()?.parse().ok()?))
}

/// The output of a command that succeeded.
fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok().filter(|_| output.status.success())
}
