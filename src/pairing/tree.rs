//! A k-d tree over (valence, arousal, spread) that finds the nearest songs exactly.

/// Points in a leaf; below that, looking at each of them is quicker than another turn.
const LEAF: usize = 16;

/// A song found: its squared distance and its index in the order of ids.
pub(super) type Found = (f64, usize);

/// A balanced tree in a flat list: the middle point of every slice splits it on its axis.
pub(super) struct Tree {
    /// Coordinates and index; finite.
    points: Vec<([f64; 3], usize)>,
    /// Least and greatest coordinates.
    bounds: [[f64; 3]; 2],
}

/// The best few, sorted by distance, then by index.
pub(super) struct Best {
    limit: usize,
    found: Vec<Found>,
}

impl Best {
    /// Keeps at most `limit`, which is at least 1.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit: limit.max(1), found: Vec::with_capacity(limit.min(64) + 1) }
    }

    fn offer(&mut self, candidate: Found) {
        let before = |a: &Found, b: &Found| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)).is_lt();
        if self.found.len() == self.limit && self.found.last().is_some_and(|worst| !before(&candidate, worst))
        {
            return;
        }
        let at = self.found.partition_point(|kept| before(kept, &candidate));
        self.found.insert(at, candidate);
        self.found.truncate(self.limit);
    }

    /// Whether something at this squared distance may still get in: a tie may, its index may be lower.
    fn admits(&self, squared: f64) -> bool {
        self.found.len() < self.limit || self.found.last().is_some_and(|worst| squared <= worst.0)
    }

    pub(super) fn into_sorted(self) -> Vec<Found> {
        self.found
    }
}

/// The squared distance of a query on the plane from a point with its spread.
pub(super) fn squared(query: [f64; 2], point: [f64; 3]) -> f64 {
    (query[0] - point[0]).powi(2) + (query[1] - point[1]).powi(2) + point[2].powi(2)
}

impl Tree {
    /// Builds a tree; the order of `points` does not matter to what it finds.
    pub(super) fn new(mut points: Vec<([f64; 3], usize)>) -> Self {
        split(&mut points, 0);
        let mut bounds = [[f64::INFINITY; 3], [f64::NEG_INFINITY; 3]];
        for (point, _) in &points {
            for axis in 0..3 {
                bounds[0][axis] = bounds[0][axis].min(point[axis]);
                bounds[1][axis] = bounds[1][axis].max(point[axis]);
            }
        }
        Self { points, bounds }
    }

    /// Offers to `best` all points that may belong there.
    pub(super) fn search(&self, query: [f64; 2], best: &mut Best) {
        if self.points.is_empty() {
            return;
        }
        // The query lies on the plane: its third coordinate, the spread, is 0.
        let query = [query[0], query[1], 0.0];
        let mut outside = [0.0; 3];
        for axis in 0..3 {
            let [low, high] = [self.bounds[0][axis] - query[axis], query[axis] - self.bounds[1][axis]];
            outside[axis] = low.max(high).max(0.0);
        }
        if best.admits(least(outside)) {
            descend(&self.points, 0, query, outside, best);
        }
    }
}

/// The squared distance of a region that lies this far away on each axis: no point in it is nearer, in rounded
/// arithmetic either, since [`squared`] adds no smaller numbers in the same order.
fn least(outside: [f64; 3]) -> f64 {
    outside[0].powi(2) + outside[1].powi(2) + outside[2].powi(2)
}

fn split(points: &mut [([f64; 3], usize)], axis: usize) {
    if points.len() <= LEAF {
        return;
    }
    let middle = points.len() / 2;
    points.select_nth_unstable_by(middle, |a, b| a.0[axis].total_cmp(&b.0[axis]));
    let (low, high) = points.split_at_mut(middle);
    split(low, (axis + 1) % 3);
    split(&mut high[1..], (axis + 1) % 3);
}

/// Looks through a slice whose region lies `outside` away from the query on each axis.
fn descend(points: &[([f64; 3], usize)], axis: usize, query: [f64; 3], outside: [f64; 3], best: &mut Best) {
    let plane = [query[0], query[1]];
    if points.len() <= LEAF {
        for &(point, index) in points {
            best.offer((squared(plane, point), index));
        }
        return;
    }
    let middle = points.len() / 2;
    let (point, index) = points[middle];
    let (low, high) = (&points[..middle], &points[middle + 1..]);
    let across = query[axis] - point[axis];
    let (near, far) = if across <= 0.0 { (low, high) } else { (high, low) };
    let next = (axis + 1) % 3;
    descend(near, next, query, outside, best);
    best.offer((squared(plane, point), index));
    let mut beyond = outside;
    beyond[axis] = across.abs();
    if best.admits(least(beyond)) {
        descend(far, next, query, beyond, best);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn oracle(points: &[[f64; 3]], query: [f64; 2], limit: usize) -> Vec<Found> {
        let mut all: Vec<Found> =
            points.iter().enumerate().map(|(index, &point)| (squared(query, point), index)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        all.truncate(limit);
        all
    }

    fn found(points: &[[f64; 3]], query: [f64; 2], limit: usize) -> Vec<Found> {
        let tree = Tree::new(points.iter().copied().zip(0..).collect());
        let mut best = Best::new(limit);
        tree.search(query, &mut best);
        best.into_sorted()
    }

    proptest! {
        #[test]
        fn the_tree_agrees_with_looking_at_everything(
            points in prop::collection::vec(prop::array::uniform3(-1.0f64..1.0), 0..300),
            query in prop::array::uniform2(-1.5f64..1.5),
            limit in 1usize..12,
        ) {
            let points: Vec<_> = points.iter().map(|&[v, a, w]| [v, a, w.abs()]).collect();
            prop_assert_eq!(found(&points, query, limit), oracle(&points, query, limit));
        }

        #[test]
        fn and_so_it_does_on_a_coarse_grid_full_of_ties(
            points in prop::collection::vec(prop::array::uniform3(-2i8..3), 0..300),
            query in prop::array::uniform2(-2i8..3),
            limit in 1usize..12,
        ) {
            let points: Vec<_> = points.iter().map(|p| p.map(|x| f64::from(x) / 2.0)).collect();
            let query = query.map(|x| f64::from(x) / 2.0);
            prop_assert_eq!(found(&points, query, limit), oracle(&points, query, limit));
        }
    }
}
