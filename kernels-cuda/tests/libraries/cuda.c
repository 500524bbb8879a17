// A driver without a device, for tests: what is put on the stream waits until somebody waits for it, as a device would
// let it, and then runs in this process. While a stream is recorded, waiting for it and allocating on the same thread spoil
// the recording, as they do in the real one. What it is asked for goes to the file that FAKE_LOG names, a line each with the
// number of the device and the bytes, or for a recording how many works it has. With OLD defined it is one that has hardly any functions.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef uint64_t Address;

int cuInit(unsigned flags) { return flags; }

#ifndef OLD
struct work {
    void (*run)(void*);
    unsigned char data[256];
};
struct list {
    struct work* works;
    size_t count, room;
};
static struct list queue, *target = &queue;
static size_t done;
static int broken, spoiled;
static __thread int capturing;

static void put(struct list* list, const struct work* work) {
    if (list->count == list->room) {
        list->room = 2 * list->room + 16;
        list->works = realloc(list->works, list->room * sizeof *work);
    }
    list->works[list->count++] = *work;
}

// For this library and the others: work for the stream.
void fake_put(void (*run)(void*), const void* data, size_t bytes) {
    struct work work = {run};
    if (bytes > sizeof work.data) abort();
    memcpy(work.data, data, bytes);
    put(target, &work);
}

static __thread void* current;

static void say(const char* what, size_t bytes) {
    const char* path = getenv("FAKE_LOG");
    if (!path) return;
    FILE* file = fopen(path, "a");
    fprintf(file, "%s%s %d %zu\n", capturing ? "record " : "", what, (int)(intptr_t)current - 1, bytes);
    fclose(file);
}
// For the other libraries.
void fake_say(const char* what) { say(what, 0); }

static void run_until(size_t end) {
    for (; done < end; done++) queue.works[done].run(queue.works[done].data);
}

static size_t number(const char* name, size_t otherwise) {
    const char* value = getenv(name);
    return value ? strtoull(value, 0, 10) : otherwise;
}

int cuDriverGetVersion(int* version) { *version = (int)number("FAKE_VERSION", 12040); return 0; }
int cuDeviceGetCount(int* count) { *count = (int)number("FAKE_DEVICES", 1); return 0; }
int cuDeviceGet(int* device, int index) { *device = index; return 0; }
int cuDeviceGetName(char* name, int size, int device) { snprintf(name, size, "Fake %d", device); return 0; }
int cuDeviceTotalMem_v2(size_t* bytes, int device) { (void)device; *bytes = number("FAKE_MEMORY", 256 << 20); return 0; }
int cuDeviceGetAttribute(int* value, int attribute, int device) {
    (void)device;
    *value = attribute == 75 ? 9 : 0;
    return 0;
}
int cuDevicePrimaryCtxRetain(void** context, int device) {
    *context = (void*)(intptr_t)(device + 1);
    return number("FAKE_TAKEN", 0) ? 46 : 0;
}
int cuDevicePrimaryCtxRelease_v2(int device) { (void)device; return 0; }

int cuCtxSetCurrent(void* context) { current = context; return 0; }
#define NEEDS_CONTEXT if (!current) return 201; if (broken) return 719;
#define NOT_WHILE_RECORDING if (capturing) { spoiled = 1; return 900; }

int cuStreamCreate(void** stream, unsigned flags) {
    NEEDS_CONTEXT
    *stream = (void*)16;
    return flags == 1 ? 0 : 1;
}
int cuStreamSynchronize(void* stream) {
    NEEDS_CONTEXT
    if (stream != (void*)16) return 1;
    if (target != &queue) { spoiled = 1; return 900; }
    say("wait", 0);
    run_until(queue.count);
    return broken ? 719 : 0;
}

static size_t used;
static struct { Address at; size_t bytes; } pieces[4096];
int cuMemAlloc_v2(Address* at, size_t bytes) {
    NEEDS_CONTEXT
    NOT_WHILE_RECORDING
    if (bytes > number("FAKE_MEMORY", 256 << 20) - used) return 2;
    for (int i = 0; i < 4096; i++) {
        if (pieces[i].at) continue;
        pieces[i].bytes = bytes;
        *at = pieces[i].at = (Address)aligned_alloc(512, (bytes + 511) / 512 * 512);
        used += bytes;
        return 0;
    }
    return 1;
}
int cuMemFree_v2(Address at) {
    NEEDS_CONTEXT
    for (int i = 0; i < 4096; i++) {
        if (pieces[i].at != at) continue;
        used -= pieces[i].bytes;
        pieces[i].at = 0;
        free((void*)at);
        return 0;
    }
    return 1;
}
int cuMemGetInfo_v2(size_t* available, size_t* total) {
    NEEDS_CONTEXT
    *total = number("FAKE_MEMORY", 256 << 20);
    *available = *total - used;
    return 0;
}
int cuMemHostAlloc(void** at, size_t bytes, unsigned flags) {
    NEEDS_CONTEXT
    *at = malloc(bytes);
    return flags;
}
int cuMemFreeHost(void* at) { free(at); return 0; }

struct copy { void *to; const void* from; size_t bytes; };
static void copy(void* data) {
    struct copy c;
    memcpy(&c, data, sizeof c);
    memcpy(c.to, c.from, c.bytes);
}
static int put_copy(void* to, const void* from, size_t bytes) {
    NEEDS_CONTEXT
    struct copy c = {to, from, bytes};
    fake_put(copy, &c, sizeof c);
    return 0;
}
int cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, void* stream) {
    (void)stream;
    say("upload", bytes);
    return put_copy((void*)to, from, bytes);
}
int cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, void* stream) {
    (void)stream;
    say("download", bytes);
    return put_copy(to, (void*)from, bytes);
}
int cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void* stream) { (void)stream; return put_copy((void*)to, (void*)from, bytes); }

