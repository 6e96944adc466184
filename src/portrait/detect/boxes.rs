//! Boxes: overlap, suppression of doubles, the picture's edge.

use super::Face;

/// Two boxes that overlap by more than this show one face (the value of YuNet's and CenterFace's authors).
const SAME_FACE_IOU: f32 = 0.3;

/// Intersection over union, 0 to 1; 0 where both are empty.
pub fn iou(a: &Face, b: &Face) -> f32 {
    let width = (a.x + a.width).min(b.x + b.width) - a.x.max(b.x);
    let height = (a.y + a.height).min(b.y + b.height) - a.y.max(b.y);
    let both = width.max(0.0) * height.max(0.0);
    let either = a.width * a.height + b.width * b.height - both;
    if either > 0.0 { both / either } else { 0.0 }
}

/// Of boxes that show one face keeps the best; best first, of equals the one that came first.
pub fn suppress(mut faces: Vec<Face>) -> Vec<Face> {
    faces.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Face> = Vec::new();
    for face in faces {
        if kept.iter().all(|better| iou(better, &face) <= SAME_FACE_IOU) {
            kept.push(face);
        }
    }
    kept
}

/// Cuts the boxes to a picture of this size; those of which less than a pixel each way is left fall out, and so do
/// those that are no numbers.
pub fn clip(faces: &mut Vec<Face>, width: f32, height: f32) {
    faces.retain_mut(|face| {
        let (right, bottom) = ((face.x + face.width).min(width), (face.y + face.height).min(height));
        (face.x, face.y) = (face.x.max(0.0), face.y.max(0.0));
        (face.width, face.height) = (right - face.x, bottom - face.y);
        // False for what is not a number.
        let finite = face.landmarks.iter().all(|value| value.is_finite());
        finite && face.width >= 1.0 && face.height >= 1.0 && face.score.is_finite()
    });
}

#[cfg(test)]
mod tests {
    use super::super::Step;
    use super::*;

    fn face(x: f32, y: f32, width: f32, height: f32, score: f32) -> Face {
        Face { x, y, width, height, score, landmarks: [0.0; 10], step: Step::Yunet320 }
    }

    #[test]
    fn overlap_of_known_boxes() {
        let a = face(0.0, 0.0, 10.0, 10.0, 1.0);
        assert_eq!(iou(&a, &a), 1.0);
        assert_eq!(iou(&a, &face(10.0, 0.0, 10.0, 10.0, 1.0)), 0.0);
        assert!((iou(&a, &face(5.0, 0.0, 10.0, 10.0, 1.0)) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!(iou(&face(0.0, 0.0, 0.0, 0.0, 1.0), &face(0.0, 0.0, 0.0, 0.0, 1.0)), 0.0);
    }

    #[test]
    fn of_doubles_the_best_stays() {
        let kept = suppress(vec![
            face(0.0, 0.0, 10.0, 10.0, 0.7),
            face(1.0, 0.0, 10.0, 10.0, 0.9),
            face(40.0, 0.0, 10.0, 10.0, 0.8),
        ]);
        assert_eq!(kept.iter().map(|face| face.score).collect::<Vec<_>>(), [0.9, 0.8]);
    }

    #[test]
    fn boxes_are_cut_to_the_picture() {
        let mut faces = vec![
            face(-5.0, -5.0, 20.0, 20.0, 1.0),
            face(95.0, 10.0, 20.0, 20.0, 1.0),
            face(100.0, 10.0, 20.0, 20.0, 1.0),
            face(f32::NAN, 0.0, 10.0, 10.0, 1.0),
            face(0.0, 0.0, f32::INFINITY, 10.0, 1.0),
        ];
        clip(&mut faces, 100.0, 50.0);
        let left: Vec<_> = faces.iter().map(|face| [face.x, face.y, face.width, face.height]).collect();
        assert_eq!(left[..2], [[0.0, 0.0, 15.0, 15.0], [95.0, 10.0, 5.0, 20.0]]);
        assert!(left.iter().all(|[x, y, w, h]| *x >= 0.0 && *y >= 0.0 && x + w <= 100.0 && y + h <= 50.0));
    }
}
