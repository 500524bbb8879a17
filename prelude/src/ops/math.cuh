// What the CUDA expressions of the elementwise ops are made of: the scalar functions of `math.rs` once more, for each
// element type, with the same values. Integers wrap; nothing here has undefined behaviour. Nothing is included.
namespace flow {
typedef signed char i8;
typedef unsigned char u8;
typedef long long i64;
typedef unsigned long long u64;
typedef unsigned int u32;

#define FLOW static __device__ __forceinline__

FLOW bool is_nan(float x) { return x != x; }
FLOW bool is_nan(double x) { return x != x; }
FLOW bool is_nan(int) { return false; }
FLOW bool is_nan(i64) { return false; }
FLOW bool is_nan(u8) { return false; }
FLOW bool is_inf(float x) { return x > 3.402823466e38f || x < -3.402823466e38f; }
FLOW bool is_inf(double x) { return x > 1.7976931348623157e308 || x < -1.7976931348623157e308; }
FLOW bool is_finite(float x) { return !is_nan(x) && !is_inf(x); }
FLOW bool is_finite(double x) { return !is_nan(x) && !is_inf(x); }

FLOW float plus(float x, float y) { return x + y; }
FLOW double plus(double x, double y) { return x + y; }
FLOW int plus(int x, int y) { return (int)((u32)x + (u32)y); }
FLOW i64 plus(i64 x, i64 y) { return (i64)((u64)x + (u64)y); }
FLOW u8 plus(u8 x, u8 y) { return (u8)(x + y); }

FLOW float minus(float x, float y) { return x - y; }
FLOW double minus(double x, double y) { return x - y; }
FLOW int minus(int x, int y) { return (int)((u32)x - (u32)y); }
FLOW i64 minus(i64 x, i64 y) { return (i64)((u64)x - (u64)y); }
FLOW u8 minus(u8 x, u8 y) { return (u8)(x - y); }

FLOW float times(float x, float y) { return x * y; }
FLOW double times(double x, double y) { return x * y; }
FLOW int times(int x, int y) { return (int)((u32)x * (u32)y); }
FLOW i64 times(i64 x, i64 y) { return (i64)((u64)x * (u64)y); }
FLOW u8 times(u8 x, u8 y) { return (u8)(x * y); }

FLOW float negated(float x) { return -x; }
FLOW double negated(double x) { return -x; }
template <class T> FLOW T negated(T x) { return minus((T)0, x); }

FLOW float magnitude(float x) { return fabsf(x); }
FLOW double magnitude(double x) { return fabs(x); }
template <class T> FLOW T magnitude(T x) { return x < (T)0 ? negated(x) : x; }

FLOW float sign(float x) { return x > 0 ? 1.0f : x < 0 ? -1.0f : x; }
FLOW double sign(double x) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }
template <class T> FLOW T sign(T x) { return x > (T)0 ? (T)1 : x < (T)0 ? (T)-1 : (T)0; }

template <class T> FLOW T maximum(T x, T y) { return x > y || is_nan(x) ? x : y; }
template <class T> FLOW T minimum(T x, T y) { return x < y || is_nan(x) ? x : y; }

