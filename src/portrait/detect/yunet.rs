//! What YuNet's numbers mean.
//!
//! At strides of 8, 16 and 32 pixels every cell of the grid proposes one face: two scores, a box and five landmarks,
//! all relative to the cell (no anchors). Decoded as OpenCV's `FaceDetectorYN` does.

use super::letterbox::Input;
use super::session::Net;
use super::{DetectError, Face, Step};

const STRIDES: [usize; 3] = [8, 16, 32];

/// The numbers of one stride, row by row of the grid.
struct Grid<'a> {
    stride: usize,
    columns: usize,
    /// Probability that it is a face, a cell.
    class: &'a [f32],
    /// Probability that there is something, a cell.
    object: &'a [f32],
    /// Middle from the cell's corner in strides, and logarithm of the size in strides; four a cell.
    boxes: &'a [f32],
    /// Five points from the cell's corner in strides; ten a cell.
    points: &'a [f32],
}

/// The faces that YuNet sees, doubles and all, in pixels of the original.
pub fn faces(net: &mut Net, input: &Input, step: Step) -> Result<Vec<Face>, DetectError> {
    let outputs = net.run(input, step)?;
    let mut faces = Vec::new();
    for stride in STRIDES {
        let cells = (input.width / stride) * (input.height / stride);
        let get = |what: &str, each: usize| outputs.get(&format!("{what}_{stride}"), each * cells);
        let grid = Grid {
            stride,
            columns: input.width / stride,
            class: get("cls", 1)?,
            object: get("obj", 1)?,
            boxes: get("bbox", 4)?,
            points: get("kps", 10)?,
        };
        grid.decode(step, input.scale, &mut faces);
    }
    Ok(faces)
}

impl Grid<'_> {
    fn decode(&self, step: Step, scale: f32, faces: &mut Vec<Face>) {
        let pixels = self.stride as f32 / scale;
        let cells = self.boxes.chunks_exact(4).zip(self.points.chunks_exact(10));
        let scores = self.class.iter().zip(self.object);
        for (cell, ((class, object), (offsets, points))) in scores.zip(cells).enumerate() {
            let score = (class.clamp(0.0, 1.0) * object.clamp(0.0, 1.0)).sqrt();
            if score.is_nan() || score < step.threshold() {
                continue;
            }
            let corner = [(cell % self.columns) as f32, (cell / self.columns) as f32];
            let (width, height) = (offsets[2].exp() * pixels, offsets[3].exp() * pixels);
            let mut landmarks = [0.0; 10];
            for (i, landmark) in landmarks.iter_mut().enumerate() {
                *landmark = (corner[i % 2] + points[i]) * pixels;
            }
            faces.push(Face {
                x: (corner[0] + offsets[0]) * pixels - width / 2.0,
                y: (corner[1] + offsets[1]) * pixels - height / 2.0,
                width,
                height,
                score,
                landmarks,
                step,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_decoded_where_it_lies() {
        // Cell 5 of three columns: column 2, row 1, of 16 pixels in a picture that was halved.
        let (mut class, mut object) = ([0.0; 6], [0.0; 6]);
        (class[5], object[5]) = (0.81, 1.2);
        let mut boxes = [0.0; 24];
        boxes[20..].copy_from_slice(&[0.5, 0.25, 2f32.ln(), 3f32.ln()]);
        let mut points = [0.0; 60];
        points[50..52].copy_from_slice(&[0.25, -0.5]);
        let grid =
            Grid { stride: 16, columns: 3, class: &class, object: &object, boxes: &boxes, points: &points };
        let mut faces = Vec::new();
        grid.decode(Step::Yunet320, 0.5, &mut faces);
        let [face] = faces[..] else { panic!("one cell is above the threshold, not {faces:?}") };
        let close = |a: f32, b: f32| (a - b).abs() < 1e-4;
        assert!(close(face.score, 0.9) && close(face.width, 64.0) && close(face.height, 96.0));
        assert!(close(face.x, 2.5 * 32.0 - 32.0) && close(face.y, 1.25 * 32.0 - 48.0));
        assert_eq!(face.landmarks[..4], [72.0, 16.0, 64.0, 32.0]);
    }

    #[test]
    fn what_is_not_a_number_is_no_face() {
        let nan = [f32::NAN; 10];
        let grid = Grid {
            stride: 8,
            columns: 1,
            class: &nan[..1],
            object: &nan[..1],
            boxes: &nan[..4],
            points: &nan,
        };
        let mut faces = Vec::new();
        grid.decode(Step::Yunet320, 1.0, &mut faces);
        assert!(faces.is_empty());
    }
}
