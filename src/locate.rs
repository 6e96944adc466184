//! Where the native parts and the models lie.
//!
//! Each is looked for in the environment first, then beside the binary, then in the user's own folders. Every
//! function answers with a path that exists, or with a sentence that says what is missing and what to do.

use std::env;
use std::path::{Path, PathBuf};

/// File name of ONNX Runtime's library, of the one version that the binding works with.
pub const ONNXRUNTIME_LIBRARY: &str = "libonnxruntime.so.1.31.1";
/// Folder of ONNX Runtime in the cache.
const ONNXRUNTIME_FOLDER: &str = "onnxruntime-1.31.1";
/// YuNet of March 2023 (OpenCV Zoo, MIT licence).
pub const YUNET_FILE: &str = "face_detection_yunet_2023mar.onnx";
/// CenterFace (Star-Clouds, MIT licence).
pub const CENTERFACE_FILE: &str = "centerface.onnx";

/// Something that is needed lies in none of the places where it may lie.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} was not found; looked at {}. Run `make setup`{hint}.", listed(.looked))]
pub struct LocateError {
    /// What is missing, in words.
    pub what: String,
    /// The files that were looked for, in order.
    pub looked: Vec<PathBuf>,
    /// A second remedy, with its leading comma; may be empty.
    hint: String,
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The folder in which `make setup` lays native parts and third parties' models: `PROMENADE_CACHE`, else
/// `promenade` in `XDG_CACHE_HOME`, else `~/.cache/promenade`. `None` where none of these is set.
pub fn cache_dir() -> Option<PathBuf> {
    folder("PROMENADE_CACHE").or_else(|| {
        let base = folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))?;
        Some(base.join("promenade"))
    })
}

/// ONNX Runtime: `ORT_DYLIB_PATH`, beside the binary (or in `lib` there), the cache.
pub fn onnxruntime() -> Result<PathBuf, LocateError> {
    let mut looked: Vec<_> = folder("ORT_DYLIB_PATH").into_iter().collect();
    if let Some(home) = binary_dir() {
        looked.push(home.join(ONNXRUNTIME_LIBRARY));
        looked.push(home.join("lib").join(ONNXRUNTIME_LIBRARY));
    }
    looked.extend(cache_dir().map(|cache| cache.join(ONNXRUNTIME_FOLDER).join(ONNXRUNTIME_LIBRARY)));
    first("ONNX Runtime 1.31.1", looked, ", or set ORT_DYLIB_PATH to the library's file")
}

/// The first face detector, YuNet: `models` in the cache or beside the binary.
pub fn yunet() -> Result<PathBuf, LocateError> {
    detector("the face detector YuNet", YUNET_FILE)
}

/// The detector for faces that YuNet misses, CenterFace: `models` in the cache or beside the binary.
pub fn centerface() -> Result<PathBuf, LocateError> {
    detector("the face detector CenterFace", CENTERFACE_FILE)
}

/// A file of weights that this project trained, such as `expression.safetensors`: in `PROMENADE_MODELS`, `./models`,
/// beside the binary, in the source tree that it was built from, in the user's data folder
/// (`XDG_DATA_HOME` or `~/.local/share`, then `promenade/models`).
pub fn model(name: &str) -> Result<PathBuf, LocateError> {
    let mut folders: Vec<_> = folder("PROMENADE_MODELS").into_iter().collect();
    folders.push(PathBuf::from("models"));
    if let Some(home) = binary_dir() {
        folders.push(home.join("models"));
        folders.extend(home.parent().map(|parent| parent.join("models")));
    }
    folders.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("models"));
    let data = folder("XDG_DATA_HOME").or_else(|| Some(folder("HOME")?.join(".local/share")));
    folders.extend(data.map(|data| data.join("promenade/models")));
    let looked = folders.into_iter().map(|folder| folder.join(name)).collect();
    first(&format!("the model {name}"), looked, ", or set PROMENADE_MODELS to the folder that holds it")
}

fn detector(what: &str, file: &str) -> Result<PathBuf, LocateError> {
    let set_by_hand = folder("PROMENADE_CACHE").map(|cache| cache.join("models").join(file));
    let beside = binary_dir().map(|home| home.join("models").join(file));
    let cached = cache_dir().map(|cache| cache.join("models").join(file));
    let mut looked: Vec<_> = set_by_hand.into_iter().chain(beside).chain(cached).collect();
    // The cache is the folder set by hand where one is set.
    if looked.len() > 1 && looked.first() == looked.last() {
        looked.pop();
    }
    first(what, looked, ", or set PROMENADE_CACHE to the folder whose `models` holds it")
}

fn first(what: &str, looked: Vec<PathBuf>, hint: &str) -> Result<PathBuf, LocateError> {
    match looked.iter().find(|path| path.is_file()) {
        Some(path) => Ok(path.clone()),
        None => Err(LocateError { what: what.to_owned(), looked, hint: hint.to_owned() }),
    }
}

/// A path from the environment; a variable that is empty counts as unset.
fn folder(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn binary_dir() -> Option<PathBuf> {
    Some(env::current_exe().ok()?.parent()?.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_file_that_exists_is_taken() {
        let dir = tempfile::tempdir().unwrap();
        let (absent, present) = (dir.path().join("absent"), dir.path().join("present"));
        std::fs::write(&present, b"x").unwrap();
        assert_eq!(first("it", vec![absent, present.clone()], ""), Ok(present));
    }

    #[test]
    fn what_is_missing_is_said_with_the_places_and_the_remedy() {
        let error = model("no-such-model.safetensors").unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("the model no-such-model.safetensors was not found; looked at "), "{text}");
        assert!(text.contains("make setup") && text.contains("PROMENADE_MODELS"), "{text}");
        assert!(error.looked.len() >= 3);
    }
}
