//! The tables are built into the binary: it is built again when they change.

fn main() {
    println!("cargo:rerun-if-changed=../migrations");
}
