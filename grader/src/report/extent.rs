//! How much of a report is shown: as much as a reader takes in at once.

/// No report is longer, unless all of it is asked for.
pub(super) const MOST: usize = 60;

/// How much is shown.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    pub(super) parts: Parts,
    /// How many lines of the messages above the parts.
    pub(super) messages: usize,
    /// How many lines of the block of a cause; all where there is no limit.
    pub(super) block: Option<usize>,
    /// How many causes have a block of their own.
    pub(super) blocks: usize,
    /// How many of the other causes have a line of their own.
    pub(super) causes: usize,
    /// How many of the compiler's warnings are shown.
    pub(super) warnings: usize,
}

/// Which parts have a line of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// All of them.
    Each,
    /// Those that are begun and do not pass; the others are counted.
    Open,
    /// None: a line has the counts of them all.
    None,
}

/// More warnings than this are counted.
const WARNINGS: usize = 5;
/// No block is longer, unless all is asked for.
const BLOCK: usize = 30;

impl Extent {
    /// All there is.
    pub(super) const ALL: Extent = Extent {
        parts: Parts::Each,
        messages: usize::MAX,
        block: None,
        blocks: usize::MAX,
        causes: usize::MAX,
        warnings: WARNINGS,
    };

    /// As little as there can be.
    pub(super) const SHORTEST: Extent =
        Extent { parts: Parts::None, messages: 0, block: None, blocks: 0, causes: 0, warnings: 0 };

    /// From much to little. The first one is chosen with which a report is short enough.
    pub(super) const SHORTER: [Extent; 14] = {
        let first = Extent { block: Some(BLOCK), blocks: 1, messages: 30, ..Extent::ALL };
        let open = Extent { parts: Parts::Open, causes: 6, ..first };
        let unwarned = Extent { warnings: 0, messages: 20, ..open };
        let counted = Extent { parts: Parts::None, messages: 12, ..unwarned };
        [
            first,
            Extent { warnings: 2, ..first },
            open,
            Extent { warnings: 2, ..open },
            Extent { warnings: 1, ..open },
            Extent { warnings: 1, block: Some(26), causes: 4, ..open },
            Extent { warnings: 0, ..first },
            unwarned,
            Extent { block: Some(26), causes: 4, ..unwarned },
            Extent { block: Some(22), causes: 3, ..unwarned },
            Extent { block: Some(20), causes: 2, messages: 12, ..unwarned },
            Extent { causes: 2, ..counted },
            Extent { block: Some(24), causes: 0, messages: 5, ..counted },
            Extent { block: Some(20), causes: 0, messages: 0, ..counted },
        ]
    };
}
