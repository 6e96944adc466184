//! The stage `faces`: a folder of pictures -> the tables `portraits` and `faces` and a folder of aligned crops.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use rayon::prelude::*;
use serde::Serialize;

use super::detect::{Detectors, Face};
use super::expression::Expression;
use super::{Limits, look};
use crate::affect::Estimate;
use crate::batch::{Input, Stage};
use crate::tables::{FaceRow, Footer, PortraitRow, Status, TableError, atomic, fingerprint, parquet};

/// Version of the computation: another one makes every row anew.
const STAGE_VERSION: u32 = 1;
/// The detectors, whose files set-up pins by their hashes.
const DETECTORS: &str = "yunet-2023mar centerface";
/// Quality of the crops' JPEG files, 1 to 100: no visible loss at 224 pixels.
const CROP_QUALITY: u8 = 92;

/// Detects, aligns, crops and reads the faces of pictures.
pub struct Faces {
    detectors: Detectors,
    expression: Expression,
    limits: Limits,
    crops: PathBuf,
    model: String,
}

/// What the rows depend on besides the files and the models.
#[derive(Serialize)]
struct Settings {
    max_bytes: u64,
    max_pixels: u64,
    min_side: u32,
}

impl Faces {
    /// A stage that writes its crops below a run's folder.
    pub fn new(detectors: Detectors, expression: Expression, limits: Limits, run: &Path) -> Self {
        let model = expression.name();
        Self { detectors, expression, limits, crops: run.join("crops"), model }
    }

    /// `cpu` or `cuda`.
    pub fn device(&self) -> String {
        self.expression.device().to_owned()
    }

    /// A crop's path relative to the run's folder. Named by content, so that equal pictures share it.
    fn crop_path(id: &str, index: usize) -> String {
        format!("crops/{}/{id}-{index}.jpg", &id[..2])
    }

    fn write_crop(&self, crop: &RgbImage, relative: &str) -> std::io::Result<()> {
        let mut bytes = Vec::with_capacity(32 << 10);
        crop.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, CROP_QUALITY))
            .map_err(std::io::Error::other)?;
        let path = self.crops.join(Path::new(relative).strip_prefix("crops").unwrap_or(Path::new(relative)));
        atomic::write_unsynced(&path, &bytes)
    }

    fn find(&self, input: &Input) -> Result<SeenPortrait, Failure> {
        let id = fingerprint::file_id(&input.path)
            .map_err(|error| Failure::new(Status::IoError, "unreadable", input.sentence(&error)))?;
        let row = PortraitRow {
            portrait_id: Some(id.clone()),
            path: input.relative.clone(),
            ..PortraitRow::default()
        };
        let seen = match look(&input.path, &self.limits, &self.detectors) {
            Ok(seen) => seen,
            Err(error) => {
                let status = error.status().parse().unwrap_or(Status::DecodeError);
                let failure = Failure::new(status, error.kind(), input.sentence(&error));
                return Ok(SeenPortrait { row: failure.fill(row), faces: Vec::new() });
            }
        };
        let mut faces = Vec::with_capacity(seen.faces.len());
        for (index, (face, crop)) in seen.faces.into_iter().zip(seen.crops).enumerate() {
            let crop_path = Self::crop_path(&id, index);
            self.write_crop(&crop, &crop_path).map_err(|error| {
                Failure::new(
                    Status::IoError,
                    "crop_not_written",
                    format!("{crop_path} cannot be written: {error}"),
                )
            })?;
            faces.push(SeenFace { face, crop, crop_path });
        }
        let mut row = PortraitRow {
            width: Some(seen.width),
            height: Some(seen.height),
            faces: faces.len() as u32,
            status: if faces.is_empty() { Status::NoFace } else { Status::Ok },
            ..row
        };
        if seen.partial {
            row.status = Status::Partial;
            row.error_kind = Some("truncated".into());
            row.error =
                Some("the file ends before the picture does: copy it again from where it came".into());
        }
        Ok(SeenPortrait { row, faces })
    }
}

/// What the detector leaves of a picture.
pub struct SeenPortrait {
    row: PortraitRow,
    faces: Vec<SeenFace>,
}

struct SeenFace {
    face: Face,
    crop: RgbImage,
    crop_path: String,
}

/// The rows of a picture.
pub struct PortraitRows {
    portrait: PortraitRow,
    faces: Vec<FaceRow>,
}

/// Why a picture gave nothing, as its row says it.
struct Failure {
    status: Status,
    kind: String,
    sentence: String,
}

impl Failure {
    fn new(status: Status, kind: &str, sentence: String) -> Self {
        Self { status, kind: kind.to_owned(), sentence }
    }

    fn fill(self, row: PortraitRow) -> PortraitRow {
        PortraitRow { status: self.status, error_kind: Some(self.kind), error: Some(self.sentence), ..row }
    }
}

impl Stage for Faces {
    type Seen = SeenPortrait;
    type Rows = PortraitRows;
    const NAME: &'static str = "faces";
    const GROUP: usize = 256;

