use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{chunks, each, threads};

#[test]
fn every_number_comes_once_however_short_the_jobs_are() {
    for count in (0..400).chain([100_000]) {
        let seen: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
        each(count, true, |i, thread| {
            assert!(thread < threads());
            seen[i].fetch_add(1, Ordering::Relaxed);
        });
        assert!(seen.iter().all(|times| times.load(Ordering::Relaxed) == 1), "{count}");
    }
}

#[test]
fn the_pieces_are_the_whole() {
    for (len, size) in [(0, 3), (1, 3), (9, 3), (10, 3), (1000, 7)] {
        let mut all = vec![usize::MAX; len];
        chunks(&mut all, size, |i, piece| {
            assert!(piece.len() == size || i == len / size);
            piece.iter_mut().enumerate().for_each(|(j, x)| *x = i * size + j);
        });
        assert_eq!(all, (0..len).collect::<Vec<_>>());
    }
}

#[test]
fn a_job_within_a_job_runs_on_its_own_thread() {
    let total = AtomicUsize::new(0);
    each(8, true, |_, _| {
        let me = std::thread::current().id();
        each(100, true, |i, thread| {
            assert!(thread == 0 && std::thread::current().id() == me);
            total.fetch_add(i, Ordering::Relaxed);
        });
    });
    assert_eq!(total.into_inner(), 8 * 99 * 100 / 2);
}

#[test]
fn jobs_of_several_callers_do_not_mix() {
    std::thread::scope(|scope| {
        for caller in 0..4_usize {
            scope.spawn(move || {
                for round in 0..500 {
                    let sum = AtomicUsize::new(0);
                    each(50, true, |i, _| {
                        sum.fetch_add(i * caller + round, Ordering::Relaxed);
                    });
                    assert_eq!(sum.into_inner(), 49 * 50 / 2 * caller + 50 * round);
                }
            });
        }
    });
}

#[test]
fn a_panic_comes_back_to_the_caller_and_the_next_job_runs() {
    for failing in [0, 7, 63] {
        let job = || each(64, true, |i, _| assert!(i != failing, "number {i} failed"));
        let panic = catch_unwind(AssertUnwindSafe(job)).expect_err("it panics");
        let message = panic.downcast_ref::<String>().cloned().unwrap_or_default();
        assert_eq!(message, format!("number {failing} failed"));
        let seen = Mutex::new(Vec::new());
        each(64, true, |i, _| seen.lock().expect("nobody panics here").push(i));
        let mut seen = seen.into_inner().expect("as before");
        seen.sort_unstable();
        assert_eq!(seen, (0..64).collect::<Vec<_>>());
    }
}

/// A copy of the process has none of its threads: it gets helpers of its own.
#[cfg(unix)]
#[test]
fn a_copy_of_the_process_shares_its_work_too() {
    each(64, true, |_, _| ());
    // SAFETY: the copy only computes and ends without returning.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let sum = AtomicUsize::new(0);
        each(1000, true, |i, _| {
            sum.fetch_add(i, Ordering::Relaxed);
        });
        // SAFETY: ends the copy at once, without what the test harness would do.
        unsafe { libc::_exit(i32::from(sum.into_inner() != 999 * 1000 / 2)) };
    }
    let mut status = -1;
    // SAFETY: waits for that child and writes how it ended.
    unsafe { libc::waitpid(child, &mut status, 0) };
    assert_eq!(status, 0);
}
