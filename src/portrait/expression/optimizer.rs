//! AdamW (Loshchilov and Hutter 2019, algorithm 2) with a state that can be saved, and a running average of weights.

use std::collections::HashMap;

use tch::nn::VarStore;
use tch::{Kind, Tensor};

use super::settings::OptimizerSettings;

/// A trainable tensor and its two moments.
struct Slot {
    name: String,
    parameter: Tensor,
    first: Tensor,
    second: Tensor,
    decays: bool,
}

/// The optimiser over all trainable variables of a store.
pub struct AdamW {
    settings: OptimizerSettings,
    slots: Vec<Slot>,
    /// Steps taken so far.
    pub step: i64,
}

impl AdamW {
    /// An optimiser that has not taken a step.
    pub fn new(store: &VarStore, settings: &OptimizerSettings) -> Self {
        let mut slots: Vec<Slot> = store
            .variables()
            .into_iter()
            .filter(|(_, variable)| variable.requires_grad())
            .map(|(name, parameter)| Slot {
                first: parameter.detach().zeros_like(),
                second: parameter.detach().zeros_like(),
                // Biases and the scales of batch normalisation stay where the data put them.
                decays: parameter.dim() > 1,
                name,
                parameter,
            })
            .collect();
        slots.sort_by(|a, b| a.name.cmp(&b.name));
        Self { settings: settings.clone(), slots, step: 0 }
    }

    /// Forgets the gradients.
    pub fn zero_grad(&mut self) {
        for slot in &mut self.slots {
            slot.parameter.zero_grad();
        }
    }

    /// Takes a step with the gradients at hand.
    pub fn step(&mut self, learning_rate: f64) {
        let _guard = tch::no_grad_guard();
        let OptimizerSettings { beta1, beta2, epsilon, weight_decay, .. } = self.settings;
        self.step += 1;
        let t = self.step as f64;
        let (bias1, bias2) = (1.0 - beta1.powf(t), 1.0 - beta2.powf(t));
        for slot in &mut self.slots {
            let gradient = slot.parameter.grad();
            if !gradient.defined() {
                continue;
            }
            if slot.decays {
                let _ = slot.parameter.g_mul_scalar_(1.0 - learning_rate * weight_decay);
            }
            let _ = slot.first.lerp_(&gradient, 1.0 - beta1);
            let _ = slot.second.lerp_(&gradient.square(), 1.0 - beta2);
            // p -= rate / bias1 * first / (sqrt(second) / sqrt(bias2) + epsilon), the constants gathered above.
            let mut below = slot.second.sqrt();
            let _ = below.g_add_scalar_(epsilon * bias2.sqrt());
            let _ = below.g_mul_scalar_(-bias1 / (learning_rate * bias2.sqrt()));
            let _ = slot.parameter.addcdiv_(&slot.first, &below);
        }
    }

    /// The moments by name: `first.<parameter>` and `second.<parameter>`.
    pub fn state(&self) -> HashMap<String, Tensor> {
        self.slots
            .iter()
            .flat_map(|slot| {
                [
                    (format!("first.{}", slot.name), slot.first.shallow_clone()),
                    (format!("second.{}", slot.name), slot.second.shallow_clone()),
                ]
            })
            .collect()
    }
}

/// Moves `average` towards `current` by `1 - decay`, variable by variable, running statistics included.
pub fn update_average(average: &HashMap<String, Tensor>, current: &HashMap<String, Tensor>, decay: f64) {
    let _guard = tch::no_grad_guard();
    for (name, mean) in average {
        if let Some(value) = current.get(name).filter(|value| value.kind() == Kind::Float) {
            let _ = mean.shallow_clone().lerp_(value, 1.0 - decay);
        }
    }
}
