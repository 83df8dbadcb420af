// A disk that is slow or says no, and a clock that jumps: preloaded into a process
// (LD_PRELOAD), and told by three numbers in the file that CAUSO_FAULTS names.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SYNC_WAIT_MS, WRITE_ERRNO, CLOCK_OFF_S, NUMBERS };

static const volatile long long none[NUMBERS];
static const volatile long long *told = none;

#define REAL(name) \
  static __typeof__(&name) real; \
  if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
  const char *name = getenv("CAUSO_FAULTS");
  int file = name ? open(name, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *found = mmap(0, sizeof none, PROT_READ, MAP_SHARED, file, 0);
  if (found != MAP_FAILED) told = found;
  close(file);
}

// Only files: sockets and pipes are not on the disk.
static int refused(int file) {
  struct stat about;
  int no = (int)told[WRITE_ERRNO];
  if (!no || fstat(file, &about) || !S_ISREG(about.st_mode)) return 0;
  errno = no;
  return 1;
}

static void wait_ms(long long ms) {
  struct timespec pause = {ms / 1000, ms % 1000 * 1000000};
  if (ms > 0) nanosleep(&pause, 0);
}

ssize_t write(int file, const void *bytes, size_t count) {
  REAL(write);
  return refused(file) ? -1 : real(file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  REAL(pwrite);
  return refused(file) ? -1 : real(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  REAL(pwrite64);
  return refused(file) ? -1 : real(file, bytes, count, at);
}

int ftruncate(int file, off_t length) {
  REAL(ftruncate);
  return refused(file) ? -1 : real(file, length);
}

int ftruncate64(int file, off64_t length) {
  REAL(ftruncate64);
  return refused(file) ? -1 : real(file, length);
}

int fsync(int file) {
  REAL(fsync);
  wait_ms(told[SYNC_WAIT_MS]);
  return told[WRITE_ERRNO] == EIO && refused(file) ? -1 : real(file);
}

int fdatasync(int file) {
  REAL(fdatasync);
  wait_ms(told[SYNC_WAIT_MS]);
  return told[WRITE_ERRNO] == EIO && refused(file) ? -1 : real(file);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
  REAL(clock_gettime);
  int got = real(clock, now);
  if (!got && clock == CLOCK_REALTIME) now->tv_sec += told[CLOCK_OFF_S];
  return got;
}
