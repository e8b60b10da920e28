/// Has two.
pub struct Right;

impl Right {
    /// Two.
    pub fn value(&self) -> u32 {
        // SOLUTION
        2
        // STARTER
        // todo!("return two")
        // END
    }
}
