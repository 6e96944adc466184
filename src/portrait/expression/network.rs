//! MobileNetV2 (Sandler et al. 2018, width 1.0) with four heads.
//!
//! Input: `[n, 3, side, side]` f32, three equal grey channels, normalised with ImageNet's means and deviations.
//! Parameters carry torchvision's names, so that its ImageNet weights load by name.

use tch::nn::{self, Init, Path};
use tch::{Kind, Tensor};

/// Means of ImageNet's red, green and blue, grey levels in 0 to 1 (torchvision).
pub const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Their standard deviations.
pub const DEVIATION: [f32; 3] = [0.229, 0.224, 0.225];

/// Number of features before the heads.
pub const FEATURES: i64 = 1280;

/// Expansion, output channels, repeats and first stride of each stage (table 2 of the paper).
const STAGES: [(i64, i64, i64, i64); 7] = [
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
];

/// Least and greatest logarithm of a variance that the network may state: deviations of 0.05 to 2.7.
const LOG_VARIANCE: (f64, f64) = (-6.0, 2.0);

/// A convolution, batch normalisation, and ReLU6 where the block has one.
#[derive(Debug)]
pub(super) struct ConvNorm {
    pub(super) weight: Tensor,
    gamma: Tensor,
    beta: Tensor,
    mean: Tensor,
    variance: Tensor,
    pub(super) stride: i64,
    pub(super) groups: i64,
    pub(super) relu: bool,
}

/// PyTorch's default for batch normalisation.
const EPSILON: f64 = 1e-5;

impl ConvNorm {
    #[expect(clippy::too_many_arguments, reason = "the shape of a convolution has so many sides")]
    fn new(
        conv: &Path,
        norm: &Path,
        from: i64,
        to: i64,
        kernel: i64,
        stride: i64,
        groups: i64,
        relu: bool,
    ) -> Self {
        let init = Init::Kaiming {
            dist: nn::init::NormalOrUniform::Normal,
            fan: nn::init::FanInOut::FanOut,
            non_linearity: nn::init::NonLinearity::ReLU,
        };
        Self {
            weight: conv.var("weight", &[to, from / groups, kernel, kernel], init),
            gamma: norm.ones("weight", &[to]),
            beta: norm.zeros("bias", &[to]),
            mean: norm.zeros_no_train("running_mean", &[to]),
            variance: norm.ones_no_train("running_var", &[to]),
            stride,
            groups,
            relu,
        }
    }

    pub(super) fn padding(&self) -> i64 {
        (self.weight.size()[2] - 1) / 2
    }

    fn forward(&self, x: &Tensor, train: bool) -> Tensor {
        let pad = self.padding();
        let x = x.conv2d(&self.weight, None::<Tensor>, self.stride, pad, 1, self.groups);
        let mut x = Tensor::batch_norm(
            &x,
            Some(&self.gamma),
            Some(&self.beta),
            Some(&self.mean),
            Some(&self.variance),
            train,
            0.1,
            EPSILON,
            true,
        );
        // In place: its derivative needs only the result, and batch normalisation's only its input.
        if self.relu { x.relu6_() } else { x }
    }

    /// The weight and the bias of the one convolution that does the same at inference.
    pub(super) fn folded(&self) -> (Tensor, Tensor) {
        let scale = &self.gamma / (&self.variance + EPSILON).sqrt();
        let weight = &self.weight * scale.reshape([-1, 1, 1, 1]);
        let bias = &self.beta - &self.mean * &scale;
        (weight, bias)
    }
}

/// Consecutive convolutions, with a short cut round them where shapes allow.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) layers: Vec<ConvNorm>,
    pub(super) shortcut: bool,
}

/// A head: one linear layer.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) weight: Tensor,
    pub(super) bias: Tensor,
}

impl Head {
    fn new(path: &Path, outputs: i64) -> Self {
        let init = Init::Randn { mean: 0.0, stdev: 0.01 };
        Self { weight: path.var("weight", &[outputs, FEATURES], init), bias: path.zeros("bias", &[outputs]) }
    }

    fn share(&self) -> Self {
        Self { weight: self.weight.shallow_clone(), bias: self.bias.shallow_clone() }
    }

    fn forward(&self, x: &Tensor) -> Tensor {
        x.linear(&self.weight, Some(&self.bias))
    }
}

/// What the network says of a batch, all f32.
#[derive(Debug)]
pub struct Outputs {
    /// Logits of FER2013's seven labels, `[n, 7]`.
    pub labels: Tensor,
    /// Logits of FER+'s eight emotions, `[n, 8]`.
    pub votes: Tensor,
    /// Logits of the five classes of the plane, `[n, 5]`.
    pub classes: Tensor,
    /// Valence and arousal, `[n, 2]`, in -1 to 1.
    pub plane: Tensor,
    /// Logarithms of their variances, `[n, 2]`.
    pub log_variance: Tensor,
}

impl Outputs {
    /// The mean of two batches of the same faces.
    pub(super) fn mean(&self, other: &Self) -> Self {
        let _guard = tch::no_grad_guard();
        let mean = |a: &Tensor, b: &Tensor| (a + b) * 0.5;
        Self {
            labels: mean(&self.labels, &other.labels),
            votes: mean(&self.votes, &other.votes),
            classes: mean(&self.classes, &other.classes),
            plane: mean(&self.plane, &other.plane),
            log_variance: mean(&self.log_variance, &other.log_variance),
        }
    }
}

