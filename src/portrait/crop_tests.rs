use super::super::detect::Step;
use super::*;

/// A face whose landmarks are the template, turned, enlarged and moved.
fn face(scale: f32, angle: f32, x: f32, y: f32) -> Face {
    let (sin, cos) = angle.sin_cos();
    let mut landmarks = [0.0; 10];
    for (i, [u, v]) in TEMPLATE.iter().enumerate() {
        landmarks[2 * i] = x + scale * (cos * (u - 24.0) - sin * (v - 24.0));
        landmarks[2 * i + 1] = y + scale * (sin * (u - 24.0) + cos * (v - 24.0));
    }
    let side = 42.0 * scale;
    let (x, y) = (x - side / 2.0, y - side / 2.0);
    Face { x, y, width: side, height: side, score: 0.9, landmarks, step: Step::Yunet320 }
}

/// A picture that is smooth and of another value at each place.
fn gradient(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let share = |at: u32, of: u32| (255 * at / of) as u8;
        image::Rgb([share(x, width), share(y, height), share(x + y, width + height)])
    })
}

#[test]
fn the_landmarks_come_to_lie_on_the_template() {
    for (scale, angle) in [(1.0, 0.0), (4.0, 0.4), (0.5, -0.7), (20.0, 1.2)] {
        let face = face(scale, angle, 300.0, 200.0);
        let frame = Frame::of(&face);
        for (i, [u, v]) in TEMPLATE.iter().enumerate() {
            let unit = SIDE as f32 / TEMPLATE_SIDE;
            let [x, y] = frame.at(u * unit, v * unit);
            let off = (x - face.landmarks[2 * i]).hypot(y - face.landmarks[2 * i + 1]);
            assert!(off < 1e-2 * scale, "{off} at scale {scale}, angle {angle}");
        }
    }
}

#[test]
fn useless_landmarks_leave_the_box() {
    let mut flat = face(3.0, 0.0, 100.0, 100.0);
    flat.landmarks = [100.0; 10];
    assert_eq!(Frame::of(&flat), Frame::by_box(&flat));
    let mut lost = face(3.0, 0.0, 100.0, 100.0);
    lost.landmarks = lost.landmarks.map(|value| value + 500.0);
    assert_eq!(Frame::of(&lost), Frame::by_box(&lost));
    let overturned = face(3.0, 3.0, 100.0, 100.0);
    assert_eq!(Frame::of(&overturned), Frame::by_box(&overturned));
    let mut none = face(3.0, 0.0, 100.0, 100.0);
    none.landmarks = [f32::NAN; 10];
    assert_eq!(Frame::of(&none), Frame::by_box(&none));
}

#[test]
fn a_crop_shows_the_picture_at_its_place() {
    let picture = gradient(1200, 1000);
    // Enlarged, about as it is, and shrunk by blocks.
    for scale in [2.0, 5.0, 11.0, 18.0] {
        let face = face(scale, 0.3, 600.0, 500.0);
        let crop = align(&picture, &face);
        let frame = Frame::of(&face);
        for (column, row) in [(10, 10), (112, 112), (200, 40), (30, 210)] {
            let [x, y] = frame.at(column as f32 + 0.5, row as f32 + 0.5);
            let expected = picture.get_pixel(x.clamp(0.0, 1199.0) as u32, y.clamp(0.0, 999.0) as u32);
            for (got, want) in crop.get_pixel(column, row).0.iter().zip(expected.0) {
                assert!(got.abs_diff(want) <= 2, "scale {scale}: {got} for {want}");
            }
        }
    }
}

#[test]
fn shrinking_covers_each_pixel() {
    // A chequered board has the same mean everywhere; samples of single pixels would show black and white.
    let board = RgbImage::from_fn(2000, 2000, |x, y| image::Rgb([if (x + y) % 2 == 0 { 0 } else { 255 }; 3]));
    let crop = align(&board, &face(24.0, 0.2, 1000.0, 1000.0));
    assert!(crop.as_raw().iter().all(|value| value.abs_diff(127) <= 30));
}

#[test]
fn the_edge_goes_on_outside() {
    let picture = RgbImage::from_pixel(40, 40, image::Rgb([7, 80, 200]));
    for place in [-1000.0, 0.0, 40.0, 1e9] {
        let crop = align(&picture, &face(3.0, 0.1, place, place));
        assert!(crop.pixels().all(|pixel| pixel.0 == [7, 80, 200]));
    }
}
