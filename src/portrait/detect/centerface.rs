//! What CenterFace's numbers mean.
//!
//! At a stride of 4 pixels: a heat map of faces' middles, the logarithm of the size in strides, the offset of the
//! middle in strides, and five landmarks as shares of the box. Each pair has y before x.

use super::letterbox::Input;
use super::session::Net;
use super::{DetectError, Face, Step};

const STRIDE: usize = 4;

/// The planes of the four outputs, row by row; those of several channels one after the other.
struct Maps<'a> {
    columns: usize,
    rows: usize,
    heat: &'a [f32],
    size: &'a [f32],
    offset: &'a [f32],
    points: &'a [f32],
}

/// The faces that CenterFace sees, doubles and all, in pixels of the original.
pub fn faces(net: &mut Net, input: &Input, step: Step) -> Result<Vec<Face>, DetectError> {
    let outputs = net.run(input, step)?;
    let (columns, rows) = (input.width / STRIDE, input.height / STRIDE);
    let cells = columns * rows;
    let maps = Maps {
        columns,
        rows,
        heat: outputs.get("537", cells)?,
        size: outputs.get("538", 2 * cells)?,
        offset: outputs.get("539", 2 * cells)?,
        points: outputs.get("540", 10 * cells)?,
    };
    Ok(maps.decode(step, input.scale))
}

impl Maps<'_> {
    fn decode(&self, step: Step, scale: f32) -> Vec<Face> {
        let cells = self.columns * self.rows;
        let pixels = STRIDE as f32 / scale;
        let above = self.heat.iter().enumerate().filter(|(_, score)| **score >= step.threshold());
        let face = |(cell, score): (usize, &f32)| {
            let plane = |planes: &[f32], channel: usize| planes[channel * cells + cell];
            let (column, row) = ((cell % self.columns) as f32, (cell / self.columns) as f32);
            let height = plane(self.size, 0).exp() * pixels;
            let width = plane(self.size, 1).exp() * pixels;
            let x = (column + plane(self.offset, 1) + 0.5) * pixels - width / 2.0;
            let y = (row + plane(self.offset, 0) + 0.5) * pixels - height / 2.0;
            // The shares count from the corner as cut to the picture, as in the authors' code.
            let (left, top) = (x.max(0.0), y.max(0.0));
            let mut landmarks = [0.0; 10];
            for i in 0..5 {
                landmarks[2 * i] = left + plane(self.points, 2 * i + 1) * width;
                landmarks[2 * i + 1] = top + plane(self.points, 2 * i) * height;
            }
            Face { x, y, width, height, score: score.min(1.0), landmarks, step }
        };
        above.map(face).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_decoded_where_it_lies() {
        // Two columns, two rows; the peak at column 1, row 1.
        let mut points = [0.0; 40];
        (points[3], points[7]) = (0.25, 0.5);
        let maps = Maps {
            columns: 2,
            rows: 2,
            heat: &[0.1, 0.2, f32::NAN, 0.8],
            size: &[0.0, 0.0, 0.0, 2f32.ln(), 0.0, 0.0, 0.0, 0.0],
            offset: &[0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.25],
            points: &points,
        };
        let faces = maps.decode(Step::CenterFace320, 0.5);
        let [face] = faces[..] else { panic!("one cell is above the threshold, not {faces:?}") };
        // A stride is 8 pixels of the original.
        assert_eq!((face.width, face.height, face.score), (8.0, 16.0, 0.8));
        assert_eq!((face.x, face.y), (1.75 * 8.0 - 4.0, 2.0 * 8.0 - 8.0));
        assert_eq!(face.landmarks[..2], [face.x + 0.5 * 8.0, face.y + 0.25 * 16.0]);
    }
}
