//! From the best checkpoint of a run to a model: calibrate, write.

use std::path::Path;

use tch::Device;

use super::evaluate::judge;
use super::{Calibration, Expression, ExpressionError, export};
use crate::datasets::faces::{Face, Split};

/// Calibrates the weights of a checkpoint on the faces of PublicTest, then for portraits
/// ([`Calibration::for_portraits`]), and writes them as the model that [`Expression::load`] reads.
///
/// # Errors
/// Where there is no such face, the checkpoint cannot be read or the model not written.
pub fn finish(checkpoint: &Path, faces: &[Face], model: &Path) -> Result<Calibration, ExpressionError> {
    let public: Vec<Face> = faces.iter().filter(|face| face.split == Split::PublicTest).cloned().collect();
    if public.is_empty() {
        return Err(ExpressionError::NoFaces { split: Split::PublicTest.name() });
    }
    let expression = Expression::from_checkpoint(checkpoint, Device::cuda_if_available())?;
    let calibration = Calibration::fit(&judge(&expression, &public)?).for_portraits();
    export(checkpoint, calibration, model)?;
    Ok(calibration)
}
