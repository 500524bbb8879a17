#!/usr/bin/env python3
"""Compares what `src/cuda` declares of CUDA's libraries with the libraries' own headers: the types of functions as the
calling convention sees them, numbers of enumerations, layouts of structures. Nothing of it is needed by the tests.

    python3 kernels-cuda/tools/check_headers.py DIRECTORY...

The directories hold the headers, anywhere below them: an installed CUDA toolkit, or unpacked Python packages
(nvidia-cuda-runtime-cu12, -cuda-nvcc-cu12, -cuda-cccl-cu12, -cuda-nvrtc-cu12, -cublas-cu12, -cudnn-cu12, -nccl-cu12; for
CUDA 13 names without -cu12, and -cuda-crt for -cuda-nvcc). Headers that are not there are left out, with a line. Needs a C++ compiler.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

SOURCES = pathlib.Path(__file__).resolve().parent.parent / "src" / "cuda"
# Which header declares what a file's functions are.
HEADERS = {
    "driver.rs": "cuda.h",
    "compiler.rs": "nvrtc.h",
    "blas.rs": "cublas_v2.h",
    "lt.rs": "cublasLt.h",
    "dnn.rs": "cudnn.h",
    "nccl.rs": "nccl.h",
}
# The headers' names of our numbers.
NUMBERS = {
    "blas.rs": {
        "DEVICE_FLOAT": "CUDA_R_32F",
        "DEVICE_DOUBLE": "CUDA_R_64F",
        "COMPUTE_32F": "CUBLAS_COMPUTE_32F",
        "COMPUTE_64F": "CUBLAS_COMPUTE_64F",
        "COMPUTE_32F_FAST_TF32": "CUBLAS_COMPUTE_32F_FAST_TF32",
        "AS_IT_LIES": "CUBLAS_OP_N",
        "TRANSPOSED": "CUBLAS_OP_T",
        "DEFAULT_ALGORITHM": "CUBLAS_GEMM_DEFAULT",
    },
    "lt.rs": {
        "TRANSPOSE_A": "CUBLASLT_MATMUL_DESC_TRANSA",
        "TRANSPOSE_B": "CUBLASLT_MATMUL_DESC_TRANSB",
        "EPILOGUE": "CUBLASLT_MATMUL_DESC_EPILOGUE",
        "BIAS_POINTER": "CUBLASLT_MATMUL_DESC_BIAS_POINTER",
        "EPILOGUE_RELU": "CUBLASLT_EPILOGUE_RELU",
        "EPILOGUE_BIAS": "CUBLASLT_EPILOGUE_BIAS",
        "MAX_WORKSPACE_BYTES": "CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES",
    },
    "dnn.rs": {
        "NHWC": "CUDNN_TENSOR_NHWC",
        "FLOAT": "CUDNN_DATA_FLOAT",
        "CROSS_CORRELATION": "CUDNN_CROSS_CORRELATION",
        "DEFAULT_MATH": "CUDNN_DEFAULT_MATH",
        "TENSOR_OP_MATH": "CUDNN_TENSOR_OP_MATH",
        "FMA_MATH": "CUDNN_FMA_MATH",
        "DETERMINISTIC": "CUDNN_DETERMINISTIC",
    },
    "nccl.rs": {"FLOAT32": "ncclFloat32", "FLOAT64": "ncclFloat64", "SUM": "ncclSum", "MEAN": "ncclAvg"},
}
# Conditions that say that our structures lie as the headers' do, and that lists of numbers are right.
CONDITIONS = {
    "driver.rs": [
        f"CUDA_ERROR_{name} == {number}"
        for name, number in {
            "ECC_UNCORRECTABLE": 214,
            "NVLINK_UNCORRECTABLE": 220,
            "ILLEGAL_ADDRESS": 700,
            "LAUNCH_TIMEOUT": 702,
            "CONTEXT_IS_DESTROYED": 709,
            "ASSERT": 710,
            "HARDWARE_STACK_ERROR": 714,
            "ILLEGAL_INSTRUCTION": 715,
            "MISALIGNED_ADDRESS": 716,
            "INVALID_ADDRESS_SPACE": 717,
            "INVALID_PC": 718,
            "LAUNCH_FAILED": 719,
        }.items()
    ],
    "lt.rs": [
        "sizeof(cublasLtMatmulAlgo_t) == 64",
        "offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize) == 64",
        "offsetof(cublasLtMatmulHeuristicResult_t, state) == 72",
        "offsetof(cublasLtMatmulHeuristicResult_t, wavesCount) == 76",
        "sizeof(cublasLtMatmulHeuristicResult_t) == 96",
        "CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES == 5",
        "CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES == 8",
        "CUBLASLT_EPILOGUE_RELU_BIAS == (CUBLASLT_EPILOGUE_RELU | CUBLASLT_EPILOGUE_BIAS)",
    ],
    "dnn.rs": [
        f"{condition}"
        for kind in ["Fwd", "BwdData", "BwdFilter"]
        for condition in [
            f"offsetof(cudnnConvolution{kind}AlgoPerf_t, status) == 4",
            f"offsetof(cudnnConvolution{kind}AlgoPerf_t, time) == 8",
            f"offsetof(cudnnConvolution{kind}AlgoPerf_t, memory) == 16",
            f"offsetof(cudnnConvolution{kind}AlgoPerf_t, determinism) == 24",
            f"offsetof(cudnnConvolution{kind}AlgoPerf_t, mathType) == 28",
            f"sizeof(cudnnConvolution{kind}AlgoPerf_t) == 48",
        ]
    ],
}
# Functions that a header overloads in C++, with the type of the one that the library has.
OVERLOADED = {
    "cublasGemmStridedBatchedEx": "cublasStatus_t (*)(cublasHandle_t, cublasOperation_t, cublasOperation_t, int, int, int, "
    "const void*, const void*, cudaDataType, int, long long, const void*, cudaDataType, int, long long, const void*, void*, "
    "cudaDataType, int, long long, int, cublasComputeType_t, cublasGemmAlgo_t)"
}
# What the calling convention makes of a type: b, w, q for whole numbers and addresses of 1, 4 and 8 bytes.
CODES = """
#include <cstddef>
#include <type_traits>
template <class T> constexpr char code() {
    if (std::is_same<T, float>::value) return 'f';
    if (std::is_same<T, double>::value) return 'd';
    if (std::is_void<T>::value) return 'v';
    if constexpr (!std::is_void<T>::value) return sizeof(T) == 1 ? 'b' : sizeof(T) == 4 ? 'w' : sizeof(T) == 8 ? 'q' : '?';
    return '?';
}
template <class R, class... A> constexpr bool is(R (*)(A...), const char* text) {
    const char codes[] = {code<R>(), code<A>()..., 0};
    for (size_t i = 0; i <= sizeof...(A) + 1; i++)
        if (codes[i] != text[i]) return false;
    return true;
}
"""
RUST = {"f32": "f", "f64": "d", "u8": "b", "c_int": "w", "c_uint": "w", "i32": "w", "u32": "w"}
RUST |= dict.fromkeys(["usize", "u64", "i64", "c_longlong", "c_ulonglong", "Address"], "q")
# cudarc's types: numbers, and what is only handed on.
RUST |= dict.fromkeys(["sys::CUdevice", "sys::CUdevice_attribute", "sys::CUstreamCaptureMode"], "w")
HANDLES = ["context", "stream", "event", "module", "function", "graph", "graphExec"]
RUST |= {f"sys::CU{name}": "q" for name in HANDLES}


def code(rust, names):
    rust = rust.strip()
    if rust.startswith("*"):
        return "q"
    return RUST.get(rust) or code(names[rust.split("::")[-1]], names)


def functions(text):
    names = dict(re.findall(r"type (\w+) = ([^;]+);", text)) | {"Stream": "*mut c_void"}
    for block in re.findall(r"functions! \{(.*?)\n\}", text, re.S):
        for symbol, arguments, result in re.findall(r"\w+:\s+(\w+)\(([^)]*)\)(?:\s*->\s*([^;]+))?;", block):
            types = [t for t in re.split(r",\s*", arguments.strip().rstrip(",")) if t]
            yield symbol, "".join(code(t, names) for t in [result, *types])


def find(name, directories):
    found = (path for directory in directories for path in sorted(pathlib.Path(directory).rglob(name)))
    return next(found, None)


def main():
    directories = sys.argv[1:] or sys.exit(__doc__)
    below = {parent for d in directories for path in pathlib.Path(d).rglob("*") for parent in path.parents}
    includes = [f"-I{path}" for path in sorted(below) if path.name in ("include", "cccl")]
    failed = False
    for file, header in HEADERS.items():
        if find(header, directories) is None:
            print(f"{file}: {header} is not there")
            continue
        text = (SOURCES / file).read_text()
        of = lambda symbol: f"({OVERLOADED[symbol]})&{symbol}" if symbol in OVERLOADED else f"&{symbol}"
        checks = [(f'is({of(symbol)}, "{codes}")', symbol) for symbol, codes in functions(text)]
        for ours, theirs in NUMBERS.get(file, {}).items():
            number = re.search(rf"const {ours}: \w+ = (-?\d+);", text).group(1)
            checks.append((f"(int){theirs} == {number}", theirs))
        checks += [(condition, condition) for condition in CONDITIONS.get(file, [])]
        lines = [f"#include <{header}>", CODES]
        lines += [f'static_assert({condition}, "{what}");' for condition, what in checks]
        with tempfile.NamedTemporaryFile("w", suffix=".cpp") as source:
            source.write("\n".join(lines) + "\n")
            source.flush()
            command = ["c++", "-std=c++17", "-fsyntax-only", "-w", *includes, source.name]
            said = subprocess.run(command, capture_output=True, text=True).stderr
        print(f"{file}: {len(checks)} checks against {header}: {'they differ' if said else 'all alike'}\n{said}".strip())
        failed |= bool(said)
    sys.exit(failed)


if __name__ == "__main__":
    main()
