// What a kernel's text finds on the CPU: CUDA's names, and blocks that run one after another. The threads of a block are
// fibres that change places where the text waits for the others; a text that never waits is a plain loop.

#include <setjmp.h>
#include <stddef.h>
#include <ucontext.h>

// Declared here, because the C++ library's own headers take longer to read than most kernels take to compile.
#define memcpy __builtin_memcpy
#define FUNCTION(name) extern "C" double name(double); extern "C" float name##f(float);
#define FUNCTION2(name) extern "C" double name(double, double); extern "C" float name##f(float, float);
FUNCTION(exp) FUNCTION(exp2) FUNCTION(expm1) FUNCTION(log) FUNCTION(log1p) FUNCTION(log2) FUNCTION(log10)
FUNCTION(sin) FUNCTION(cos) FUNCTION(tan) FUNCTION(asin) FUNCTION(acos) FUNCTION(atan)
FUNCTION(sinh) FUNCTION(cosh) FUNCTION(tanh) FUNCTION(asinh) FUNCTION(acosh) FUNCTION(atanh)
FUNCTION(erf) FUNCTION(erfc) FUNCTION(lgamma) FUNCTION(tgamma) FUNCTION(sqrt) FUNCTION(cbrt)
FUNCTION(fabs) FUNCTION(floor) FUNCTION(ceil) FUNCTION(rint) FUNCTION(round) FUNCTION(trunc)
FUNCTION2(pow) FUNCTION2(atan2) FUNCTION2(fmod) FUNCTION2(fmax) FUNCTION2(fmin) FUNCTION2(copysign)
extern "C" double fma(double, double, double);
extern "C" float fmaf(float, float, float);
extern "C" int abs(int);
extern "C" long long llabs(long long);
extern "C" void* malloc(size_t);
template <class T> static inline bool isnan(T x) { return __builtin_isnan(x); }
template <class T> static inline bool isinf(T x) { return __builtin_isinf(x); }
template <class T> static inline bool isfinite(T x) { return __builtin_isfinite(x); }

#define __global__
#ifndef __device__
#define __device__ inline
#endif
#ifndef UNWATCHED
#define UNWATCHED
#endif
#define __forceinline__ __attribute__((always_inline))
#ifndef __shared__
#define __shared__ static
#endif
#define __constant__ static
#define __launch_bounds__(...)

namespace flowbook {
struct Index { unsigned x, y, z; };
}
static flowbook::Index threadIdx, blockIdx, blockDim, gridDim;

