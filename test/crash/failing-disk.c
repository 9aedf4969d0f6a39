// Preloaded into a hub: while the file that VIGIE_FAULT names is there, what the hub does to its journal fails. The file says
// which: "write EIO", "sync EIO", "write EFBIG", "write EROFS". What is done to its log is noted in the file that VIGIE_CALLS names.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(const char *call) {
  int file = open(getenv("VIGIE_CALLS"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return;
  dprintf(file, "%s\n", call);
  close(file);
}

static int fails(int fd, const char *call) {
  char link[64], name[4096], fault[32] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name - 1);
  if (length < 0) return 0;
  name[length] = 0;
  if (strstr(name, "journal.db") == NULL) return 0;
  if (strstr(name, "journal.db-wal") != NULL) note(call);
  int file = open(getenv("VIGIE_FAULT"), O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  ssize_t count = read(file, fault, sizeof fault - 1);
  close(file);
  if (count <= 0 || strncmp(fault, call, strlen(call)) != 0) return 0;
  errno = strstr(fault, "EFBIG") ? EFBIG : strstr(fault, "EROFS") ? EROFS : EIO;
  return 1;
}

#define REAL(name) ((typeof(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *from, size_t count, off64_t at) {
  return fails(fd, "write") ? -1 : REAL(pwrite64)(fd, from, count, at);
}

ssize_t pwrite(int fd, const void *from, size_t count, off_t at) {
  return fails(fd, "write") ? -1 : REAL(pwrite)(fd, from, count, at);
}

int fsync(int fd) {
  return fails(fd, "sync") ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd) {
  return fails(fd, "sync") ? -1 : REAL(fdatasync)(fd);
}
