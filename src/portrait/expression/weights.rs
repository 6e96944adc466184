//! Files of weights: safetensors with a JSON description, written whole or not at all.

use std::collections::HashMap;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tch::{Kind, Tensor};

use super::ExpressionError;
use crate::tables::{atomic, fingerprint};

/// The one metadata key that this program writes: with several, their order in the file would vary.
const KEY: &str = "promenade";

/// Named f32 tensors and the description from the file's metadata, empty where it has none.
pub struct Weights {
    pub tensors: HashMap<String, Tensor>,
    pub description: String,
    /// The first 16 hex digits of the BLAKE3 of the file.
    pub id: String,
}

/// Writes f32 tensors and a description.
///
/// # Errors
/// Where a tensor cannot be copied or the file not written.
pub fn write(
    path: &Path,
    tensors: &HashMap<String, Tensor>,
    description: &impl Serialize,
) -> Result<(), ExpressionError> {
    let wrong = |problem: String| ExpressionError::WrongDescription { path: path.to_owned(), problem };
    let broken = |source| ExpressionError::NotWeights { path: path.to_owned(), source };
    let description = serde_json::to_string(description).map_err(|e| wrong(e.to_string()))?;
    let mut flat = Vec::with_capacity(tensors.len());
    for (name, tensor) in tensors {
        let tensor = tensor.detach().to(tch::Device::Cpu).to_kind(Kind::Float).contiguous();
        let values = Vec::<f32>::try_from(&tensor.flatten(0, -1))?;
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let shape: Vec<usize> = tensor.size().into_iter().map(|n| n as usize).collect();
        flat.push((name.as_str(), shape, bytes));
    }
    let views = flat
        .iter()
        .map(|(name, shape, bytes)| Ok((*name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, _>>()
        .map_err(broken)?;
    let metadata = HashMap::from([(KEY.to_owned(), description)]);
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(broken)?;
    atomic::write_bytes(path, &bytes).map_err(|source| ExpressionError::Io {
        action: "write",
        path: path.to_owned(),
        source,
    })
}

/// Reads the f32 tensors of a file; others, such as counters, are passed over.
///
/// # Errors
/// [`ExpressionError::Io`] or [`ExpressionError::NotWeights`].
pub fn read(path: &Path) -> Result<Weights, ExpressionError> {
    let io = |source| ExpressionError::Io { action: "read", path: path.to_owned(), source };
    let broken = |source| ExpressionError::NotWeights { path: path.to_owned(), source };
    let bytes = std::fs::read(path).map_err(io)?;
    let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(broken)?;
    let description = metadata.metadata().as_ref().and_then(|m| m.get(KEY)).cloned().unwrap_or_default();
    let file = SafeTensors::deserialize(&bytes).map_err(broken)?;
    let mut tensors = HashMap::new();
    for (name, view) in file.tensors() {
        if view.dtype() != Dtype::F32 {
            continue;
        }
        let values: Vec<f32> =
            view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let shape: Vec<i64> = view.shape().iter().map(|&n| n as i64).collect();
        tensors.insert(name, Tensor::f_from_slice(&values)?.f_reshape(shape)?);
    }
    Ok(Weights { tensors, description, id: fingerprint::bytes_id(&bytes) })
}

impl Weights {
    /// The description as a type.
    ///
    /// # Errors
    /// [`ExpressionError::WrongDescription`] where the file has none or another.
    pub fn describe<T: DeserializeOwned>(&self, path: &Path) -> Result<T, ExpressionError> {
        serde_json::from_str(&self.description).map_err(|e| ExpressionError::WrongDescription {
            path: path.to_owned(),
            problem: if self.description.is_empty() {
                "it has no description".to_owned()
            } else {
                e.to_string()
            },
        })
    }

    /// Copies tensors into variables by name: every variable whose name `wanted` accepts must be there in its shape.
    /// `prefix` stands before the names in the file.
    ///
    /// # Errors
    /// [`ExpressionError::WrongWeights`] with the first name that is missing or has another shape.
    pub fn copy_into(
        &self,
        path: &Path,
        prefix: &str,
        variables: &HashMap<String, Tensor>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), ExpressionError> {
        let wrong = |problem| ExpressionError::WrongWeights { path: path.to_owned(), problem };
        // libtorch's guard is per thread and ends with this scope.
        let _guard = tch::no_grad_guard();
        for (name, variable) in variables.iter().filter(|(name, _)| wanted(name)) {
            // torch writes names with dots, as VarStore does.
            let source = self
                .tensors
                .get(&format!("{prefix}{name}"))
                .ok_or_else(|| wrong(format!("it has no tensor `{prefix}{name}`")))?;
            if source.size() != variable.size() {
                return Err(wrong(format!(
                    "`{prefix}{name}` has the shape {:?} instead of {:?}",
                    source.size(),
                    variable.size()
                )));
            }
            variable.shallow_clone().f_copy_(source)?;
        }
        Ok(())
    }
}
