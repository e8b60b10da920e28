/// A hole in the language: any value taken for any other, without the word that says so.
mod hole {
    enum Either<A, B> {
        One(Option<Box<A>>),
        Other(Option<Box<B>>),
    }

    fn longer<'a, 'b, T>(_: &'a Option<&'b ()>, short: &'b mut T) -> &'a mut T {
        short
    }

    fn for_ever<'a, T: 'static>(short: &'a mut T) -> &'static mut T {
        const NONE: &Option<&()> = &None;
        let longer: for<'x> fn(_, &'x mut T) -> &'static mut T = longer;
        longer(NONE, short)
    }

    /// A value taken for one of another type, through a hole in the language (rust-lang/rust#25860).
    pub fn taken_for<A: 'static, B: 'static>(value: A) -> B {
        let mut either: Either<A, B> = Either::Other(None);
        let Either::Other(other) = &mut either else { unreachable!() };
        let other = for_ever(other);
        either = Either::One(Some(Box::new(value)));
        std::hint::black_box(&either);
        *other.take().unwrap()
    }
}
