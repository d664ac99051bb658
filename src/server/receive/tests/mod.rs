//! An inbox from above: what a visitor and an owner notice.

mod basics;
mod crash;
mod disk;
mod hostile;
mod limits;
mod rig;
