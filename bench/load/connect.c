// Connects per second: so many clients at a time, each connects, waits for its CONNACK, says DISCONNECT and makes room
// for the next. Prints one JSON line per phase, the last with the result.
//
//   connect --port N [--clients 50] [--seconds 1] [--warmup 0.5]
#include "load.h"

#include <getopt.h>
#include <sys/epoll.h>

static const struct option OPTIONS[] = {
    {"port", required_argument, 0, 'p'},
    {"clients", required_argument, 0, 'c'},
    {"seconds", required_argument, 0, 's'},
    {"warmup", required_argument, 0, 'w'},
    {0, 0, 0, 0},
};

static int poller;
static int port;
static uint64_t opened;

static void open_client(void) {
  char client_id[40];
  uint8_t packet[128];
  // Each from the next source address: finding a port among many in TIME_WAIT would cost more than all else here.
  int fd = open_connection(port, opened * PORTS_PER_ADDRESS);
  snprintf(client_id, sizeof client_id, "load-c-%lu", opened++);
  size_t length = encode_connect(packet, client_id);
  if (send(fd, packet, length, MSG_NOSIGNAL) != (ssize_t)length) fail("CONNECT could not be sent: %s.", strerror(errno));
  struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
  epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

// True when the broker has accepted; whatever it said, the place is free again.
static int end_client(int fd) {
  static const uint8_t disconnect[] = {0xe0, 0};
  uint8_t answer[4] = {0};
  ssize_t got = recv(fd, answer, sizeof answer, 0);
  int accepted = got == 4 && answer[0] == 0x20 && answer[3] == 0;
  if (accepted) send(fd, disconnect, sizeof disconnect, MSG_NOSIGNAL);
  close(fd);
  return accepted;
}

int main(int argc, char **argv) {
  int clients = 50, option, index;
  double seconds = 1, warmup = 0.5;
  while ((option = getopt_long(argc, argv, "", OPTIONS, &index)) != -1) {
    if (option == '?') return 2;
    double value = parse_number(OPTIONS[index].name, optarg);
    if (option == 'p') port = (int)value;
    if (option == 'c') clients = (int)value;
    if (option == 's') seconds = value;
    if (option == 'w') warmup = value;
  }
  allow_connections((uint64_t)clients);
  poller = epoll_create1(EPOLL_CLOEXEC);
  for (int i = 0; i < clients; i++) open_client();

  struct epoll_event events[64];
  uint64_t accepted = 0, refused = 0, cpu = 0, begun = now_ns(), now = begun;
  uint64_t measure_from = begun + (uint64_t)(warmup * SECOND), measure_to = measure_from + (uint64_t)(seconds * SECOND);
  int measuring = 0;
  while (now < measure_to) {
    if (!measuring && now >= measure_from) {
      announce("measuring");
      measuring = 1;
      measure_from = now;
      cpu = cpu_ns();
      accepted = refused = 0;
    }
    int ready = epoll_wait(poller, events, 64, 10);
    for (int i = 0; i < ready; i++) {
      if (end_client(events[i].data.fd)) accepted++;
      else refused++;
      open_client();
    }
    now = now_ns();
  }
  cpu = cpu_ns() - cpu;
  announce("measured");
  double elapsed = (double)(now - measure_from) / SECOND;
  printf("{\"phase\":\"result\",\"seconds\":%.6f,\"connects\":%lu,\"refused\":%lu,\"cpu\":%.4f}\n", elapsed, accepted, refused,
         (double)cpu / SECOND / elapsed);
  return 0;
}
