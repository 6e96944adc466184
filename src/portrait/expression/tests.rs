//! Training, resuming and asking a network that has hardly learnt anything.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use image::RgbImage;
use tch::nn::VarStore;
use tch::{Device, Tensor};

use super::*;
use crate::datasets::faces::PIXELS;

/// libtorch's generator is one for the whole process: two trainings at once would draw from each other's.
fn alone() -> MutexGuard<'static, ()> {
    static TRAINING: Mutex<()> = Mutex::new(());
    TRAINING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Weights to start from, as an ImageNet file has them: no heads.
fn write_init(folder: &Path) -> PathBuf {
    tch::manual_seed(5);
    let store = VarStore::new(Device::Cpu);
    let _network = network::Network::new(&store.root(), 0.0);
    let features: HashMap<String, Tensor> =
        store.variables().into_iter().filter(|(name, _)| name.starts_with("features.")).collect();
    let path = folder.join("init.safetensors");
    weights::write(&path, &features, &"ImageNet").unwrap();
    path
}

/// Ten training faces and four to validate on, light ones happy and dark ones sad.
fn write_faces(folder: &Path) -> PathBuf {
    let mut text = "emotion,pixels,Usage\n".to_owned();
    for i in 0..14 {
        let (emotion, level) = if i % 2 == 0 { (3, 150) } else { (4, 50) };
        let pixels: Vec<String> = (0..PIXELS).map(|p| (level + (p + i) % 40).to_string()).collect();
        let usage = if i < 10 { "Training" } else { "PublicTest" };
        text += &format!("{emotion},{},{usage}\n", pixels.join(" "));
    }
    let path = folder.join("fer2013.csv");
    std::fs::write(&path, text).unwrap();
    let mut votes =
        "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
            .to_owned();
    for i in 0..14 {
        let usage = if i < 10 { "Training" } else { "PublicTest" };
        votes += &format!("{usage},{i}.png,1,{},0,{},0,0,0,0,0,0\n", 9 * ((i + 1) % 2), 9 * (i % 2));
    }
    std::fs::write(folder.join("fer2013new.csv"), votes).unwrap();
    path
}

fn settings(folder: &Path, out: &str, epochs: usize) -> TrainSettings {
    let text = format!(
        "faces = {faces:?}\ninit = {init:?}\nout = {out:?}\nresume = true\ninput_px = 32\nbatch = 4\n\
         [schedule]\nkind = \"plateau\"\nepochs = {epochs}\n",
        faces = write_faces(folder),
        init = write_init(folder),
        out = folder.join(out),
    );
    toml::from_str(&text).unwrap()
}

fn bytes(path: &Path) -> Vec<(String, Vec<f32>)> {
    let mut all: Vec<_> = weights::read(path)
        .unwrap()
        .tensors
        .into_iter()
        .map(|(name, tensor)| (name, Vec::<f32>::try_from(&tensor.flatten(0, -1)).unwrap()))
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

#[test]
fn a_resumed_run_is_the_run_that_was_not_broken_off() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let mut seen = Vec::new();
    let whole = settings(folder.path(), "whole", 2);
    let outcome = train(&whole, &mut |row| seen.push(row.epoch)).unwrap();
    assert_eq!((outcome.faces, outcome.history.len(), seen), (10, 2, vec![1, 2]));
    train(&settings(folder.path(), "parts", 1), &mut |_| ()).unwrap();
    let parts = settings(folder.path(), "parts", 2);
    let resumed = train(&parts, &mut |_| ()).unwrap();
    let last = |rows: &[EpochReport]| rows.last().map(|r| (r.epoch, r.train_loss, r.loss));
    assert_eq!(last(&resumed.history), last(&outcome.history));
    assert_eq!(bytes(&checkpoint::last(&whole.out)), bytes(&checkpoint::last(&parts.out)));

    let other = TrainSettings { seed: 3, ..parts };
    let error = train(&other, &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("another `seed`"), "{error}");
}

