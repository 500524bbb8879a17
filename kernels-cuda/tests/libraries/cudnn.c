// A cuDNN for tests: images in NHWC, filters [filters, height, width, channels], on the stream of the driver beside it. Of
// the algorithms it offers only one is deterministic, exact and content with the room.

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void fake_put(void (*run)(void*), const void* data, size_t bytes);

struct shape { int n, c, h, w; };
struct way { int above, left, y, x, math; };
struct answer { int number, status; float time; size_t room; int determinism, math, reserved[3]; };
struct work { struct shape x, f, y; struct way way; int what; const float *a, *b; float* to; };
enum { RESULT, IMAGES, FILTER };

static size_t count(struct shape s) { return (size_t)s.n * s.c * s.h * s.w; }
static size_t at(struct shape s, int n, int h, int w, int c) { return (((size_t)n * s.h + h) * s.w + w) * s.c + c; }

static void convolve(void* data) {
    struct work k;
    memcpy(&k, data, sizeof k);
    memset(k.to, 0, 4 * count(k.what == RESULT ? k.y : k.what == IMAGES ? k.x : k.f));
    for (int n = 0; n < k.y.n; n++) for (int i = 0; i < k.y.h; i++) for (int j = 0; j < k.y.w; j++)
    for (int o = 0; o < k.y.c; o++) for (int r = 0; r < k.f.h; r++) for (int s = 0; s < k.f.w; s++)
    for (int c = 0; c < k.x.c; c++) {
        int h = i * k.way.y + r - k.way.above, w = j * k.way.x + s - k.way.left;
        if (h < 0 || h >= k.x.h || w < 0 || w >= k.x.w) continue;
        size_t x = at(k.x, n, h, w, c), f = at(k.f, o, r, s, c), y = at(k.y, n, i, j, o);
        if (k.what == RESULT) k.to[y] += k.a[x] * k.b[f];
        if (k.what == IMAGES) k.to[x] += k.a[f] * k.b[y];
        if (k.what == FILTER) k.to[f] += k.a[x] * k.b[y];
    }
}

static int handle;
int cudnnCreate(void** to) { *to = &handle; return 0; }
int cudnnSetStream(void* h, void* stream) { return h == &handle && stream == (void*)16 ? 0 : 3; }
const char* cudnnGetErrorString(int status) { return status == 3 ? "CUDNN_STATUS_BAD_PARAM" : "CUDNN_STATUS_UNKNOWN"; }

static int create(void** to) { *to = calloc(1, sizeof(struct way)); return 0; }
static int destroy(void* thing) { free(thing); return 0; }
int cudnnCreateTensorDescriptor(void** to) { return create(to); }
int cudnnCreateFilterDescriptor(void** to) { return create(to); }
int cudnnCreateConvolutionDescriptor(void** to) { return create(to); }
int cudnnDestroyTensorDescriptor(void* thing) { return destroy(thing); }
int cudnnDestroyFilterDescriptor(void* thing) { return destroy(thing); }
int cudnnDestroyConvolutionDescriptor(void* thing) { return destroy(thing); }

int cudnnSetTensor4dDescriptor(struct shape* d, int format, int type, int n, int c, int h, int w) {
    *d = (struct shape){n, c, h, w};
    return format == 1 && type == 0 ? 0 : 3;
}
int cudnnSetFilter4dDescriptor(struct shape* d, int type, int format, int k, int c, int h, int w) {
    *d = (struct shape){k, c, h, w};
    return format == 1 && type == 0 ? 0 : 3;
}
int cudnnSetConvolution2dDescriptor(struct way* d, int above, int left, int y, int x, int tall, int wide, int mode, int type) {
    *d = (struct way){above, left, y, x, 0};
    return tall == 1 && wide == 1 && mode == 1 && type == 0 ? 0 : 3;
}
int cudnnSetConvolutionMathType(struct way* d, int math) { d->math = math; return 0; }

static int fits(const struct shape* x, const struct shape* f, const struct way* way, const struct shape* y) {
    int h = (x->h + 2 * way->above - f->h) / way->y + 1, w = (x->w + 2 * way->left - f->w) / way->x + 1;
    return x->n == y->n && x->c == f->c && f->n == y->c && h == y->h && w == y->w && way->math == 3;
}
static int choose(void* h, int fit, int wanted, int* found, struct answer* to) {
    if (h != &handle || !fit || wanted < 5) return 3;
    struct answer offered[] = {
        {0, 0, 0.1f, 0, 0, 3},            // another result each time
        {2, 9, -1, 0, 1, 3},              // not supported
        {3, 0, 0.2f, (size_t)4 << 30, 1, 3},
        {4, 0, 0.3f, 0, 1, 1},            // rounds its factors
        {1, 0, 0.4f, 4096, 1, 3},
    };
    memcpy(to, offered, sizeof offered);
    *found = 5;
    return 0;
}
static int start(void* h, int what, const float* one, struct shape* x, struct shape* f, struct shape* y, const void* a,
                 const void* b, void* to, struct way* way, int algorithm, void* room, size_t bytes, const float* zero) {
    if (h != &handle || !fits(x, f, way, y) || *one != 1 || *zero != 0) return 3;
    if (algorithm != 1 || !room || (uintptr_t)room % 256 || bytes < 4096) return 3;
    if (getenv("FAKE_CUDNN_LACKS_A_PART")) return 1007;
    struct work work = {*x, *f, *y, *way, what, a, b, to};
    fake_put(convolve, &work, sizeof work);
    return 0;
}

int cudnnGetConvolutionForwardAlgorithm_v7(void* h, struct shape* x, struct shape* f, struct way* way, struct shape* y,
                                           int wanted, int* found, struct answer* to) {
    return choose(h, fits(x, f, way, y), wanted, found, to);
}
int cudnnGetConvolutionBackwardDataAlgorithm_v7(void* h, struct shape* f, struct shape* y, struct way* way, struct shape* x,
                                                int wanted, int* found, struct answer* to) {
    return choose(h, fits(x, f, way, y), wanted, found, to);
}
int cudnnGetConvolutionBackwardFilterAlgorithm_v7(void* h, struct shape* x, struct shape* y, struct way* way,
                                                  struct shape* f, int wanted, int* found, struct answer* to) {
    return choose(h, fits(x, f, way, y), wanted, found, to);
}
int cudnnConvolutionForward(void* h, const float* one, struct shape* x, const void* px, struct shape* f, const void* pf,
                            struct way* way, int algorithm, void* room, size_t bytes, const float* zero, struct shape* y,
                            void* py) {
    return start(h, RESULT, one, x, f, y, px, pf, py, way, algorithm, room, bytes, zero);
}
int cudnnConvolutionBackwardData(void* h, const float* one, struct shape* f, const void* pf, struct shape* y,
                                 const void* py, struct way* way, int algorithm, void* room, size_t bytes,
                                 const float* zero, struct shape* x, void* px) {
    return start(h, IMAGES, one, x, f, y, pf, py, px, way, algorithm, room, bytes, zero);
}
int cudnnConvolutionBackwardFilter(void* h, const float* one, struct shape* x, const void* px, struct shape* y,
                                   const void* py, struct way* way, int algorithm, void* room, size_t bytes,
                                   const float* zero, struct shape* f, void* pf) {
    return start(h, FILTER, one, x, f, y, px, py, pf, way, algorithm, room, bytes, zero);
}