    fn accepts(&self, extension: &str) -> bool {
        matches!(extension, "jpg" | "jpeg" | "jpe" | "jfif" | "png" | "webp" | "tif" | "tiff" | "gif" | "bmp")
    }

    fn sniffs(&self, head: &[u8]) -> bool {
        image::guess_format(head).is_ok()
    }

    fn footer(&self) -> Footer {
        let Limits { max_bytes, max_pixels, min_side } = self.limits;
        Footer {
            stage_version: STAGE_VERSION,
            settings: fingerprint::settings_id(&Settings { max_bytes, max_pixels, min_side }),
            model: format!("{} {}", DETECTORS, self.model),
            device: format!("{} f32", self.device()),
            more: BTreeMap::new(),
        }
    }

    fn analyse(&self, input: &Input) -> SeenPortrait {
        self.find(input).unwrap_or_else(|failure| {
            let row = PortraitRow { path: input.relative.clone(), ..PortraitRow::default() };
            SeenPortrait { row: failure.fill(row), faces: Vec::new() }
        })
    }

    fn crashed(&self, input: &Input, message: &str) -> SeenPortrait {
        let sentence =
            format!("the program failed on this picture: {message}. Save it anew in a picture editor");
        let row = PortraitRow { path: input.relative.clone(), ..PortraitRow::default() };
        SeenPortrait { row: Failure::new(Status::Crashed, "panic", sentence).fill(row), faces: Vec::new() }
    }

    fn infer(&self, seen: Vec<SeenPortrait>) -> Result<Vec<PortraitRows>, String> {
        let crops: Vec<&RgbImage> =
            seen.iter().flat_map(|portrait| portrait.faces.iter().map(|face| &face.crop)).collect();
        let batches: Vec<Vec<Estimate>> = crops
            .par_chunks(self.expression.batch_size())
            .map(|batch| self.expression.estimate(batch).map_err(|error| error.to_string()))
            .collect::<Result<_, _>>()?;
        let mut estimates = batches.into_iter().flatten();
        let mut rows = Vec::with_capacity(seen.len());
        for portrait in seen {
            let id = portrait.row.portrait_id.clone().unwrap_or_default();
            let mut faces = Vec::with_capacity(portrait.faces.len());
            for (index, seen) in portrait.faces.into_iter().enumerate() {
                let estimate = estimates.next().ok_or("the network gave too few estimates")?;
                let SeenFace { face, crop_path, .. } = seen;
                faces.push(FaceRow {
                    portrait_id: id.clone(),
                    path: portrait.row.path.clone(),
                    face_index: index as u32,
                    is_primary: index == 0,
                    x: face.x,
                    y: face.y,
                    width: face.width,
                    height: face.height,
                    score: face.score,
                    landmarks: Some(Box::new(face.landmarks)),
                    crop_path,
                    estimate: (&estimate).into(),
                    model: self.model.clone(),
                });
            }
            rows.push(PortraitRows { portrait: portrait.row, faces });
        }
        Ok(rows)
    }

    fn status(rows: &PortraitRows) -> Status {
        rows.portrait.status
    }

    fn write(
        &self,
        run: &Path,
        bucket: u32,
        rows: &[PortraitRows],
        footer: &Footer,
    ) -> Result<(), TableError> {
        let faces: Vec<&FaceRow> = rows.iter().flat_map(|rows| &rows.faces).collect();
        parquet::write_part(&parquet::part_path::<FaceRow>(run, bucket), &faces, footer)?;
        let portraits: Vec<&PortraitRow> = rows.iter().map(|rows| &rows.portrait).collect();
        parquet::write_part(&parquet::part_path::<PortraitRow>(run, bucket), &portraits, footer)
    }

    fn read(&self, run: &Path, bucket: u32, footer: &Footer) -> Option<BTreeMap<String, PortraitRows>> {
        let portraits = parquet::read_current::<PortraitRow>(run, bucket, footer)?;
        let faces = parquet::read_current::<FaceRow>(run, bucket, footer)?;
        let rows =
            |portrait: PortraitRow| (portrait.path.clone(), PortraitRows { portrait, faces: Vec::new() });
        let mut read: BTreeMap<String, PortraitRows> = portraits.into_iter().map(rows).collect();
        for face in faces {
            if let Some(rows) = read.get_mut(&face.path) {
                rows.faces.push(face);
            }
        }
        // Parts of two different moments, after a kill between them: such a picture is looked at again.
        read.retain(|_, rows| rows.portrait.faces as usize == rows.faces.len());
        Some(read)
    }

    fn is_current(&self, run: &Path, bucket: u32, footer: &Footer) -> bool {
        parquet::is_current::<PortraitRow>(run, bucket, footer)
            && parquet::is_current::<FaceRow>(run, bucket, footer)
    }

    fn remove(&self, run: &Path, bucket: u32) -> std::io::Result<()> {
        parquet::remove::<PortraitRow>(run, bucket)?;
        parquet::remove::<FaceRow>(run, bucket)
    }
}
