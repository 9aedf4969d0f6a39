// What both load programs share: the clock, the CPU used, a connection to a broker on this machine, and CONNECT.
// MQTT 3.1.1 throughout, which every broker measured here speaks.
#ifndef LOAD_H
#define LOAD_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000ull

// Fewer than the ephemeral ports that one source address has (28,232 by default).
#define PORTS_PER_ADDRESS 16384

static inline void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}

static inline void *allocate(size_t count, size_t size) {
  void *memory = calloc(count ? count : 1, size);
  if (!memory) fail("Out of memory.");
  return memory;
}

static inline uint64_t read_clock(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static inline uint64_t now_ns(void) { return read_clock(CLOCK_MONOTONIC); }
static inline uint64_t cpu_ns(void) { return read_clock(CLOCK_PROCESS_CPUTIME_ID); }

// The phases that the caller samples the broker at; each is one JSON line, as is the result.
static inline void announce(const char *phase) {
  printf("{\"phase\":\"%s\"}\n", phase);
  fflush(stdout);
}

// As many descriptors as the system grants; root may raise the hard limit too.
static inline void allow_connections(uint64_t connections) {
  struct rlimit limit;
  rlim_t wanted = connections + 64;
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return;
  rlim_t hard = limit.rlim_max;
  limit.rlim_cur = wanted;
  if (limit.rlim_max < wanted) limit.rlim_max = wanted;
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  fail("%lu connections need %lu open files and the limit is %lu: raise it with ulimit -n.", connections, wanted, hard);
}

// The nth connection to the broker, blocking. The source address moves on (127.0.0.1, .2, …) before it runs out of ports.
static inline int open_connection(int port, uint64_t n) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) fail("A socket cannot be opened: %s.", strerror(errno));
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  struct sockaddr_in source = {.sin_family = AF_INET};
  source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (uint32_t)(n / PORTS_PER_ADDRESS % 250));
  if (bind(fd, (struct sockaddr *)&source, sizeof source) < 0) fail("A source address cannot be bound: %s.", strerror(errno));
  struct sockaddr_in target = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&target, sizeof target) < 0)
    fail("127.0.0.1:%d takes no connection: %s.", port, strerror(errno));
  return fd;
}

static inline uint8_t *put_text(uint8_t *at, const char *text) {
  size_t length = strlen(text);
  *at++ = (uint8_t)(length >> 8);
  *at++ = (uint8_t)length;
  memcpy(at, text, length);
  return at + length;
}

// A clean session with a keep alive of a minute. A client id stays under 100 bytes, so that the length takes one.
static inline size_t encode_connect(uint8_t *packet, const char *client_id) {
  static const uint8_t head[] = {0x10, 0, 0, 4, 'M', 'Q', 'T', 'T', 4, 0x02, 0, 60};
  memcpy(packet, head, sizeof head);
  uint8_t *end = put_text(packet + sizeof head, client_id);
  packet[1] = (uint8_t)(end - packet - 2);
  return (size_t)(end - packet);
}

// A number given as --name on the command line.
static inline double parse_number(const char *name, const char *text) {
  char *end;
  double value = strtod(text, &end);
  if (*text == 0 || *end != 0 || value < 0) fail("--%s needs a number of at least 0, not \"%s\".", name, text);
  return value;
}

#endif