/// The network; its parameters live in the `VarStore` whose root it was made from.
#[derive(Debug)]
pub struct Network {
    pub(super) blocks: Vec<Block>,
    pub(super) heads: Heads,
    dropout: f64,
}

/// The four heads over the same [`FEATURES`].
#[derive(Debug)]
pub(super) struct Heads {
    pub(super) labels: Head,
    pub(super) votes: Head,
    pub(super) classes: Head,
    pub(super) plane: Head,
}

impl Heads {
    fn new(path: &Path) -> Self {
        Self {
            labels: Head::new(&(path / "labels"), 7),
            votes: Head::new(&(path / "votes"), 8),
            classes: Head::new(&(path / "classes"), 5),
            plane: Head::new(&(path / "plane"), 4),
        }
    }

    /// The same heads over the same weights.
    pub(super) fn share(&self) -> Self {
        Self {
            labels: self.labels.share(),
            votes: self.votes.share(),
            classes: self.classes.share(),
            plane: self.plane.share(),
        }
    }

    /// What the heads make of `[n, 1280]` features.
    pub(super) fn forward(&self, features: &Tensor) -> Outputs {
        let plane = self.plane.forward(features);
        Outputs {
            labels: self.labels.forward(features),
            votes: self.votes.forward(features),
            classes: self.classes.forward(features),
            plane: plane.narrow(1, 0, 2).tanh(),
            log_variance: plane.narrow(1, 2, 2).clamp(LOG_VARIANCE.0, LOG_VARIANCE.1),
        }
    }
}

impl Network {
    /// Lays the network's parameters into a store, convolutions channels last.
    pub fn new(root: &Path, dropout: f64) -> Self {
        let features = root / "features";
        let stem = &features / 0;
        let mut blocks = vec![Block {
            layers: vec![ConvNorm::new(&(&stem / 0), &(&stem / 1), 3, 32, 3, 2, 1, true)],
            shortcut: false,
        }];
        let mut from = 32;
        for (expansion, to, repeats, first) in STAGES {
            for repeat in 0..repeats {
                let stride = if repeat == 0 { first } else { 1 };
                let path = &features / blocks.len() as i64 / "conv";
                blocks.push(inverted_residual(&path, from, to, stride, expansion));
                from = to;
            }
        }
        let last = &features / blocks.len() as i64;
        blocks.push(Block {
            layers: vec![ConvNorm::new(&(&last / 0), &(&last / 1), from, FEATURES, 1, 1, 1, true)],
            shortcut: false,
        });
        Self { blocks, heads: Heads::new(&(root / "heads")), dropout }
    }

    /// The features before pooling, `[n, 1280, side / 32, side / 32]`.
    pub fn features(&self, x: &Tensor, train: bool) -> Tensor {
        let mut x = x.shallow_clone();
        for block in &self.blocks {
            let mut y = x.shallow_clone();
            for layer in &block.layers {
                y = layer.forward(&y, train);
            }
            x = if block.shortcut { x + y } else { y };
        }
        x
    }

    /// The outputs for a batch; `train` uses the batch's own statistics and drops features.
    pub fn forward(&self, x: &Tensor, train: bool) -> Outputs {
        let pooled = self.features(x, train).mean_dim(&[2i64, 3][..], false, Kind::Float);
        self.heads.forward(&pooled.dropout(self.dropout, train))
    }
}

/// Expansion, depthwise convolution and linear projection (figure 4 of the paper).
fn inverted_residual(path: &Path, from: i64, to: i64, stride: i64, expansion: i64) -> Block {
    let hidden = from * expansion;
    let mut layers = Vec::new();
    if expansion != 1 {
        let at = path / 0;
        layers.push(ConvNorm::new(&(&at / 0), &(&at / 1), from, hidden, 1, 1, 1, true));
    }
    let next = layers.len() as i64;
    let at = path / next;
    layers.push(ConvNorm::new(&(&at / 0), &(&at / 1), hidden, hidden, 3, stride, hidden, true));
    layers.push(ConvNorm::new(&(path / (next + 1)), &(path / (next + 2)), hidden, to, 1, 1, 1, false));
    Block { layers, shortcut: stride == 1 && from == to }
}

/// Grey levels in 0 to 1, `n` faces of `side` x `side` one after the other, as the network's input on `device`:
/// three equal channels, normalised, channels last in memory.
pub fn input(grey: &[f32], side: usize, device: tch::Device) -> Tensor {
    let side = side as i64;
    let (mean, deviation) = (Tensor::from_slice(&MEAN).to(device), Tensor::from_slice(&DEVIATION).to(device));
    let grey = Tensor::from_slice(grey).to(device).reshape([-1, side, side, 1]);
    ((grey - mean) / deviation).permute([0, 3, 1, 2])
}

/// Lays a convolution's weight out in memory as the input is: channels last.
pub(super) fn channels_last(weight: &Tensor) -> Tensor {
    weight.permute([0, 2, 3, 1]).contiguous().permute([0, 3, 1, 2])
}

/// Lays all convolutions of a store out channels last, values unchanged.
pub fn set_channels_last(store: &nn::VarStore) {
    tch::no_grad(|| {
        for mut variable in store.variables().into_values() {
            if variable.dim() == 4 {
                variable.set_data(&channels_last(&variable));
            }
        }
    });
}
