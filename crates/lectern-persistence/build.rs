//! Lists the migrations with their scripts and what these do to the catalogue: Diesel's own embedding hides the SQL, and the ledger needs it.
//! Cargo sees through neither, so a new folder must rebuild the crate.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=../../migrations");
    let root = Path::new("../../migrations");
    let mut code = String::new();
    for backend in ["postgres", "sqlite"] {
        let mut folders: Vec<PathBuf> = fs::read_dir(root.join(backend))?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
        folders.retain(|path| path.is_dir());
        folders.sort();
        writeln!(code, "#[cfg(feature = \"{backend}\")]\npub(super) const {}: &[Embedded] = &[", backend.to_uppercase())?;
        for folder in folders {
            write_script(&mut code, backend, &folder)?;
        }
        code.push_str("];\n");
    }
    #[expect(clippy::disallowed_methods, reason = "Cargo tells a build script by the environment where to write")]
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("scripts.rs"), code)?;
    Ok(())
}

/// The paths are put together where the crate is compiled, so that checkouts may share a target folder.
fn write_script(code: &mut String, backend: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let name = folder.file_name().and_then(|name| name.to_str()).ok_or("a migration's folder has a name")?;
    let metadata = fs::read_to_string(folder.join("metadata.toml"));
    // As Diesel reads it: without the file, or with the line, there is a transaction.
    let in_transaction = metadata.map_or(true, |text| text.lines().any(|line| line.replace(' ', "") == "run_in_transaction=true"));
    let file = |file: &str| format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../migrations/{backend}/{name}/{file}\"))");
    let (up, down) = (file("up.sql"), file("down.sql"));
    let catalogue = if folder.join("catalogue.txt").is_file() { format!("Some({})", file("catalogue.txt")) } else { "None".to_owned() };
    writeln!(code, "    Embedded {{ name: {name:?}, up: {up}, down: {down}, in_transaction: {in_transaction}, catalogue: {catalogue} }},")?;
    Ok(())
}
