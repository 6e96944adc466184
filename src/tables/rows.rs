//! The rows of every table. The names are a contract: more columns may follow, none of these changes.

use super::Status;
use super::cell::Vector;
use super::record::{columns, table};
use crate::affect::{Class, Estimate, Point};

/// How many numbers the `features` column of `songs` holds.
pub const FEATURE_COUNT: usize = 220;

columns! {
    /// An estimate of emotion, as ten columns and a correlation; all null where there is none.
    pub struct EstimateColumns {
        /// The most probable class: q1, q2, q3, q4 or neutral.
        class: Option<Class>,
        /// Probability of Q1 (pleasant, excited: elated), 0 to 1; the five sum to 1.
        p_q1: Option<f32>,
        /// Probability of Q2 (unpleasant, excited: agitated), 0 to 1.
        p_q2: Option<f32>,
        /// Probability of Q3 (unpleasant, calm: sad), 0 to 1.
        p_q3: Option<f32>,
        /// Probability of Q4 (pleasant, calm: serene), 0 to 1.
        p_q4: Option<f32>,
        /// Probability of neutral, 0 to 1.
        p_neutral: Option<f32>,
        /// Mean valence, unpleasant -1 to pleasant 1.
        valence: Option<f32>,
        /// Mean arousal, calm -1 to excited 1.
        arousal: Option<f32>,
        /// Standard deviation of the valence.
        valence_sd: Option<f32>,
        /// Standard deviation of the arousal.
        arousal_sd: Option<f32>,
        /// Correlation of the errors of valence and arousal, -1 to 1.
        va_correlation: Option<f32>,
    }
}

impl From<&Estimate> for EstimateColumns {
    fn from(estimate: &Estimate) -> Self {
        let [p_q1, p_q2, p_q3, p_q4, p_neutral] = estimate.probabilities.map(Some);
        Self {
            class: Some(estimate.class()),
            p_q1,
            p_q2,
            p_q3,
            p_q4,
            p_neutral,
            valence: Some(estimate.mean.valence),
            arousal: Some(estimate.mean.arousal),
            valence_sd: Some(estimate.valence_sd),
            arousal_sd: Some(estimate.arousal_sd),
            va_correlation: Some(estimate.correlation),
        }
    }
}

impl EstimateColumns {
    /// The estimate that the columns hold, where none of them is null and each is a finite number.
    pub fn estimate(&self) -> Option<Estimate> {
        let finite = |x: Option<f32>| x.filter(|x| x.is_finite());
        Some(Estimate {
            mean: Point::new(finite(self.valence)?, finite(self.arousal)?),
            valence_sd: finite(self.valence_sd)?,
            arousal_sd: finite(self.arousal_sd)?,
            correlation: finite(self.va_correlation)?,
            probabilities: [
                finite(self.p_q1)?,
                finite(self.p_q2)?,
                finite(self.p_q3)?,
                finite(self.p_q4)?,
                finite(self.p_neutral)?,
            ],
        })
    }
}

columns! {
    /// An image file, good or bad.
    pub struct PortraitRow {
        /// First 16 hex digits of BLAKE3 of the file's bytes; null where it could not be read.
        portrait_id: Option<String>,
        /// Path relative to the folder given; bytes that are not UTF-8 are percent-encoded.
        path: String,
        /// Width in pixels, upright; null where unknown.
        width: Option<u32>,
        /// Height in pixels, upright; null where unknown.
        height: Option<u32>,
        /// How many faces were found.
        faces: u32,
        /// ok, no_face, too_small, partial, decode_error, unsupported, too_large, timed_out, crashed or io_error.
        status: Status,
        /// The kind of error in one word, for grouping; null where all is well.
        error_kind: Option<String>,
        /// What happened and what to do, in a sentence; null where all is well.
        error: Option<String>,
    }
}
table!(PortraitRow, "portraits", version 1, made by "faces", a row is "an image file, good or bad");

columns! {
    /// A face in a picture.
    pub struct FaceRow {
        /// The picture's id, as in `portraits`.
        portrait_id: String,
        /// The picture's path, as in `portraits`.
        path: String,
        /// Place among the picture's faces by descending score, from 0.
        face_index: u32,
        /// Whether it is the face of highest score.
        is_primary: bool,
        /// Left edge of the box, pixels of the upright original.
        x: f32,
        /// Top edge of the box, pixels of the upright original.
        y: f32,
        /// Width of the box, pixels of the upright original.
        width: f32,
        /// Height of the box, pixels of the upright original.
        height: f32,
        /// The detector's confidence, 0 to 1.
        score: f32,
        /// x and y of the sitter's right eye, left eye, nose, right and left mouth corner; pixels. The sitter's right is the picture's left.
        landmarks: Option<Vector<10>>,
        /// The aligned crop, relative to the run's folder.
        crop_path: String,
        /// The estimate.
        estimate: EstimateColumns,
        /// Name and hash of the network that made the estimate.
        model: String,
    }
}
table!(FaceRow, "faces", version 1, made by "faces", a row is "a face in a picture");

