//! Hilbert's curve: a line of cells folded into a square, so that what is near on the line is
//! near in the square.

/// The cells of a curve of this order: a square of 2^order by 2^order.
pub(super) const fn cells(order: u32) -> u64 {
    1 << (2 * order)
}

/// Where the cell `at` of the curve lies: column and row, from the top left, where the curve
/// begins; it ends at the top right.
pub(super) fn point(order: u32, at: u64) -> (u64, u64) {
    let (mut x, mut y, mut rest) = (0, 0, at);
    for level in 0..order {
        let side = 1 << level;
        let right = 1 & (rest >> 1);
        let down = 1 & (rest ^ right);
        (x, y) = turned(side, x, y, right, down);
        x += side * right;
        y += side * down;
        rest >>= 2;
    }
    (x, y)
}

/// Turns a quarter of the square the way the curve runs through it.
fn turned(side: u64, x: u64, y: u64, right: u64, down: u64) -> (u64, u64) {
    match (right, down) {
        (0, 0) => (y, x),
        (1, 0) => (side - 1 - y, side - 1 - x),
        _ => (x, y),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_curve_begins_and_ends_at_the_top() {
        for order in 1..8 {
            assert_eq!(point(order, 0), (0, 0));
            assert_eq!(point(order, cells(order) - 1), ((1 << order) - 1, 0));
        }
    }

    #[test]
    fn every_cell_has_a_place_of_its_own() {
        for order in 0..7 {
            let places: BTreeSet<_> = (0..cells(order)).map(|at| point(order, at)).collect();
            assert_eq!(places.len() as u64, cells(order));
            let side = 1_u64 << order;
            assert!(places.iter().all(|(x, y)| *x < side && *y < side));
        }
    }

    proptest! {
        #[test]
        fn neighbours_on_the_curve_are_neighbours_in_the_square(order in 1_u32..16, at: u64) {
            let at = at % (cells(order) - 1);
            let ((x, y), (then_x, then_y)) = (point(order, at), point(order, at + 1));
            prop_assert_eq!(x.abs_diff(then_x) + y.abs_diff(then_y), 1);
        }

        #[test]
        fn a_block_of_a_quarter_stays_in_a_quarter(at in 0_u64..256) {
            let (x, y) = point(4, at);
            let (first_x, first_y) = point(4, at / 64 * 64);
            prop_assert_eq!((x / 8, y / 8), (first_x / 8, first_y / 8));
        }
    }
}
