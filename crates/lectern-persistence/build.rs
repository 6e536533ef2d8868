//! The migrations are embedded by a macro that Cargo cannot see through: a new folder must rebuild the crate.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
