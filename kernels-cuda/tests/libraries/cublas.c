// A cuBLAS for tests: column by column, as the real one thinks, and on the stream of the driver beside it.

#include <stddef.h>
#include <stdint.h>
#include <string.h>

void fake_put(void (*run)(void*), const void* data, size_t bytes);
void fake_say(const char* what);

typedef long long Step;
struct gemm {
    int ta, tb, m, n, k, type, lda, ldb, ldc, batch, compute;
    const void *a, *b;
    void* c;
    Step sa, sb, sc;
};

static double get(const void* at, int type, Step i) { return type ? ((const double*)at)[i] : ((const float*)at)[i]; }

static void gemm(void* data) {
    struct gemm g;
    memcpy(&g, data, sizeof g);
    for (int z = 0; z < g.batch; z++)
        for (int j = 0; j < g.n; j++)
            for (int i = 0; i < g.m; i++) {
                double sum = 0;
                for (int p = 0; p < g.k; p++)
                    sum += get(g.a, g.type, z * g.sa + (g.ta ? p + (Step)i * g.lda : i + (Step)p * g.lda)) *
                           get(g.b, g.type, z * g.sb + (g.tb ? j + (Step)p * g.ldb : p + (Step)j * g.ldb));
                Step at = z * g.sc + i + (Step)j * g.ldc;
                if (g.type) ((double*)g.c)[at] = sum;
                else ((float*)g.c)[at] = (float)sum;
            }
}

static int handle;
int cublasCreate_v2(void** to) { *to = &handle; return 0; }
static int has_room;
// A stream takes the workspace away; without one the real library would allocate.
int cublasSetStream_v2(void* h, void* stream) {
    has_room = 0;
    return h == &handle && stream == (void*)16 ? 0 : 7;
}
int cublasSetWorkspace_v2(void* h, void* at, size_t bytes) {
    has_room = (uintptr_t)at % 256 == 0;
    return h == &handle && at && bytes == 32u << 20 ? 0 : 7;
}
const char* cublasGetStatusString(int status) { (void)status; return "CUBLAS_STATUS_INVALID_VALUE"; }

int cublasGemmStridedBatchedEx(void* h, int ta, int tb, int m, int n, int k, const void* alpha, const void* a, int at,
                               int lda, Step sa, const void* b, int bt, int ldb, Step sb, const void* beta, void* c,
                               int ct, int ldc, Step sc, int batch, int compute, int algorithm) {
    if (h != &handle || !has_room || at != bt || at != ct || algorithm != -1) return 7;
    if (compute != (at ? 70 : 68) || get(alpha, at, 0) != 1 || get(beta, at, 0) != 0) return 7;
    if (lda < (ta ? k : m) || ldb < (tb ? n : k) || ldc < m) return 7;
    struct gemm g = {ta, tb, m, n, k, at, lda, ldb, ldc, batch, compute, a, b, c, sa, sb, sc};
    fake_say("launch");
    fake_put(gemm, &g, sizeof g);
    return 0;
}
