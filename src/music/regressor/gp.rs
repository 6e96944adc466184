//! Gaussian process regression of two targets by one kernel (Rasmussen and Williams 2006, chapter 2).

use nalgebra::{Cholesky, DMatrix, DVector, Dyn};

use super::ModelError;

/// Width and noise of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Kernel {
    /// Factor on the mean squared difference of the features: larger is narrower.
    pub scale: f64,
    /// Variance of the noise relative to that of the signal.
    pub noise: f64,
}

impl Kernel {
    /// Matérn of smoothness 3/2 at a mean squared difference of the features (eq. 4.17 there).
    fn at(self, mean_square: f64) -> f64 {
        let r = (3.0 * self.scale * mean_square.max(0.0)).sqrt();
        (1.0 + r) * libm::exp(-r)
    }
}

/// A process that has seen its songs.
pub struct Process {
    kernel: Kernel,
    /// A row a song.
    inputs: DMatrix<f64>,
    squares: DVector<f64>,
    factor: Cholesky<f64, Dyn>,
    /// Solution of the normal equations for the standardised targets, a column a target.
    weights: DMatrix<f64>,
    /// Mean, standard deviation and signal variance of each target.
    scales: [Scale; 2],
    /// Logarithm of the marginal likelihood, both targets, with the signal's variance at its best; up to a constant.
    pub evidence: f64,
}

#[derive(Clone, Copy, Debug)]
struct Scale {
    mean: f64,
    sd: f64,
    signal: f64,
}

/// Mean squared differences of all rows of `a` and `b`, shape (rows of a, rows of b).
pub fn distances(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    let (aa, bb) = (squares(a), squares(b));
    let mut d = a * b.transpose();
    let width = a.ncols().max(1) as f64;
    for j in 0..d.ncols() {
        for i in 0..d.nrows() {
            d[(i, j)] = (aa[i] + bb[j] - 2.0 * d[(i, j)]).max(0.0) / width;
        }
    }
    d
}

fn squares(rows: &DMatrix<f64>) -> DVector<f64> {
    DVector::from_iterator(rows.nrows(), rows.row_iter().map(|row| row.norm_squared()))
}

impl Process {
    /// Conditions on songs; `between` are their own [`distances`].
    ///
    /// # Errors
    /// `Singular` where the noise is too small for the songs.
    pub fn fit(
        kernel: Kernel,
        inputs: DMatrix<f64>,
        between: &DMatrix<f64>,
        targets: &[[f64; 2]],
    ) -> Result<Self, ModelError> {
        let n = targets.len();
        let mut k = between.map(|d| kernel.at(d));
        for i in 0..n {
            k[(i, i)] = 1.0 + kernel.noise;
        }
        let factor = Cholesky::new(k).ok_or(ModelError::Singular)?;
        let mut scales = [Scale { mean: 0.0, sd: 1.0, signal: 1.0 }; 2];
        let mut standard = DMatrix::zeros(n, 2);
        for (axis, scale) in scales.iter_mut().enumerate() {
            let count = n.max(1) as f64;
            scale.mean = targets.iter().map(|t| t[axis]).sum::<f64>() / count;
            let variance = targets.iter().map(|t| (t[axis] - scale.mean).powi(2)).sum::<f64>() / count;
            scale.sd = variance.sqrt().max(1e-6);
            for (i, target) in targets.iter().enumerate() {
                standard[(i, axis)] = (target[axis] - scale.mean) / scale.sd;
            }
        }
        let weights = factor.solve(&standard);
        let half_log_determinant: f64 = factor.l_dirty().diagonal().iter().map(|x| x.ln()).sum();
        let mut evidence = 0.0;
        for (axis, scale) in scales.iter_mut().enumerate() {
            scale.signal = (standard.column(axis).dot(&weights.column(axis)) / n.max(1) as f64).max(1e-9);
            evidence -= 0.5 * n as f64 * scale.signal.ln() + half_log_determinant;
        }
        Ok(Self { kernel, squares: squares(&inputs), inputs, factor, weights, scales, evidence })
    }

    /// Mean and variance of both targets for a row of features; the variance contains the noise.
    pub fn predict(&self, row: &[f64]) -> ([f64; 2], [f64; 2]) {
        let x = DVector::from_column_slice(row);
        let width = row.len().max(1) as f64;
        let mut k = &self.inputs * &x;
        let square = x.norm_squared();
        for (value, own) in k.iter_mut().zip(&self.squares) {
            *value = self.kernel.at((own + square - 2.0 * *value) / width);
        }
        let standard = self.weights.tr_mul(&k);
        // The factor's diagonal is positive, so that the triangular system always has a solution.
        let explained =
            if self.factor.l_dirty().solve_lower_triangular_mut(&mut k) { k.norm_squared() } else { 0.0 };
        let open = (1.0 + self.kernel.noise - explained).max(self.kernel.noise);
        let of = |axis: usize| {
            let scale = &self.scales[axis];
            (scale.mean + scale.sd * standard[axis], scale.sd.powi(2) * scale.signal * open)
        };
        let (v, a) = (of(0), of(1));
        ([v.0, a.0], [v.1, a.1])
    }
}

/// The kernel of the grid with the highest evidence.
///
/// # Errors
/// `Singular` where no kernel of the grid can be factored.
pub fn choose(
    grid: &[Kernel],
    inputs: &DMatrix<f64>,
    between: &DMatrix<f64>,
    targets: &[[f64; 2]],
) -> Result<Process, ModelError> {
    let mut best: Option<Process> = None;
    for &kernel in grid {
        let Ok(process) = Process::fit(kernel, inputs.clone(), between, targets) else { continue };
        if best.as_ref().is_none_or(|b| process.evidence > b.evidence) {
            best = Some(process);
        }
    }
    best.ok_or(ModelError::Singular)
}

impl Process {
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }
}
