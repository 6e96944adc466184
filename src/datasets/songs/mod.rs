//! Sets of labelled songs: 4Q, Emotify, PMEmo, WCMED, DEAM, EmoMusic.
