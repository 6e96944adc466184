//! How files flow through a stage.
