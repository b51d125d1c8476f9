//! Virtual machines from the outside.

mod life;
mod nics;
mod race;
mod shared;
