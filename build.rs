//! Writes the folder of libtorch into the binary, so that it starts without LD_LIBRARY_PATH.

fn main() {
    // torch-sys publishes its library folder as metadata of its `links = "tch"` key.
    if let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{folder}");
    }
    println!("cargo:rerun-if-changed=build.rs");
}
