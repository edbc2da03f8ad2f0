//! The migrations are built into the binary: a changed file rebuilds it.
fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
