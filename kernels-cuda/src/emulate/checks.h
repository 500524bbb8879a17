// What watches a kernel's accesses on the CPU. The compiler calls a hook before each of them; a hook looks whether the access
// stays in a buffer, is aligned, reads shared memory that has been written, and whether another thread had to do with the
// same byte without the two having waited for each other. The first thing that is wrong is kept.

#define UNWATCHED __attribute__((no_sanitize_thread))
#define __device__
#define __shared__ static __attribute__((section("flow_shared")))
