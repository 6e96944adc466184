//! `promenade doctor`: what is installed, which device, which models, and the remedy for each fault.

use std::path::Path;

use super::{Common, Outcome};
use crate::locate;
use crate::music::regressor::Model;
use crate::portrait::detect::Detectors;
use crate::portrait::expression::Expression;

/// One thing that is looked at.
struct Check {
    name: &'static str,
    /// What was found, or what is wrong and what to do.
    found: Result<String, String>,
}

impl Check {
    fn new(name: &'static str, found: Result<String, impl std::fmt::Display>) -> Self {
        Self { name, found: found.map_err(|error| error.to_string()) }
    }
}

pub fn run(common: &Common) -> anyhow::Result<Outcome> {
    let checks = [
        Check::new("promenade", Ok::<_, String>(env!("CARGO_PKG_VERSION").to_owned())),
        Check::new("processor", Ok::<_, String>(processor())),
        Check::new("cuda", Ok::<_, String>(cuda())),
        Check::new("onnxruntime", locate::onnxruntime().map(|path| path.display().to_string())),
        Check::new("detectors", Detectors::open().map(|_| "YuNet and CenterFace run".to_owned())),
        Check::new("expression", expression()),
        Check::new("music", music()),
        Check::new("cache", cache()),
    ];
    let faults = checks.iter().filter(|check| check.found.is_err()).count();
    if common.json {
        let report: serde_json::Map<String, serde_json::Value> = checks
            .iter()
            .map(|check| {
                let (ok, text) = match &check.found {
                    Ok(text) => (true, text),
                    Err(text) => (false, text),
                };
                (check.name.to_owned(), serde_json::json!({ "ok": ok, "text": text }))
            })
            .collect();
        println!("{}", serde_json::Value::Object(report));
    } else {
        for check in &checks {
            match &check.found {
                Ok(text) => println!("ok    {:<12} {text}", check.name),
                Err(text) => println!("FAULT {:<12} {text}", check.name),
            }
        }
    }
    if faults > 0 {
        anyhow::bail!("{faults} of {} things need mending: see the lines marked FAULT", checks.len());
    }
    Ok(Outcome::AllGood)
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = info.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(':')?.1.trim().to_owned())
    };
    let model = field("model name").unwrap_or_else(|| "unknown".into());
    let flags = field("flags").unwrap_or_default();
    let known = ["avx2", "avx512f", "avx512_bf16"];
    let has: Vec<_> = known.into_iter().filter(|flag| flags.split(' ').any(|found| found == *flag)).collect();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores, {}", if has.is_empty() { "no AVX2".into() } else { has.join(" ") })
}

fn cuda() -> String {
    if tch::Cuda::is_available() {
        format!("{} devices; faces are read there", tch::Cuda::device_count())
    } else {
        "none; faces are read on the processor (`make setup-cuda` tells how to use a GPU)".into()
    }
}

fn expression() -> Result<String, String> {
    let path = locate::model("expression.safetensors").map_err(|error| error.to_string())?;
    let expression = Expression::load(&path).map_err(|error| error.to_string())?;
    Ok(format!("{} on {}, from {}", expression.name(), expression.device(), path.display()))
}

fn music() -> Result<String, String> {
    let path = locate::model("music.safetensors").map_err(|error| error.to_string())?;
    let model = Model::load(&path).map_err(|error| error.to_string())?;
    Ok(format!("{}, from {}", model.name(), path.display()))
}

fn cache() -> Result<String, String> {
    let folder = locate::cache_dir().ok_or("no folder: set PROMENADE_CACHE or HOME")?;
    if !Path::new(&folder).is_dir() {
        return Err(format!("{} is not there: run `make setup`", folder.display()));
    }
    Ok(folder.display().to_string())
}