columns! {
    /// An audio file, good or bad.
    pub struct SongRow {
        /// First 16 hex digits of BLAKE3 of the file's bytes; null where it could not be read.
        song_id: Option<String>,
        /// Path relative to the folder given; bytes that are not UTF-8 are percent-encoded.
        path: String,
        /// The data set, or `folder`.
        dataset: String,
        /// Title, from the data set or the file's tags, as written there.
        title: Option<String>,
        /// Artist, from the data set or the file's tags, as written there.
        artist: Option<String>,
        /// Album, from the data set or the file's tags, as written there.
        album: Option<String>,
        /// Duration in seconds.
        duration_s: Option<f32>,
        /// Sample rate of the file, Hz.
        sample_rate_hz: Option<u32>,
        /// Channels of the file.
        channels: Option<u32>,
        /// Tempo in beats a minute.
        tempo_bpm: Option<f32>,
        /// Key, such as `A minor`.
        key: Option<String>,
        /// Integrated loudness by EBU R128, LUFS.
        loudness_lufs: Option<f32>,
        /// Where the excerpt that fits best starts, seconds; null where the whole clip is meant.
        excerpt_start_s: Option<f32>,
        /// The features; their names stand in the file's footer under `feature_names`.
        features: Option<Vector<FEATURE_COUNT>>,
        /// Version of the features: equal versions can be compared.
        feature_version: u32,
        /// The data set's valence mapped to -1..1; null where it has none.
        annotated_valence: Option<f32>,
        /// The data set's arousal mapped to -1..1; null where it has none.
        annotated_arousal: Option<f32>,
        /// The data set's class; null where it has none.
        annotated_class: Option<Class>,
        /// The data set's own words.
        annotated_raw: Option<String>,
        /// The estimate; out of fold for songs that the model was trained on.
        estimate: EstimateColumns,
        /// Name and hash of the regressor that made the estimate.
        model: String,
        /// ok, partial, decode_error, unsupported, too_large, silent, too_short, timed_out, crashed or io_error.
        status: Status,
        /// The kind of error in one word, for grouping; null where all is well.
        error_kind: Option<String>,
        /// What happened and what to do, in a sentence; null where all is well.
        error: Option<String>,
    }
}
table!(SongRow, "songs", version 1, made by "songs", a row is "an audio file, good or bad");

columns! {
    /// A portrait and one of its songs.
    pub struct PairingRow {
        /// The portrait, as in `portraits`.
        portrait_id: String,
        /// The face that was paired, as in `faces`.
        face_index: u32,
        /// Place among the portrait's songs, from 1.
        rank: u32,
        /// The song, as in `songs`.
        song_id: String,
        /// Root of the expected squared distance on the plane on which the pairing was made, at least 0.
        distance: f32,
        /// exp(-distance / 0.5): 0 to 1, higher is closer.
        score: f32,
        /// The face's class.
        portrait_class: Option<Class>,
        /// The song's class.
        song_class: Option<Class>,
        /// The face's valence in standard deviations of all faces.
        portrait_valence_z: f32,
        /// The face's arousal in standard deviations of all faces.
        portrait_arousal_z: f32,
        /// The song's valence in standard deviations of all songs.
        song_valence_z: f32,
        /// The song's arousal in standard deviations of all songs.
        song_arousal_z: f32,
        /// Why this song, in a sentence.
        why: String,
        /// Whether the curator pinned it.
        locked: bool,
        /// nearest, assign or transport.
        method: String,
    }
}
table!(PairingRow, "pairings", version 1, made by "pair", a row is "a portrait and one of its songs");

columns! {
    /// A run of a stage: the only table with times in it.
    pub struct RunRow {
        /// The run's id: its start, its stage and the process that ran it.
        run_id: String,
        /// faces, songs, pair or exhibit.
        stage: String,
        /// When it started, RFC 3339, UTC.
        started_at: String,
        /// How long it took, seconds.
        seconds: f64,
        /// Files looked at.
        inputs: u64,
        /// Files that gave a result in this run.
        ok: u64,
        /// Files that failed in this run.
        failed: u64,
        /// Files whose rows were there already.
        skipped: u64,
        /// cpu or cuda.
        device: String,
        /// Threads of the pool.
        threads: u32,
        /// The settings as JSON.
        settings: String,
        /// Version of the program.
        tool_version: String,
    }
}
table!(RunRow, "runs", version 1, made by "run", a row is "a run of a stage");

columns! {
    /// An epoch of a training.
    pub struct HistoryRow {
        /// From 1.
        epoch: u32,
        /// The learning rate at the epoch's end.
        learning_rate: f64,
        /// Mean loss over the training set, augmented.
        train_loss: f64,
        /// Share of the training set that is right, augmented, 0 to 1.
        train_accuracy: f64,
        /// Mean loss over the validation set.
        validation_loss: f64,
        /// Share of the validation set that is right, seven emotions, 0 to 1.
        validation_accuracy: f64,
        /// Share of the validation set that is right, four classes, 0 to 1; the best epoch has the highest.
        four_class_accuracy: f64,
        /// Unweighted mean of the four classes' F1 on the validation set, 0 to 1.
        four_class_f1: f64,
        /// Seconds.
        seconds: f64,
        /// Whether these weights were the best so far.
        best: bool,
    }
}
table!(HistoryRow, "history", version 1, made by "train expression", a row is "an epoch of a training");

columns! {
    /// A figure of an evaluation, in the long form: one measure of one model on one set.
    pub struct FigureRow {
        /// The model that was measured.
        model: String,
        /// The data set and split, such as `fer2013/PrivateTest` or `4q`.
        set: String,
        /// The fold, or `all`.
        fold: String,
        /// What the figure is about: a class, an axis, or `all`.
        subject: String,
        /// The measure, such as `accuracy`, `macro_f1`, `r2`, `ccc`, `ece`.
        measure: String,
        /// The figure.
        value: f64,
        /// Lower end of its 95 % interval; null where none was computed.
        low: Option<f64>,
        /// Upper end of its 95 % interval; null where none was computed.
        high: Option<f64>,
        /// How many rows went into it.
        count: u64,
    }
}
table!(FigureRow, "figures", version 1, made by "evaluate", a row is "a figure of an evaluation");

impl Default for Status {
    /// A row that nobody filled in says that it was not read.
    fn default() -> Self {
        Self::IoError
    }
}
