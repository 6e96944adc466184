//! Features -> valence and arousal.
