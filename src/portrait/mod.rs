//! Picture -> faces -> expression.

pub mod detect;
pub mod expression;
