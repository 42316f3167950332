//! The promises, told over HTTP. One binary, so that it links once.

mod front_door;