// Towards minus infinity, as Python. A division by zero is an error before it comes here; the result is 0.
template <class T> FLOW T int_floor_div(T x, T y) {
  if (y == (T)0) return (T)0;
  if (y == (T)-1 && (T)-1 < (T)0) return negated(x);
  T q = (T)(x / y), r = (T)(x % y);
  return r != (T)0 && (x < (T)0) != (y < (T)0) ? (T)(q - (T)1) : q;
}
template <class T> FLOW T int_floor_mod(T x, T y) {
  if (y == (T)0 || (y == (T)-1 && (T)-1 < (T)0)) return (T)0;
  T r = (T)(x % y);
  return r != (T)0 && (r < (T)0) != (y < (T)0) ? (T)(r + y) : r;
}
FLOW float floor_div(float x, float y) { return floorf(x / y); }
FLOW double floor_div(double x, double y) { return floor(x / y); }
template <class T> FLOW T floor_div(T x, T y) { return int_floor_div(x, y); }
FLOW float floor_mod(float x, float y) {
  float r = fmodf(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}
FLOW double floor_mod(double x, double y) {
  double r = fmod(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}
template <class T> FLOW T floor_mod(T x, T y) { return int_floor_mod(x, y); }

FLOW float power(float x, float y) { return y == 2.0f ? x * x : powf(x, y); }
FLOW double power(double x, double y) { return y == 2.0 ? x * x : pow(x, y); }
template <class T> FLOW T power(T x, T y) {
  u64 left = y < (T)0 || (u64)y > 0xffffffffull ? 0 : (u64)y;
  T result = (T)1;
  for (; left; left >>= 1) {
    if (left & 1) result = times(result, x);
    x = times(x, x);
  }
  return result;
}

#define FLOW_REAL(name, f32, f64) \
  FLOW float name(float x) { return f32(x); } \
  FLOW double name(double x) { return f64(x); }
FLOW_REAL(sqrt, sqrtf, ::sqrt)
FLOW_REAL(exp, expf, ::exp)
FLOW_REAL(expm1, expm1f, ::expm1)
FLOW_REAL(log, logf, ::log)
FLOW_REAL(log1p, log1pf, ::log1p)
FLOW_REAL(sin, sinf, ::sin)
FLOW_REAL(cos, cosf, ::cos)
FLOW_REAL(tan, tanf, ::tan)
FLOW_REAL(asin, asinf, ::asin)
FLOW_REAL(acos, acosf, ::acos)
FLOW_REAL(atan, atanf, ::atan)
FLOW_REAL(sinh, sinhf, ::sinh)
FLOW_REAL(cosh, coshf, ::cosh)
FLOW_REAL(asinh, asinhf, ::asinh)
FLOW_REAL(acosh, acoshf, ::acosh)
FLOW_REAL(atanh, atanhf, ::atanh)
FLOW_REAL(tanh, tanhf, ::tanh)
FLOW_REAL(erf, erff, ::erf)
FLOW_REAL(erfc, erfcf, ::erfc)
FLOW_REAL(floor, floorf, ::floor)
FLOW_REAL(ceil, ceilf, ::ceil)
FLOW_REAL(round, rintf, ::rint)
#undef FLOW_REAL
FLOW float atan2(float x, float y) { return atan2f(x, y); }
FLOW double atan2(double x, double y) { return ::atan2(x, y); }

// Floats become integers by truncation; what no integer is near, NaN too, becomes the least one, as on the CPU.
template <class F> FLOW i64 to_i64(F x) {
  return x >= (F)-9223372036854775808.0 && x < (F)9223372036854775808.0 ? (i64)x : -0x7fffffffffffffffll - 1;
}
template <class F> FLOW int to_int(F x) {
  return x >= (F)-2147483648.0 && x < (F)2147483648.0 ? (int)x : -0x7fffffff - 1;
}
template <class To> struct Cast {
  template <class From> static __device__ __forceinline__ To of(From x) { return (To)x; }
};
template <> struct Cast<bool> {
  template <class From> static __device__ __forceinline__ bool of(From x) { return x != (From)0; }
};
template <> struct Cast<int> {
  template <class From> static __device__ __forceinline__ int of(From x) { return (int)x; }
  static __device__ __forceinline__ int of(float x) { return to_int(x); }
  static __device__ __forceinline__ int of(double x) { return to_int(x); }
};
template <> struct Cast<i64> {
  template <class From> static __device__ __forceinline__ i64 of(From x) { return (i64)x; }
  static __device__ __forceinline__ i64 of(float x) { return to_i64(x); }
  static __device__ __forceinline__ i64 of(double x) { return to_i64(x); }
};
template <> struct Cast<u8> {
  template <class From> static __device__ __forceinline__ u8 of(From x) { return (u8)x; }
  static __device__ __forceinline__ u8 of(float x) { return (u8)to_int(x); }
  static __device__ __forceinline__ u8 of(double x) { return (u8)to_int(x); }
};
template <class To, class From> FLOW To cast(From x) { return Cast<To>::of(x); }
#undef FLOW
}  // namespace flow
