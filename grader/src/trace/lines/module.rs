//! One file of code: its lines, and how to get out of its functions.

use super::Map;
use addr2line::Context;
use gimli::{
    BaseAddresses, EhFrame, EhFrameHdr, EndianArcSlice, NativeEndian, ParsedEhFrameHdr, UnwindContext,
    UnwindSection, UnwindTableRow,
};
use object::{Object, ObjectSection, ObjectSegment};
use std::fmt;
use std::sync::Arc;

type Reader = EndianArcSlice<NativeEndian>;

pub(super) struct Module {
    /// What has to be added to an address of the file.
    bias: u64,
    bases: BaseAddresses,
    frames: EhFrame<Reader>,
    index: ParsedEhFrameHdr<Reader>,
    code: Reader,
    /// None where the file says nothing of lines.
    lines: Option<Context<Reader>>,
}

impl fmt::Debug for Module {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Module")
    }
}

impl Module {
    pub(super) fn read(map: &Map) -> Option<Module> {
        let bytes = std::fs::read(&map.file).ok()?;
        let file = object::File::parse(&*bytes).ok()?;
        let section = |name: &str| -> Reader {
            let data = file.section_by_name(name).and_then(|section| section.uncompressed_data().ok());
            EndianArcSlice::new(Arc::from(&*data.unwrap_or_default()), NativeEndian)
        };
        let address = |name: &str| file.section_by_name(name).map_or(0, |section| section.address());
        let bases = BaseAddresses::default()
            .set_text(address(".text"))
            .set_eh_frame(address(".eh_frame"))
            .set_eh_frame_hdr(address(".eh_frame_hdr"));
        let index = EhFrameHdr::from(section(".eh_frame_hdr")).parse(&bases, 8).ok()?;
        let load = |id: gimli::SectionId| -> Result<Reader, gimli::Error> { Ok(section(id.name())) };
        let lines = gimli::Dwarf::load(load).and_then(Context::from_dwarf).ok();
        let bias = map.start.wrapping_sub(address_of(&file, map.offset)?);
        let (frames, code) = (EhFrame::from(section(".eh_frame")), section(".text"));
        Some(Module { bias, bases, frames, index, code, lines })
    }

    /// Files and lines of an address, the innermost of functions that were inlined first.
    pub(super) fn lines(&self, address: u64) -> Vec<(String, u32)> {
        let Some(lines) = &self.lines else { return Vec::new() };
        let found = lines.find_frames(address.wrapping_sub(self.bias)).skip_all_loads();
        let Ok(mut frames) = found else { return Vec::new() };
        let mut places = Vec::new();
        while let Ok(Some(frame)) = frames.next() {
            let place = frame.location.and_then(|place| Some((place.file?.to_owned(), place.line?)));
            places.extend(place);
        }
        places
    }

    /// How the caller's registers are found from within a function.
    pub(super) fn row(&self, address: u64) -> Option<UnwindTableRow<usize>> {
        let table = self.index.table()?;
        let mut context = UnwindContext::new();
        let address = address.wrapping_sub(self.bias);
        let row = table.unwind_info_for_address(
            &self.frames,
            &self.bases,
            &mut context,
            address,
            EhFrame::cie_from_offset,
        );
        row.ok().cloned()
    }

    /// The code with which the function begins that an address lies in.
    pub(super) fn prologue(&self, address: u64) -> Option<&[u8]> {
        const LONGEST: usize = 64;
        let address = address.wrapping_sub(self.bias);
        let table = self.index.table()?;
        let function =
            table.fde_for_address(&self.frames, &self.bases, address, EhFrame::cie_from_offset).ok()?;
        let from =
            usize::try_from(function.initial_address().checked_sub(self.bases.eh_frame.text?)?).ok()?;
        let code = self.code.bytes().get(from..)?;
        Some(&code[..code.len().min(LONGEST)])
    }
}

/// The address that the file itself gives to the code that lies at an offset in it.
fn address_of(file: &object::File<'_>, offset: u64) -> Option<u64> {
    let code = file.segments().filter(|segment| segment.permissions().executable());
    code.into_iter().find_map(|segment| {
        let (start, size) = segment.file_range();
        // The kernel maps whole pages: a segment begins somewhere in its first.
        let first = start & !0xfff;
        (first..start + size)
            .contains(&offset)
            .then(|| segment.address().wrapping_sub(start).wrapping_add(offset))
    })
}
