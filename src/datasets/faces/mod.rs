//! Sets of labelled faces: FER2013 with FER+ votes, and labelled paintings.