#[test]
fn a_model_says_the_same_of_a_face_whatever_its_company() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let run = train(&settings(folder.path(), "run", 1), &mut |_| ()).unwrap();
    let path = folder.path().join("model.safetensors");
    assert_ne!(Expression::load(&run.model).unwrap().description().calibration, Calibration::default());
    export(&run.best, Calibration { class_temperature: 2.0, ..Calibration::default() }, &path).unwrap();
    let model = Expression::load_on(&path, Device::Cpu).unwrap();
    assert_eq!(model.description().calibration.class_temperature, 2.0);

    let crops: Vec<RgbImage> = (0..21u32)
        .map(|i| {
            RgbImage::from_fn(224, 224, |x, y| {
                image::Rgb([((x * i + y * 3) % 256) as u8, (y % 256) as u8, 90])
            })
        })
        .collect();
    let forward: Vec<&RgbImage> = crops.iter().collect();
    let backward: Vec<&RgbImage> = crops.iter().rev().collect();
    let together = model.read(&forward).unwrap();
    let mut reversed = model.read(&backward).unwrap();
    reversed.reverse();
    assert_eq!(together, reversed);
    let alone: Vec<Reading> = forward.iter().flat_map(|crop| model.read(&[crop]).unwrap()).collect();
    assert_eq!(together, alone);
    let on_threads: Vec<Reading> = {
        use rayon::prelude::*;
        forward.par_iter().map(|crop| model.read(&[crop]).unwrap()[0]).collect()
    };
    assert_eq!(together, on_threads);
    assert_ne!(together[0], together[1]);
    assert!(together.iter().all(|r| (r.estimate.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5));
}

#[test]
fn folding_batch_normalisation_changes_nothing() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let run = train(&settings(folder.path(), "run", 1), &mut |_| ()).unwrap();
    let store = VarStore::new(Device::Cpu);
    let plain = network::Network::new(&store.root(), 0.0);
    weights::read(&run.best).unwrap().copy_into(&run.best, "", &store.variables(), |_| true).unwrap();
    let grey: Vec<f32> = (0..2 * 32 * 32).map(|i| (i % 97) as f32 / 97.0).collect();
    let x = network::input(&grey, 32, Device::Cpu);
    let expected = tch::no_grad(|| plain.forward(&x, false));
    let folded = folded::Folded::new(plain).forward(&x);
    for (a, b) in [(&expected.labels, &folded.labels), (&expected.plane, &folded.plane)] {
        assert!((a - b).abs().max().double_value(&[]) < 1e-4);
    }
}

#[test]
fn a_file_of_something_else_is_named() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let path = folder.path().join("x.safetensors");
    std::fs::write(&path, b"not weights").unwrap();
    let error = Expression::load(&path).err().unwrap().to_string();
    assert!(error.contains("x.safetensors") && error.contains("no safetensors"), "{error}");
    let init = write_init(folder.path());
    assert!(Expression::load(&init).err().unwrap().to_string().contains("not written by this program"));
    let missing = folder.path().join("missing.safetensors");
    assert!(Expression::load(&missing).err().unwrap().to_string().contains("cannot read"));
}

#[test]
fn settings_are_checked() {
    let (_alone, folder) = (alone(), tempfile::tempdir().unwrap());
    let good = settings(folder.path(), "out", 1);
    assert!(good.check().is_ok());
    let bad = TrainSettings { input_px: 50, ..good.clone() };
    assert!(bad.check().unwrap_err().to_string().contains("multiple of 32"));
    assert!(toml::from_str::<TrainSettings>("faces='a'\ninit='b'\nout='c'\nepoch=3").is_err());
    let shipped = include_str!("../../../pipelines/train-expression.toml");
    let shipped: TrainSettings = toml::from_str(shipped).unwrap();
    assert_eq!(shipped.optimizer, settings::OptimizerSettings::default());
    assert_eq!(shipped.augment, settings::AugmentSettings::default());
    let runaway = TrainSettings {
        optimizer: settings::OptimizerSettings { learning_rate: 1e30, ..good.optimizer.clone() },
        schedule: settings::Schedule { epochs: 3, warmup_epochs: 0.0, ..good.schedule.clone() },
        ..good
    };
    let error = train(&runaway, &mut |_| ()).unwrap_err().to_string();
    assert!(error.contains("lower `learning_rate`"), "{error}");
}