struct fill { void* to; size_t bytes; int value; };
static void fill(void* data) {
    struct fill f;
    memcpy(&f, data, sizeof f);
    memset(f.to, f.value, f.bytes);
}
int cuMemsetD8Async(Address to, unsigned char value, size_t bytes, void* stream) {
    NEEDS_CONTEXT
    (void)stream;
    struct fill f = {(void*)to, bytes, value};
    fake_put(fill, &f, sizeof f);
    return 0;
}

int cuEventCreate(void** event, unsigned flags) { (void)flags; *event = calloc(1, sizeof(size_t)); return 0; }
int cuEventDestroy_v2(void* event) { free(event); return 0; }
int cuEventRecord(void* event, void* stream) { (void)stream; *(size_t*)event = queue.count; return 0; }
int cuEventSynchronize(void* event) { run_until(*(size_t*)event); return 0; }

int cuModuleLoadData(void** module, const void* image) {
    NEEDS_CONTEXT
    NOT_WHILE_RECORDING
    *module = (void*)1;
    return memcmp(image, "\x7f" "ELF", 4) ? 200 : 0;
}
int cuModuleGetFunction(void** function, void* module, const char* name) {
    (void)module;
    *function = strdup(name);
    return 0;
}

// Some kernels do something: `twice`, which is `*at = *at * 2 + by`, `fault`, after which the device is of no use any more, and
// for floats `turn` and `epilogue` as the crate has them. Others are only announced.
static void nothing(void* data) { (void)data; }
static void fault(void* data) { (void)data; broken = 1; }
struct twice { int* at; int by; };
static void twice(void* data) {
    struct twice t;
    memcpy(&t, data, sizeof t);
    *t.at = *t.at * 2 + t.by;
}
struct turn { const float* from; float* to; long long batch, rows, columns; };
static void turn(void* data) {
    struct turn t;
    memcpy(&t, data, sizeof t);
    for (long long b = 0; b < t.batch; b++, t.from += t.rows * t.columns, t.to += t.rows * t.columns)
        for (long long i = 0; i < t.rows * t.columns; i++)
            t.to[i % t.columns * t.rows + i / t.columns] = t.from[i];
}
struct epilogue { float* to; const float* bias; long long n, count; };
static void epilogue(void* data) {
    struct epilogue e;
    memcpy(&e, data, sizeof e);
    for (long long i = 0; i < e.count; i++) e.to[i] += e.bias[i % e.n];
}
int cuLaunchKernel(void* function, unsigned x, unsigned y, unsigned z, unsigned u, unsigned v, unsigned w,
                   unsigned shared, void* stream, void** args, void** extra) {
    NEEDS_CONTEXT
    if (stream != (void*)16 || shared || extra) return 1;
    say("launch", 0);
    if (!strcmp(function, "fault")) {
        fake_put(fault, "", 0);
        return 0;
    }
    if (!strcmp(function, "twice")) {
        struct twice t = {*(int**)args[0], *(int*)args[1]};
        fake_put(twice, &t, sizeof t);
        return 0;
    }
    if (!strcmp(function, "turn")) {
        struct turn t = {*(float**)args[0], *(float**)args[1], *(long long*)args[2], *(long long*)args[3], *(long long*)args[4]};
        fake_put(turn, &t, sizeof t);
        return 0;
    }
    if (!strcmp(function, "epilogue")) {
        struct epilogue e = {*(float**)args[0], *(float**)args[1], *(long long*)args[2], *(long long*)args[3]};
        fake_put(epilogue, &e, sizeof e);
        return 0;
    }
    printf("launch %s %u,%u,%u %u,%u,%u\n", (char*)function, x, y, z, u, v, w);
    fflush(stdout);
    fake_put(nothing, "", 0);
    return 0;
}

int cuStreamBeginCapture_v2(void* stream, int mode) {
    NEEDS_CONTEXT
    (void)stream;
    if (target != &queue) return 900;
    target = calloc(1, sizeof *target);
    spoiled = 0;
    capturing = 1;
    return mode == 1 ? 0 : 1;
}
int cuStreamEndCapture(void* stream, void** graph) {
    (void)stream;
    capturing = 0;
    *graph = spoiled ? 0 : target;
    target = &queue;
    return spoiled ? 901 : 0;
}
int cuGraphInstantiateWithFlags(void** ready, void* graph, unsigned long long flags) {
    if (number("FAKE_NO_GRAPHS", 0)) return 2;
    struct list *from = graph, *to = calloc(1, sizeof *to);
    for (size_t i = 0; i < from->count; i++) put(to, &from->works[i]);
    *ready = to;
    return (int)flags;
}
int cuGraphUpload(void* graph, void* stream) { (void)graph; (void)stream; return 0; }
int cuGraphLaunch(void* graph, void* stream) {
    NEEDS_CONTEXT
    struct list* list = graph;
    if (stream != (void*)16) return 1;
    say("graph", list->count);
    for (size_t i = 0; i < list->count; i++) put(target, &list->works[i]);
    return 0;
}
int cuGraphExecDestroy(void* graph) { free(((struct list*)graph)->works); free(graph); return 0; }
int cuGraphDestroy(void* graph) { free(((struct list*)graph)->works); free(graph); return 0; }

int cuGetErrorName(int error, const char** name) { *name = error == 719 ? "CUDA_ERROR_LAUNCH_FAILED" : "FAKE_ERROR"; return 0; }
int cuGetErrorString(int error, const char** text) { (void)error; *text = "this driver is for tests"; return 0; }
#endif
