//! Names for bytes and for settings.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::Serialize;

/// The id of a file: the first 16 hexadecimal digits of BLAKE3 of its bytes.
pub fn file_id(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(File::open(path)?)?;
    Ok(short(&hasher.finalize()))
}

/// The id of bytes in memory, as [`file_id`] gives for a file of them.
pub fn bytes_id(bytes: &[u8]) -> String {
    short(&blake3::hash(bytes))
}

/// The bucket of a relative path: the first 8 bytes of its BLAKE3, little-endian, modulo `buckets`.
pub fn bucket(relative_path: &str, buckets: u32) -> u32 {
    let hash = blake3::hash(relative_path.as_bytes());
    let mut first = [0u8; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    (u64::from_le_bytes(first) % u64::from(buckets.max(1))) as u32
}

/// A hash of settings: equal settings, equal hash.
pub fn settings_id(settings: &impl Serialize) -> String {
    // Settings are plain structs of numbers and strings, which always serialise; an error text is a value too.
    let text = serde_json::to_string(settings).unwrap_or_else(|error| error.to_string());
    bytes_id(text.as_bytes())
}

fn short(hash: &blake3::Hash) -> String {
    hash.to_hex()[..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_the_published_hash_of_the_bytes() {
        // BLAKE3 of nothing, from the reference test vectors.
        assert_eq!(bytes_id(b""), "af1349b9f5f9a1a6");
    }

    #[test]
    fn buckets_are_stable_and_in_range() {
        assert_eq!(bucket("a.jpg", 256), bucket("a.jpg", 256));
        assert!((0..1000).all(|n| bucket(&format!("{n}.jpg"), 7) < 7));
    }
}
