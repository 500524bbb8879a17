// A run-time compiler for tests that compiles nothing: its code is the beginning of an ELF file.

#include <string.h>

int nvrtcVersion(int* major, int* minor) { *major = 12; *minor = 4; return 0; }
int nvrtcCreateProgram(void** program, const char* text, const char* name, int n, const char* const* a, const char* const* b) {
    (void)name; (void)n; (void)a; (void)b;
    *program = (void*)text;
    return 0;
}
int nvrtcCompileProgram(void* program, int count, const char* const* options) {
    int exact = 0;
    for (int i = 0; i < count; i++) exact |= !strcmp(options[i], "--fmad=false");
    return exact && !strcmp(options[0], "--gpu-architecture=sm_90") && !strstr(program, "#error") ? 0 : 6;
}
int nvrtcDestroyProgram(void** program) { *program = 0; return 0; }
int nvrtcGetProgramLogSize(void* program, size_t* bytes) { (void)program; *bytes = 5; return 0; }
int nvrtcGetProgramLog(void* program, char* log) { (void)program; memcpy(log, "no!\n", 5); return 0; }
int nvrtcGetCUBINSize(void* program, size_t* bytes) { (void)program; *bytes = 4; return 0; }
int nvrtcGetCUBIN(void* program, char* code) { (void)program; memcpy(code, "\x7f" "ELF", 4); return 0; }
const char* nvrtcGetErrorString(int error) { return error == 6 ? "NVRTC_ERROR_COMPILATION" : "?"; }
int nvrtcGetNumSupportedArchs(int* count) { *count = 3; return 0; }
int nvrtcGetSupportedArchs(int* list) { list[0] = 75; list[1] = 80; list[2] = 90; return 0; }
