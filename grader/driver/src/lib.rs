//! What the labs' drivers have in common. A driver knows no test: what it is to do arrives as data.

pub mod buffer;
pub mod search;