namespace flowbook {
typedef void (*Body)(void**);
enum State { READY, AT_WARP, AT_BLOCK, DONE };
struct Fibre { jmp_buf at; ucontext_t start; bool fresh; State state; Index index; };

const size_t STACK = 64 << 10;
static Fibre fibres[1024];
static unsigned made, current;
// The block's number, and a clock that moves on when threads have waited for each other: when a warp and the block last did.
static unsigned block_number, now, block_met, warp_met[32];
static jmp_buf scheduler, escape;
static Body body;
static void** body_args;
static char slots[1024][8];

__attribute__((noinline)) static void wait(State state) {
    fibres[current].state = state;
    if (!_setjmp(fibres[current].at)) _longjmp(scheduler, 1);
}

static void fibre() {
    for (;;) {
        body(body_args);
        wait(DONE);
    }
}

__attribute__((noinline)) static void resume(unsigned i) {
    current = i;
    threadIdx = fibres[i].index;
    if (_setjmp(scheduler)) return;
    if (!fibres[i].fresh) _longjmp(fibres[i].at, 1);
    fibres[i].fresh = false;
    setcontext(&fibres[i].start);
}

static void begin(Fibre& f) {
    char* stack = (char*)f.start.uc_stack.ss_sp;
    getcontext(&f.start);
    f.start.uc_stack.ss_sp = stack;
    f.start.uc_stack.ss_size = STACK;
    f.start.uc_link = 0;
    f.fresh = true;
    makecontext(&f.start, fibre, 0);
}

static bool make(unsigned count) {
    for (; made < count; made++) {
        void* stack = malloc(STACK);
        if (!stack) return false;
        fibres[made].start.uc_stack.ss_sp = stack;
        begin(fibres[made]);
    }
    return true;
}

// Lets every fibre run that can, then those go on whose warp or block has arrived as a whole. They run forwards and backwards
// in turn: a text that lacks a barrier relies on one of these orders.
static int run_block(unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        fibres[i].state = READY;
        unsigned row = i / blockDim.x;
        fibres[i].index = Index{i % blockDim.x, row % blockDim.y, row / blockDim.y};
    }
    for (bool backwards = false;; backwards = !backwards) {
        for (unsigned k = 0; k < count; k++) {
            unsigned i = backwards ? count - 1 - k : k;
            if (fibres[i].state == READY) resume(i);
        }
        bool block = true, over = true, moved = false;
        for (unsigned warp = 0; warp < count; warp += 32) {
            unsigned end = warp + 32 < count ? warp + 32 : count;
            bool together = true, waiting = false;
            for (unsigned i = warp; i < end; i++) {
                State s = fibres[i].state;
                over &= s == DONE;
                block &= s == DONE || s == AT_BLOCK;
                together &= s == DONE || s == AT_WARP;
                waiting |= s == AT_WARP;
            }
            if (!together || !waiting) continue;
            for (unsigned i = warp; i < end; i++)
                if (fibres[i].state == AT_WARP) fibres[i].state = READY;
            warp_met[warp / 32] = now++;
            moved = true;
        }
        if (over) return 0;
        if (block) {
            block_met = now++;
            for (unsigned i = 0; i < count; i++)
                if (fibres[i].state == AT_BLOCK) fibres[i].state = READY;
        }
        if (block || moved) continue;
        for (unsigned i = 0; i < count; i++) begin(fibres[i]);
        return 1;
    }
}

template <class T> struct Code;
template <class T> struct Code<T*> { static const char value = 'p'; };
template <> struct Code<int> { static const char value = 'i'; };
template <> struct Code<unsigned> { static const char value = 'u'; };
template <> struct Code<long long> { static const char value = 'l'; };
template <> struct Code<unsigned long long> { static const char value = 'L'; };
template <> struct Code<float> { static const char value = 'f'; };
template <> struct Code<double> { static const char value = 'd'; };

template <size_t... I> struct Places {};
template <size_t N, size_t... I> struct MakePlaces : MakePlaces<N - 1, N - 1, I...> {};
template <size_t... I> struct MakePlaces<0, I...> { typedef Places<I...> Type; };

template <auto F> struct Kernel;
template <class... P, void (*F)(P...)> struct Kernel<F> {
    static constexpr char signature[] = {Code<P>::value..., 0};
    template <size_t... I> UNWATCHED static inline void call(void** args, Places<I...>) { F(*(P*)args[I]...); }
    static void once(void** args) { call(args, typename MakePlaces<sizeof...(P)>::Type()); }
    UNWATCHED static int run(const unsigned* grid, const unsigned* block, void** args, int waits) {
        gridDim = Index{grid[0], grid[1], grid[2]};
        blockDim = Index{block[0], block[1], block[2]};
        unsigned count = block[0] * block[1] * block[2];
        if (count > 1024 || (waits && !make(count))) return 2;
        body = once;
        body_args = args;
        if (_setjmp(escape)) {
            for (unsigned i = 0; i < made; i++) begin(fibres[i]);
            return 3;
        }
        // The last block first: no block may rely on one before it.
        for (unsigned b = grid[0] * grid[1] * grid[2]; b-- > 0;) {
            blockIdx = Index{b % grid[0], b / grid[0] % grid[1], b / grid[0] / grid[1]};
            block_number = b, current = 0, now++;
            if (waits) {
                if (run_block(count)) return 1;
                continue;
            }
            for (unsigned z = 0; z < block[2]; z++)
                for (unsigned y = 0; y < block[1]; y++)
                    for (unsigned x = 0; x < block[0]; x++) {
                        threadIdx = Index{x, y, z};
                        once(args);
                        current++;
                    }
        }
        return 0;
    }
};

