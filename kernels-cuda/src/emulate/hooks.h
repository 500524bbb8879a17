// The hooks that `checks.h` speaks of, behind the shim whose clock they read.

extern "C" void free(void*);
extern "C" void* calloc(size_t, size_t);
extern "C" {
extern char __ehdr_start[] __attribute__((visibility("hidden")));
extern char _end[] __attribute__((visibility("hidden")));
extern char __start_flow_shared[] __attribute__((weak, visibility("hidden")));
extern char __stop_flow_shared[] __attribute__((weak, visibility("hidden")));
}

namespace flowbook {
typedef unsigned long long Address;
struct Range { Address start, end; };
enum Wrong { NOTHING, OUTSIDE, MISALIGNED, UNWRITTEN, RACE };

// What is handed over: where it is, who does it, and for a race who came before.
struct Fault {
    Address wrong, at, bytes, writes, thread, block, other_writes, other_thread, other_block;
};
static Fault fault;
static const Range* ranges;
static size_t range_count;

// Who last read or wrote a byte, and when. Many readers count as one that no barrier of less than all of them orders.
const unsigned short NOBODY = 0, WARP = 2000, BLOCK = 3000, GRID = 4000;
struct Use { unsigned block, time; unsigned short who, first; };
struct Byte { Use read, written; };

const size_t PAGE = 4096;
struct Page { Address number; Page* next; Byte bytes[PAGE]; };
const size_t BUCKETS = 1 << 12;
static Page *pages[BUCKETS], *latest;

UNWATCHED static Byte* shadow(Address at) {
    Address number = at / PAGE;
    if (latest && latest->number == number) return latest->bytes + at % PAGE;
    Page** bucket = &pages[number % BUCKETS];
    for (latest = *bucket; latest && latest->number != number;) latest = latest->next;
    if (latest) return latest->bytes + at % PAGE;
    latest = (Page*)calloc(1, sizeof(Page));
    latest->number = number;
    latest->next = *bucket;
    *bucket = latest;
    return latest->bytes + at % PAGE;
}

// Whether an earlier use is over for the thread that runs now, by order of the program or by a barrier.
UNWATCHED static bool over(const Use& use, bool shared) {
    if (use.who == NOBODY) return true;
    if (use.block != block_number || use.who == GRID) return shared;
    if (use.who == current + 1 || use.time <= block_met) return true;
    bool same_warp = use.who != BLOCK && (use.first - 1) / 32 == current / 32;
    return same_warp && use.time <= warp_met[current / 32];
}

UNWATCHED static void found(Wrong wrong, Address at, size_t bytes, bool writes, const Use* other, bool other_writes) {
    if (fault.wrong != NOTHING) return;
    fault = Fault{wrong, at, bytes, writes, current, block_number, other_writes, 0, 0};
    if (other) fault.other_thread = other->first - 1, fault.other_block = other->block;
}

// The reads of several threads that nothing orders are kept as one.
UNWATCHED static void read_too(Use& use, const Use& mine, bool shared) {
    if (over(use, shared)) {
        use = mine;
        return;
    }
    unsigned short many = use.block != mine.block ? GRID : (use.first - 1) / 32 != current / 32 ? BLOCK : WARP;
    if (many > use.who || use.who < WARP) use.who = many;
    use.time = mine.time;
}

UNWATCHED static void look(Address at, size_t bytes, bool writes, bool shared) {
    Use mine = {block_number, now, (unsigned short)(current + 1), (unsigned short)(current + 1)};
    for (size_t i = 0; i < bytes; i++) {
        Byte& byte = *shadow(at + i);
        if (!over(byte.written, shared)) found(RACE, at, bytes, writes, &byte.written, true);
        if (writes && !over(byte.read, shared)) found(RACE, at, bytes, writes, &byte.read, false);
        bool unwritten = byte.written.who == NOBODY || byte.written.block != block_number;
        if (shared && !writes && unwritten) found(UNWRITTEN, at, bytes, writes, 0, false);
        if (writes) byte.written = mine;
        else read_too(byte.read, mine, shared);
    }
}

UNWATCHED static bool in_a_buffer(Address at, size_t bytes) {
    size_t low = 0, high = range_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].start <= at) low = middle + 1;
        else high = middle;
    }
    return low && at + bytes <= ranges[low - 1].end;
}

__attribute__((noinline)) UNWATCHED static void use(const void* place, size_t bytes, bool writes, bool aligned) {
    Address at = (Address)place;
    bool shared = at >= (Address)__start_flow_shared && at < (Address)__stop_flow_shared;
    if (!shared && at >= (Address)__ehdr_start && at < (Address)_end) return;
    if (shared || in_a_buffer(at, bytes)) {
        if (aligned && at % bytes) return found(MISALIGNED, at, bytes, writes, 0, false);
        return look(at, bytes, writes, shared);
    }
    // The thread's own variables.
    Address frame = (Address)__builtin_frame_address(0);
    if (at + PAGE > frame && at < frame + STACK) return;
    found(OUTSIDE, at, bytes, writes, 0, false);
    _longjmp(escape, 1);
}
}

#define EXPORT extern "C" __attribute__((visibility("default"))) UNWATCHED
#define HOOK extern "C" __attribute__((visibility("hidden"))) UNWATCHED void
#define ACCESS(bytes) \
    HOOK __tsan_read##bytes(void* at) { flowbook::use(at, bytes, false, true); } \
    HOOK __tsan_write##bytes(void* at) { flowbook::use(at, bytes, true, true); } \
    HOOK __tsan_unaligned_read##bytes(void* at) { flowbook::use(at, bytes, false, false); } \
    HOOK __tsan_unaligned_write##bytes(void* at) { flowbook::use(at, bytes, true, false); }
ACCESS(1) ACCESS(2) ACCESS(4) ACCESS(8) ACCESS(16)
HOOK __tsan_read_range(void* at, size_t bytes) { flowbook::use(at, bytes, false, false); }
HOOK __tsan_write_range(void* at, size_t bytes) { flowbook::use(at, bytes, true, false); }
HOOK __tsan_init() {}
HOOK __tsan_func_entry(void*) {}
HOOK __tsan_func_exit() {}

// Begins to watch: accesses belong into one of these ranges, which are in order.
EXPORT void flowbook_watch(const flowbook::Range* ranges, size_t count) {
    flowbook::ranges = ranges;
    flowbook::range_count = count;
    flowbook::fault = flowbook::Fault{};
}

// Ends it, and says what was wrong first.
EXPORT void flowbook_fault(flowbook::Fault* to) {
    using namespace flowbook;
    *to = fault;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (Page* page = pages[i]) {
            pages[i] = page->next;
            free(page);
        }
    }
    latest = 0;
    if (to->at >= (Address)__start_flow_shared && to->at < (Address)__stop_flow_shared) {
        to->at -= (Address)__start_flow_shared;
        to->wrong |= 256;
    }
}
