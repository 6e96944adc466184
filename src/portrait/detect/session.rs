//! ONNX Runtime: the library, loaded once a process, and a network a thread.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;
use ort::session::{Session, SessionOutputs};
use ort::value::TensorRef;

use super::letterbox::Input;
use super::{DetectError, Parts, Step, onnx};

/// The runtime's environment, of which a process may have only one.
static ENVIRONMENT: Mutex<Option<Environment>> = Mutex::new(None);

fn environment(library: &Path) -> Result<Environment, DetectError> {
    let mut slot = ENVIRONMENT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = &*slot {
        return Ok(environment.clone());
    }
    let failed = |reason| DetectError::Runtime { path: library.into(), reason };
    let builder = ort::init_from(library).map_err(|error| failed(error.to_string()))?;
    let environment = builder.with_telemetry(false).build().map_err(|error| failed(error.to_string()))?;
    environment.set_log_level(LogLevel::Error);
    Ok(slot.insert(environment).clone())
}

/// The bytes of the two models, freed from their fixed size.
pub struct Models {
    environment: Environment,
    yunet: (PathBuf, Vec<u8>),
    centerface: (PathBuf, Vec<u8>),
}

impl Models {
    pub fn load(parts: &Parts) -> Result<Self, DetectError> {
        let read = |path: &PathBuf| {
            let failed = |reason| DetectError::Model { path: path.clone(), reason };
            let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
            let freed = onnx::with_free_size(&bytes).ok_or_else(|| failed("no ONNX model".to_owned()))?;
            Ok::<_, DetectError>((path.clone(), freed))
        };
        Ok(Self {
            environment: environment(&parts.onnxruntime)?,
            yunet: read(&parts.yunet)?,
            centerface: read(&parts.centerface)?,
        })
    }

    pub fn yunet(&self) -> Result<Net, DetectError> {
        self.net(&self.yunet, "input")
    }

    pub fn centerface(&self) -> Result<Net, DetectError> {
        self.net(&self.centerface, "input.1")
    }

    fn net(&self, (path, model): &(PathBuf, Vec<u8>), input: &'static str) -> Result<Net, DetectError> {
        let failed = |reason| DetectError::Model { path: path.clone(), reason };
        let session = self.commit(model).map_err(|error| failed(error.to_string()))?;
        Ok(Net { session, input })
    }

    fn commit(&self, model: &[u8]) -> Result<Session, ort::Error> {
        Session::builder(&self.environment)?
            .with_intra_threads(1)?
            .with_log_level(LogLevel::Error)?
            .commit_from_memory(model)
    }
}

/// A network that one thread uses.
pub struct Net {
    session: Session,
    /// The name of its input.
    input: &'static str,
}

impl Net {
    /// Runs the network on a picture.
    pub fn run(&mut self, input: &Input, step: Step) -> Result<Outputs<'_>, DetectError> {
        let failed = |error: ort::Error| DetectError::Inference { step, reason: error.to_string() };
        let shape = [1, 3, input.height, input.width];
        let tensor = TensorRef::from_array_view((shape, input.planes)).map_err(failed)?;
        let outputs = self.session.run(ort::inputs![self.input => tensor]).map_err(failed)?;
        Ok(Outputs { outputs, step })
    }
}

/// What a network gave.
pub struct Outputs<'a> {
    outputs: SessionOutputs<'a>,
    step: Step,
}

impl Outputs<'_> {
    /// The numbers of an output, of which there must be as many as expected.
    pub fn get(&self, name: &str, expected: usize) -> Result<&[f32], DetectError> {
        let failed = |reason| DetectError::Inference { step: self.step, reason };
        let value = self.outputs.get(name).ok_or_else(|| failed(format!("it has no output {name}")))?;
        let (_, numbers) = value.try_extract_tensor::<f32>().map_err(|error| failed(error.to_string()))?;
        if numbers.len() != expected {
            return Err(failed(format!("{name} has {} numbers, not {expected}", numbers.len())));
        }
        Ok(numbers)
    }
}
