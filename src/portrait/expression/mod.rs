//! Expression recognition.
