//! The memory that the code of a cell takes, once it has run. Cells stay loaded for good, but hardly any runs again.

/// Gives the pages of a function's code back. They are a file's and unchanged: should the code run again, through a
/// closure that a variable holds, say, the system reads them again.
pub(crate) fn put_aside(function: *const ()) {
    // SAFETY: `info` is valid to write to; the headers of an object that the loader has mapped are mapped as well, and
    // giving back unchanged pages of a private file mapping changes nothing that can be seen.
    unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(function.cast(), &raw mut info) == 0 || info.dli_fbase.is_null() {
            return;
        }
        let base = info.dli_fbase.cast::<u8>();
        let header = base.cast::<libc::Elf64_Ehdr>();
        let first = base.add((*header).e_phoff as usize).cast::<libc::Elf64_Phdr>();
        let page = libc::sysconf(libc::_SC_PAGESIZE) as usize;
        // The headers lie in a page that is given back as well, so they are read to the end first.
        let parts: Vec<libc::Elf64_Phdr> = (0..usize::from((*header).e_phnum)).map(|i| first.add(i).read()).collect();
        for part in parts.iter().filter(|part| part.p_type == libc::PT_LOAD && part.p_flags & libc::PF_W == 0) {
            let start = (part.p_vaddr as usize) & !(page - 1);
            let length = part.p_vaddr as usize + part.p_memsz as usize - start;
            libc::madvise(base.add(start).cast(), length, libc::MADV_DONTNEED);
        }
    }
}