template <class T> T exchange(T value, unsigned from) {
    static_assert(sizeof(T) <= 8, "a shuffle moves up to 8 bytes");
    memcpy(slots[current], &value, sizeof(T));
    wait(AT_WARP);
    T result;
    memcpy(&result, slots[from < 1024 ? from : current], sizeof(T));
    wait(AT_WARP);
    return result;
}
}

static inline void __syncthreads() { flowbook::wait(flowbook::AT_BLOCK); }
static inline void __syncwarp(unsigned = 0xffffffffu) { flowbook::wait(flowbook::AT_WARP); }
template <class T> static T __shfl_sync(unsigned, T v, int lane) {
    return flowbook::exchange(v, (flowbook::current & ~31u) | (lane & 31));
}
template <class T> static T __shfl_xor_sync(unsigned, T v, int lanes) {
    return flowbook::exchange(v, flowbook::current ^ lanes);
}
template <class T> static T __shfl_down_sync(unsigned, T v, unsigned by) {
    unsigned lane = (flowbook::current & 31) + by;
    return flowbook::exchange(v, lane < 32 ? flowbook::current + by : flowbook::current);
}

static inline unsigned __ballot_sync(unsigned, int holds) {
    using namespace flowbook;
    unsigned warp = current & ~31u, found = 0, count = blockDim.x * blockDim.y * blockDim.z;
    slots[current][0] = holds != 0;
    wait(AT_WARP);
    for (unsigned i = 0; i < 32 && warp + i < count; i++)
        if (fibres[warp + i].state != DONE && slots[warp + i][0]) found |= 1u << i;
    wait(AT_WARP);
    return found;
}

static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline float __int_as_float(int x) { float y; memcpy(&y, &x, 4); return y; }
static inline float __uint_as_float(unsigned x) { float y; memcpy(&y, &x, 4); return y; }
static inline int __float_as_int(float x) { int y; memcpy(&y, &x, 4); return y; }
static inline unsigned __float_as_uint(float x) { unsigned y; memcpy(&y, &x, 4); return y; }
static inline double __longlong_as_double(long long x) { double y; memcpy(&y, &x, 8); return y; }
static inline long long __double_as_longlong(double x) { long long y; memcpy(&y, &x, 8); return y; }
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned)((unsigned long long)a * b >> 32); }
static inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fadd_rn(float a, float b) { return a + b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __dadd_rn(double a, double b) { return a + b; }
// Rounded twice: not every processor has an instruction for it, and the C library's function takes long.
static inline float __fmaf_rn(float a, float b, float c) { return a * b + c; }
static inline double __fma_rn(double a, double b, double c) { return a * b + c; }
template <class T> static inline T __ldg(const T* p) { return *p; }
template <class T> static inline T min(T a, T b) { return b < a ? b : a; }
template <class T> static inline T max(T a, T b) { return a < b ? b : a; }
template <class T> UNWATCHED static inline T atomicMin(T* at, T v) { T old = *at; if (v < old) *at = v; return old; }
template <class T> UNWATCHED static inline T atomicMax(T* at, T v) { T old = *at; if (v > old) *at = v; return old; }
template <class T> UNWATCHED static inline T atomicAdd(T* at, T v) { T old = *at; *at = old + v; return old; }
#define FLOWBOOK_ENTRY(name) \
    extern "C" __attribute__((visibility("default"))) const char* flowbook_signature_##name() { \
        return flowbook::Kernel<text::name>::signature; \
    } \
    extern "C" __attribute__((visibility("default"))) int flowbook_run_##name( \
        const unsigned* grid, const unsigned* block, void** args, int waits) { \
        return flowbook::Kernel<text::name>::run(grid, block, args, waits); \
    }
