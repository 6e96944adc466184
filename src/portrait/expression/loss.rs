//! The training loss and its parts.

use tch::{Device, Kind, Reduction, Tensor};

use super::loader::Batch;
use super::network::Outputs;
use super::settings::LossSettings;

/// The weighted sum of the four losses, a scalar, and the number of labels found.
pub fn loss(outputs: &Outputs, batch: &Batch, settings: &LossSettings, device: Device) -> (Tensor, i64) {
    let labels = Tensor::from_slice(&batch.labels).to(device);
    let found =
        i64::try_from(outputs.labels.argmax(1, false).eq_tensor(&labels).sum(Kind::Int64)).unwrap_or(0);
    let of_labels = outputs.labels.cross_entropy_loss(
        &labels,
        None::<Tensor>,
        Reduction::Mean,
        -100,
        settings.label_smoothing,
    );
    let voted = Tensor::from_slice(&batch.voted).to(device);
    let matrix = |values: &[f32], columns| Tensor::from_slice(values).to(device).reshape([-1, columns]);
    let of_votes = mean_over(&cross_entropy(&outputs.votes, &matrix(&batch.votes, 8)), &voted);
    let of_classes = mean_over(&cross_entropy(&outputs.classes, &matrix(&batch.classes, 5)), &voted);
    let of_plane = mean_over(&gaussian(outputs, &matrix(&batch.plane, 2)), &voted);
    let sum = of_labels * settings.labels
        + of_votes * settings.votes
        + of_classes * settings.classes
        + of_plane * settings.plane;
    (sum, found)
}

/// Cross-entropy of each row's distribution, `[n]`.
fn cross_entropy(logits: &Tensor, target: &Tensor) -> Tensor {
    let terms = target * logits.log_softmax(1, Kind::Float);
    -terms.sum_dim_intlist(&[1i64][..], false, Kind::Float)
}

/// Negative log-likelihood of each row's point (without the constant), `[n]`.
fn gaussian(outputs: &Outputs, target: &Tensor) -> Tensor {
    let squared = (&outputs.plane - target).square();
    let terms = (&outputs.log_variance + squared * (-&outputs.log_variance).exp()) * 0.5;
    terms.sum_dim_intlist(&[1i64][..], false, Kind::Float)
}

/// The mean over the rows whose weight is 1; 0 where there is none.
fn mean_over(rows: &Tensor, weights: &Tensor) -> Tensor {
    (rows * weights).sum(Kind::Float) / weights.sum(Kind::Float).clamp_min(1.0)
}
