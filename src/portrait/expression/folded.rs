//! The network for inference: batch normalisation folded into the convolutions, channels last, nothing to learn.

use tch::{Kind, Tensor};

use super::network::{Heads, Network, Outputs, channels_last};

/// A convolution with its bias, and ReLU6 where the block has one.
struct Layer {
    weight: Tensor,
    bias: Tensor,
    stride: i64,
    padding: i64,
    groups: i64,
    relu: bool,
}

/// A network that only infers. A clone shares its weights.
pub struct Folded {
    blocks: Vec<(Vec<Layer>, bool)>,
    heads: Heads,
}

impl Folded {
    /// Folds a trained network; it is then needed no more.
    pub fn new(network: Network) -> Self {
        let _guard = tch::no_grad_guard();
        let blocks = network
            .blocks
            .iter()
            .map(|block| {
                let layers = block
                    .layers
                    .iter()
                    .map(|layer| {
                        let (weight, bias) = layer.folded();
                        Layer {
                            weight: channels_last(&weight.detach()),
                            bias: bias.detach(),
                            stride: layer.stride,
                            padding: layer.padding(),
                            groups: layer.groups,
                            relu: layer.relu,
                        }
                    })
                    .collect();
                (layers, block.shortcut)
            })
            .collect();
        Self { blocks, heads: network.heads }
    }

    /// The outputs for a batch as [`super::network::input`] makes it.
    pub fn forward(&self, x: &Tensor) -> Outputs {
        // libtorch's guard is per thread.
        let _guard = tch::no_grad_guard();
        let mut x = x.shallow_clone();
        for (layers, shortcut) in &self.blocks {
            let mut y = x.shallow_clone();
            for layer in layers {
                y = y.conv2d(&layer.weight, Some(&layer.bias), layer.stride, layer.padding, 1, layer.groups);
                if layer.relu {
                    y = y.relu6_();
                }
            }
            x = if *shortcut { y.g_add_(&x) } else { y };
        }
        self.heads.forward(&x.mean_dim(&[2i64, 3][..], false, Kind::Float))
    }
}

impl Clone for Folded {
    fn clone(&self) -> Self {
        let layers = |layers: &Vec<Layer>| {
            layers
                .iter()
                .map(|l| Layer { weight: l.weight.shallow_clone(), bias: l.bias.shallow_clone(), ..*l })
                .collect()
        };
        Self {
            blocks: self.blocks.iter().map(|(block, shortcut)| (layers(block), *shortcut)).collect(),
            heads: self.heads.share(),
        }
    }
}
