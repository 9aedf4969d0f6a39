// Publishers and subscribers on one broker, as fast as it takes them or at a fixed rate.
//
// Every message is accounted for. Each publisher × topic is a stream with its own numbering; a payload carries stream and
// number at both ends (so that a torn one is found) and the moment it was due. For each subscriber and stream the numbers
// have to arrive as 0, 1, 2, …: what is missing at the end is lost, what comes late is reordered, what comes again is
// duplicated. Acknowledgements have to come in the order of the messages.
//
// A message occupies its publisher's window until it is acknowledged (QoS > 0) and has reached all who subscribe to it, so
// the broker holds a bounded number of messages whatever its speed, and a window of 1 is "one message at a time". With
// --rate, messages fall due at equal distances and latency counts from the due moment, also when the sender was held up.
//
// One thread, one epoll, one write per connection and turn; packets of a publisher are encoded once and then only get new
// numbers. Prints one JSON line per phase (connected, measuring, measured), the last with the result.
//
//   stream --port N --pubs N --subs N [--pairs 1] [--topics N] [--qos 0|1|2] [--size BYTES] [--window N] [--rate N]
//          [--seconds S] [--warmup S] [--settle S] [--patience S] [--prefix TOPIC] [--deliver-prefix TOPIC]
//
// --settle holds all connections before the first message; --patience is how long after the last arrival what is still
// missing counts as lost; --deliver-prefix subscribes elsewhere, for a rule that passes messages on.
#include "load.h"

#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

enum { PUBACK = 0x40, PUBREC = 0x50, PUBREL = 0x62, PUBCOMP = 0x70, PINGRESP = 0xd0 };

#define READ_BYTES (256 * 1024)
#define BATCH_BYTES (64 * 1024)
#define FOREVER UINT64_MAX
#define PING_EVERY (20 * SECOND) // subscribers at QoS 0 would else be silent past their keep alive
#define PACKET_IDS 65535
#define HEAD 16                  // payload: stream, number, due moment; then filler; then stream and number once more
#define TAIL 8
#define MISSING_MAX 65536

typedef struct Publisher Publisher;

typedef struct {
  int fd;
  uint32_t index;
  Publisher *publisher; // null for a subscriber
  uint8_t *carry;       // the beginning of a packet whose end has not arrived
  size_t carry_length;
  uint8_t *unsent; // what the socket did not take; while there is any, nothing else is written
  size_t unsent_length, unsent_capacity;
} Connection;

struct Publisher {
  Connection connection;
  uint8_t *packets;   // `batch` packets, encoded once
  uint64_t *due;      // by number modulo `ring`: when each unacknowledged message fell due
  uint64_t sent;
  uint64_t received;  // PUBACK or PUBREC, which have to come in order
  uint64_t completed; // PUBACK or PUBCOMP
  uint64_t delivered; // to all subscribers together
  bool woken;
};

typedef struct {
  uint32_t subscriber, stream, number;
} Missing;

// Latencies in 32 steps per power of two of nanoseconds: 3 % exact.
typedef struct {
  uint64_t counts[64 * 32];
  uint64_t total, highest;
} Histogram;

static struct {
  int port;
  uint32_t pubs, subs, topics, qos, size, window;
  bool pairs;
  double rate, seconds, warmup, settle, patience;
  const char *prefix, *deliver_prefix;
} options = {.pubs = 1, .subs = 1, .topics = 1, .size = 64, .window = 100, .seconds = 1, .warmup = 0.5,
             .patience = 2, .prefix = "bench"};

static int poller;
static Publisher *publishers;
static Connection *subscribers;
static Publisher **woken; // whose window may have room since the last turn
static uint32_t woken_count;

static uint32_t fan_out; // subscribers that each message goes to
static uint32_t streams;
static uint32_t batch; // messages that one write may carry
static uint32_t least; // room that is worth a write
static uint32_t ring;
static uint32_t packet_length, topic_at, id_at, payload_at;

static uint32_t *expected; // by subscriber × stream: the number that comes next
static Missing missing[MISSING_MAX];
static uint32_t missing_count;

static bool measuring;
static Histogram delivery, acknowledgement;
static struct {
  uint64_t delivered, acknowledged;
  uint64_t lost, duplicated, reordered, wrong, acks_reordered, closed;
} totals;

static uint8_t input[READ_BYTES + 4096];
static uint8_t answers[sizeof input]; // no answer is longer than what it answers
static size_t answers_length;

static void parse_options(int argc, char **argv);
static void connect_all(void);
static void prepare_packets(Publisher *publisher);
static void run_until(uint64_t end, bool publish);
static void print_result(uint64_t elapsed, uint64_t cpu, uint64_t delivered, uint64_t acknowledged);
static bool all_arrived(void);

int main(int argc, char **argv) {
  parse_options(argc, argv);
  prctl(PR_SET_TIMERSLACK, 1ul);
  allow_connections(options.pubs + options.subs);
  connect_all();
  for (uint32_t i = 0; i < options.pubs; i++) prepare_packets(&publishers[i]);
  announce("connected");
  run_until(now_ns() + (uint64_t)(options.settle * SECOND), false);

  run_until(now_ns() + (uint64_t)(options.warmup * SECOND), true);
  announce("measuring");
  measuring = true;
  uint64_t from = now_ns(), cpu = cpu_ns(), delivered = totals.delivered, acknowledged = totals.acknowledged;
  run_until(from + (uint64_t)(options.seconds * SECOND), true);
  uint64_t elapsed = now_ns() - from;
  cpu = cpu_ns() - cpu;
  delivered = totals.delivered - delivered;
  acknowledged = totals.acknowledged - acknowledged;
  measuring = false;
  announce("measured");

  if (!all_arrived()) run_until(FOREVER, false);
  print_result(elapsed, cpu, delivered, acknowledged);
  return 0;
}

// ---------------------------------------------------------------------------------------------- the command line

static void parse_options(int argc, char **argv) {
  static const char *const names[] = {"port",    "pubs",   "subs",   "topics",   "qos",    "size",           "window", "pairs", "rate",
                                      "seconds", "warmup", "settle", "patience", "prefix", "deliver-prefix", 0};
  struct option known[sizeof names / sizeof *names] = {0};
  for (int i = 0; names[i]; i++) known[i] = (struct option){names[i], required_argument, 0, i};
  int option;
  while ((option = getopt_long(argc, argv, "", known, 0)) != -1) {
    if (option == '?') exit(2);
    const char *name = names[option];
    if (!strcmp(name, "prefix")) {
      options.prefix = optarg;
      continue;
    }
    if (!strcmp(name, "deliver-prefix")) {
      options.deliver_prefix = optarg;
      continue;
    }
    double value = parse_number(name, optarg);
    if (!strcmp(name, "port")) options.port = (int)value;
    if (!strcmp(name, "pubs")) options.pubs = (uint32_t)value;
    if (!strcmp(name, "subs")) options.subs = (uint32_t)value;
    if (!strcmp(name, "topics")) options.topics = (uint32_t)value;
    if (!strcmp(name, "qos")) options.qos = (uint32_t)value;
    if (!strcmp(name, "size")) options.size = (uint32_t)value;
    if (!strcmp(name, "window")) options.window = (uint32_t)value;
    if (!strcmp(name, "pairs")) options.pairs = value > 0;
    if (!strcmp(name, "rate")) options.rate = value;
    if (!strcmp(name, "seconds")) options.seconds = value;
    if (!strcmp(name, "warmup")) options.warmup = value;
    if (!strcmp(name, "settle")) options.settle = value;
    if (!strcmp(name, "patience")) options.patience = value;
  }
  if (!options.port || !options.pubs || !options.topics || !options.window)
    fail("--port, --pubs, --topics and --window start at 1.");
  if (options.qos > 2) fail("--qos is 0, 1 or 2.");
  if (options.qos == 0 && options.subs == 0) fail("At QoS 0 only a subscriber tells what arrived: --subs starts at 1.");
  if (options.pairs && options.pubs != options.subs) fail("--pairs needs as many subscribers as publishers.");
  if (options.size < HEAD + TAIL || options.size > 3072) fail("--size is %d to 3072 bytes.", HEAD + TAIL);
  if (options.pubs > 99999 || options.topics > 9999) fail("--pubs goes up to 99999 and --topics up to 9999.");
  if (strlen(options.prefix) > 80) fail("--prefix is longer than 80 bytes.");
  if (options.window > PACKET_IDS) fail("--window goes up to %d, the number of packet ids.", PACKET_IDS);
  if (!options.deliver_prefix) options.deliver_prefix = options.prefix;
  fan_out = options.pairs ? 1 : options.subs;
  streams = options.pubs * options.topics;
  least = options.rate > 0 || options.window < 4 ? 1 : options.window / 4;
}

// ------------------------------------------------------------------------------------------ connecting, blocking

static void read_exactly(int fd, uint8_t *bytes, size_t length, const char *what) {
  for (size_t got = 0; got < length;) {
    ssize_t count = recv(fd, bytes + got, length - got, 0);
    if (count <= 0) fail("The broker did not answer with %s: %s.", what, count ? strerror(errno) : "it closed the connection");
    got += (size_t)count;
  }
}

static void open_client(Connection *connection, const char *kind, uint32_t index, uint64_t n) {
  char client_id[40];
  uint8_t packet[128], answer[4];
  struct timeval patience = {.tv_sec = 10};
  snprintf(client_id, sizeof client_id, "load-%s-%u", kind, index);
  connection->index = index;
  connection->fd = open_connection(options.port, n);
  setsockopt(connection->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  send(connection->fd, packet, encode_connect(packet, client_id), MSG_NOSIGNAL);
  read_exactly(connection->fd, answer, sizeof answer, "CONNACK");
  if (answer[0] != 0x20 || answer[3] != 0) fail("The broker refused the connection with code %d.", answer[3]);
}

static void subscribe(Connection *subscriber) {
  char filter[128];
  uint8_t packet[160] = {0x82, 0, 0, 1}, answer[5];
  if (options.pairs) snprintf(filter, sizeof filter, "%s/%05u/+", options.deliver_prefix, subscriber->index);
  else if (streams == 1) snprintf(filter, sizeof filter, "%s/00000/0000", options.deliver_prefix);
  else snprintf(filter, sizeof filter, "%s/#", options.deliver_prefix);
  uint8_t *end = put_text(packet + 4, filter);
  *end++ = (uint8_t)options.qos;
  packet[1] = (uint8_t)(end - packet - 2);
  send(subscriber->fd, packet, (size_t)(end - packet), MSG_NOSIGNAL);
  read_exactly(subscriber->fd, answer, sizeof answer, "SUBACK");
  if (answer[0] != 0x90 || answer[4] != options.qos)
    fail("The broker granted code %d for %s at QoS %u.", answer[4], filter, options.qos);
}

static void poll_client(Connection *connection) {
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  fcntl(connection->fd, F_SETFL, fcntl(connection->fd, F_GETFL) | O_NONBLOCK);
  if (epoll_ctl(poller, EPOLL_CTL_ADD, connection->fd, &event) < 0) fail("epoll: %s.", strerror(errno));
}

static void connect_all(void) {
  poller = epoll_create1(EPOLL_CLOEXEC);
  publishers = allocate(options.pubs, sizeof *publishers);
  subscribers = allocate(options.subs, sizeof *subscribers);
  woken = allocate(options.pubs, sizeof *woken);
  expected = allocate((size_t)options.subs * streams, sizeof *expected);
  for (uint32_t i = 0; i < options.subs; i++) {
    open_client(&subscribers[i], "sub", i, i);
    subscribe(&subscribers[i]);
  }
  for (uint32_t i = 0; i < options.pubs; i++) {
    publishers[i].connection.publisher = &publishers[i];
    open_client(&publishers[i].connection, "pub", i, (uint64_t)options.subs + i);
  }
  for (uint32_t i = 0; i < options.subs; i++) poll_client(&subscribers[i]);
  for (uint32_t i = 0; i < options.pubs; i++) poll_client(&publishers[i].connection);
}

// ----------------------------------------------------------------------------------------------------- publishing

// All packets of a run are laid out alike (numbers in topics have a fixed width), so only numbers change afterwards.
static void prepare_packets(Publisher *publisher) {
  char topic[128];
  uint32_t topic_length = (uint32_t)snprintf(topic, sizeof topic, "%s/%05u/0000", options.prefix, publisher->connection.index);
  uint32_t remaining = 2 + topic_length + (options.qos ? 2 : 0) + options.size;
  uint32_t header = remaining < 128 ? 2 : 3;
  packet_length = header + remaining;
  topic_at = header + 2;
  id_at = topic_at + topic_length;
  payload_at = header + remaining - options.size;
  batch = BATCH_BYTES / packet_length;
  if (batch > options.window) batch = options.window;
  if (options.rate > 0) batch = 1;
  ring = 1;
  while (ring < options.window) ring *= 2;
  if (options.qos) publisher->due = allocate(ring, sizeof *publisher->due);
  publisher->packets = allocate(batch, packet_length);
  for (uint32_t i = 0; i < batch; i++) {
    uint8_t *packet = publisher->packets + (size_t)i * packet_length;
    packet[0] = (uint8_t)(0x30 | options.qos << 1);
    packet[1] = (uint8_t)(header == 2 ? remaining : (remaining & 127) | 128);
    if (header == 3) packet[2] = (uint8_t)(remaining >> 7);
    put_text(packet + header, topic);
    memset(packet + payload_at, '.', options.size);
  }
}

static void number_packet(Publisher *publisher, uint8_t *packet, uint64_t k, uint64_t due) {
  uint32_t topic = 0, number = (uint32_t)k;
  if (options.topics > 1) {
    topic = (uint32_t)(k % options.topics);
    number = (uint32_t)(k / options.topics);
    uint8_t *digit = packet + id_at;
    for (uint32_t rest = topic, i = 0; i < 4; i++, rest /= 10) *--digit = (uint8_t)('0' + rest % 10);
  }
  if (options.qos) {
    uint32_t id = (uint32_t)(k % PACKET_IDS) + 1;
    packet[id_at] = (uint8_t)(id >> 8);
    packet[id_at + 1] = (uint8_t)id;
    publisher->due[k & (ring - 1)] = due;
  }
  uint8_t *payload = packet + payload_at;
  uint32_t mark[2] = {publisher->connection.index * options.topics + topic, number};
  memcpy(payload, mark, sizeof mark);
  memcpy(payload + sizeof mark, &due, sizeof due);
  memcpy(payload + options.size - TAIL, mark, sizeof mark);
}

static void wait_for(Connection *connection, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  epoll_ctl(poller, EPOLL_CTL_MOD, connection->fd, &event);
}

static void write_bytes(Connection *connection, const uint8_t *bytes, size_t length) {
  if (connection->fd < 0) return;
  if (!connection->unsent_length) {
    ssize_t count = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    if (count == (ssize_t)length) return;
    if (count > 0) bytes += count, length -= (size_t)count;
    wait_for(connection, EPOLLIN | EPOLLOUT);
  }
  size_t needed = connection->unsent_length + length;
  if (needed > connection->unsent_capacity) {
    connection->unsent_capacity = needed * 2;
    connection->unsent = realloc(connection->unsent, connection->unsent_capacity);
    if (!connection->unsent) fail("Out of memory.");
  }
  memcpy(connection->unsent + connection->unsent_length, bytes, length);
  connection->unsent_length = needed;
}

static void write_unsent(Connection *connection) {
  ssize_t count = send(connection->fd, connection->unsent, connection->unsent_length, MSG_NOSIGNAL);
  if (count <= 0) return;
  connection->unsent_length -= (size_t)count;
  memmove(connection->unsent, connection->unsent + count, connection->unsent_length);
  if (!connection->unsent_length) wait_for(connection, EPOLLIN);
}

static uint32_t room(const Publisher *publisher) {
  uint64_t done = options.qos ? publisher->completed : publisher->sent;
  if (fan_out) {
    uint64_t everywhere = fan_out == 1 ? publisher->delivered : publisher->delivered / fan_out;
    if (everywhere < done) done = everywhere;
  }
  uint64_t open = publisher->sent - done;
  return open < options.window ? options.window - (uint32_t)open : 0;
}

static void publish_messages(Publisher *publisher, uint32_t count, uint64_t due) {
  for (uint32_t i = 0; i < count; i++)
    number_packet(publisher, publisher->packets + (size_t)i * packet_length, publisher->sent + i, due);
  publisher->sent += count;
  write_bytes(&publisher->connection, publisher->packets, (size_t)count * packet_length);
}

static void fill_window(Publisher *publisher, uint64_t now) {
  uint32_t space;
  while (!publisher->connection.unsent_length && publisher->connection.fd >= 0 && (space = room(publisher)) >= least)
    publish_messages(publisher, space < batch ? space : batch, now);
}

static void wake(Publisher *publisher) {
  if (publisher->woken) return;
  publisher->woken = true;
  woken[woken_count++] = publisher;
}

// ------------------------------------------------------------------------------------------------------ receiving

static void record(Histogram *histogram, uint64_t latency) {
  if (latency > histogram->highest) histogram->highest = latency;
  histogram->total++;
  if (latency < 32) latency = 32;
  uint32_t power = 63 - (uint32_t)__builtin_clzll(latency);
  histogram->counts[power * 32 + (latency >> (power - 5) & 31)]++;
}

// Off the fast path: a number that was not the next one. True when the message is nevertheless a new one.
static bool account(uint32_t subscriber, uint32_t stream, uint32_t number, uint32_t *next) {
  for (uint32_t i = 0; i < missing_count; i++) {
    if (missing[i].subscriber != subscriber || missing[i].stream != stream || missing[i].number != number) continue;
    missing[i] = missing[--missing_count];
    totals.reordered++;
    return true;
  }
  if (number < *next) {
    totals.duplicated++;
    return false;
  }
  for (; *next < number; ++*next) {
    if (missing_count < MISSING_MAX) missing[missing_count++] = (Missing){subscriber, stream, *next};
    else totals.lost++;
  }
  ++*next;
  return true;
}

// Answers of one read leave together.
static void answer(uint8_t type, const uint8_t *id) {
  const uint8_t packet[] = {type, 2, id[0], id[1]};
  memcpy(answers + answers_length, packet, sizeof packet);
  answers_length += sizeof packet;
}

static void take_publish(Connection *subscriber, const uint8_t *packet, uint32_t header, uint32_t length, uint64_t now) {
  const uint8_t *topic = packet + header, *payload = packet + header + length - options.size;
  uint32_t qos = packet[0] >> 1 & 3, topic_length = (uint32_t)topic[0] << 8 | topic[1], mark[2];
  uint64_t due;
  if (qos != options.qos || length != 2 + topic_length + (qos ? 2 : 0) + options.size) {
    totals.wrong++;
    return;
  }
  if (qos) answer(qos == 1 ? PUBACK : PUBREC, topic + 2 + topic_length);
  memcpy(mark, payload, sizeof mark);
  memcpy(&due, payload + sizeof mark, sizeof due);
  uint32_t stream = mark[0], number = mark[1];
  if (stream >= streams || memcmp(payload + options.size - TAIL, mark, TAIL) != 0) {
    totals.wrong++;
    return;
  }
  Publisher *publisher = &publishers[options.topics == 1 ? stream : stream / options.topics];
  if (options.pairs && publisher->connection.index != subscriber->index) {
    totals.wrong++;
    return;
  }
  uint32_t *next = &expected[(size_t)subscriber->index * streams + stream];
  if (number == *next) ++*next;
  else if (!account(subscriber->index, stream, number, next)) return;
  totals.delivered++;
  publisher->delivered++;
  if (measuring) record(&delivery, now - due);
  wake(publisher);
}

// PUBACK, PUBREC and PUBCOMP to a publisher.
static void take_answer(Publisher *publisher, const uint8_t *packet, uint64_t now) {
  uint8_t type = packet[0] & 0xf0;
  if (type != PUBCOMP) {
    uint32_t id = (uint32_t)packet[2] << 8 | packet[3];
    if (id != publisher->received % PACKET_IDS + 1) totals.acks_reordered++;
    publisher->received++;
  }
  if (type == PUBREC) {
    answer(PUBREL, packet + 2);
    return;
  }
  if (measuring) record(&acknowledgement, now - publisher->due[publisher->completed & (ring - 1)]);
  publisher->completed++;
  totals.acknowledged++;
  wake(publisher);
}

static void take_packet(Connection *connection, const uint8_t *packet, uint32_t header, uint32_t length, uint64_t now) {
  uint8_t type = packet[0] & 0xf0;
  if (!connection->publisher && type == 0x30 && length >= options.size) {
    take_publish(connection, packet, header, length, now);
  } else if (connection->publisher && length == 2 && type == (options.qos == 1 ? PUBACK : PUBREC)) {
    take_answer(connection->publisher, packet, now);
  } else if (connection->publisher && length == 2 && type == PUBCOMP && options.qos == 2) {
    take_answer(connection->publisher, packet, now);
  } else if (!connection->publisher && length == 2 && packet[0] == PUBREL) {
    answer(PUBCOMP, packet + 2);
  } else if (type != PINGRESP) {
    totals.wrong++;
  }
}

static void close_client(Connection *connection) {
  totals.closed++;
  close(connection->fd);
  connection->fd = -1;
}

static void keep(Connection *connection, const uint8_t *rest, size_t length) {
  connection->carry_length = length;
  if (!length) return;
  if (length > 4096) fail("The broker sent a packet that is larger than any that was published.");
  if (!connection->carry) connection->carry = allocate(4096, 1);
  memcpy(connection->carry, rest, length);
}

static void read_client(Connection *connection) {
  size_t carried = connection->carry_length;
  if (carried) memcpy(input, connection->carry, carried);
  ssize_t count = recv(connection->fd, input + carried, READ_BYTES, 0);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) {
    close_client(connection);
    return;
  }
  uint64_t now = now_ns();
  const uint8_t *at = input, *end = input + carried + count;
  answers_length = 0;
  while (end - at >= 2) {
    uint32_t length = at[1] & 127, header = 2;
    if (at[1] & 128) {
      if (end - at < 3) break;
      length |= (uint32_t)at[2] << 7;
      header = 3;
    }
    if (end - at < (ptrdiff_t)(header + length)) break;
    take_packet(connection, at, header, length, now);
    at += header + length;
  }
  keep(connection, at, (size_t)(end - at));
  if (answers_length) write_bytes(connection, answers, answers_length);
}

// ------------------------------------------------------------------------------------------------------- the loop

static void ping_subscribers(void) {
  static const uint8_t ping[] = {0xc0, 0};
  for (uint32_t i = 0; i < options.subs; i++) write_bytes(&subscribers[i], ping, sizeof ping);
}

static bool all_arrived(void) {
  for (uint32_t i = 0; i < options.pubs; i++) {
    const Publisher *publisher = &publishers[i];
    if (publisher->delivered < publisher->sent * fan_out) return false;
    if (options.qos && publisher->completed < publisher->sent) return false;
  }
  return true;
}

// Publishes what has fallen due, from one publisher after the other; returns the moment of the next.
static uint64_t publish_due(uint64_t now) {
  static uint64_t next_due;
  static uint32_t turn;
  uint64_t distance = (uint64_t)(SECOND / options.rate);
  if (!next_due) next_due = now;
  while (next_due <= now && room(&publishers[turn])) {
    publish_messages(&publishers[turn], 1, next_due);
    next_due += distance;
    turn = (turn + 1) % options.pubs;
  }
  return next_due;
}

// Until the end; with no end, until everything has arrived or nothing has for a while.
static void run_until(uint64_t end, bool publish) {
  static uint64_t pinged_at;
  struct epoll_event events[256];
  uint64_t now = now_ns(), progress = 0, progress_at = now;
  if (publish && options.rate == 0) for (uint32_t i = 0; i < options.pubs; i++) wake(&publishers[i]);
  while (now < end) {
    uint64_t until = end < now + SECOND / 100 ? end : now + SECOND / 100;
    if (publish && options.rate > 0) {
      uint64_t next_due = publish_due(now);
      if (next_due < until) until = next_due > now ? next_due : now + SECOND / 1000;
    }
    struct timespec timeout = {.tv_nsec = (long)(until - now)};
    int ready = epoll_pwait2(poller, events, 256, &timeout, 0);
    for (int i = 0; i < ready; i++) {
      Connection *connection = events[i].data.ptr;
      if (events[i].events & EPOLLOUT) {
        write_unsent(connection);
        if (connection->publisher) wake(connection->publisher);
      }
      if (events[i].events & ~(uint32_t)EPOLLOUT) read_client(connection);
    }
    now = now_ns();
    if (publish && options.rate == 0) for (uint32_t i = 0; i < woken_count; i++) fill_window(woken[i], now);
    for (uint32_t i = 0; i < woken_count; i++) woken[i]->woken = false;
    woken_count = 0;

    if (totals.delivered + totals.acknowledged != progress) progress = totals.delivered + totals.acknowledged, progress_at = now;
    else if (end == FOREVER && now - progress_at > (uint64_t)(options.patience * SECOND)) return;
    if (end == FOREVER && all_arrived()) return;
    if (now - pinged_at > PING_EVERY) ping_subscribers(), pinged_at = now;
  }
}

// ----------------------------------------------------------------------------------------------------- the result

static void count_lost(void) {
  totals.lost += missing_count;
  for (uint32_t s = 0; s < options.subs; s++) {
    for (uint32_t stream = 0; stream < streams; stream++) {
      uint32_t publisher = stream / options.topics, topic = stream % options.topics;
      if (options.pairs && publisher != s) continue;
      uint64_t sent = (publishers[publisher].sent + options.topics - 1 - topic) / options.topics;
      totals.lost += sent - expected[(size_t)s * streams + stream];
    }
  }
}

static double percentile_ms(const Histogram *histogram, double part) {
  uint64_t wanted = (uint64_t)((double)histogram->total * part), seen = 0;
  for (uint32_t i = 160; i < 64 * 32; i++) {
    seen += histogram->counts[i];
    if (seen > wanted) return (double)((32ull + i % 32) << (i / 32 - 5)) / 1e6;
  }
  return (double)histogram->highest / 1e6;
}

static void print_latency(const char *name, const Histogram *histogram) {
  printf(",\"%s\":{\"count\":%lu,\"p50\":%.4f,\"p99\":%.4f,\"max\":%.4f}", name, histogram->total, percentile_ms(histogram, 0.5),
         percentile_ms(histogram, 0.99), (double)histogram->highest / 1e6);
}

static void print_result(uint64_t elapsed, uint64_t cpu, uint64_t delivered, uint64_t acknowledged) {
  uint64_t sent = 0, unacknowledged = 0;
  count_lost();
  for (uint32_t i = 0; i < options.pubs; i++) {
    sent += publishers[i].sent;
    if (options.qos) unacknowledged += publishers[i].sent - publishers[i].completed;
  }
  printf("{\"phase\":\"result\",\"seconds\":%.6f,\"delivered\":%lu,\"acknowledged\":%lu,\"cpu\":%.4f", (double)elapsed / SECOND,
         delivered, acknowledged, (double)cpu / (double)elapsed);
  print_latency("delivery", &delivery);
  print_latency("acknowledgement", &acknowledgement);
  printf(",\"faults\":{\"lost\":%lu,\"duplicated\":%lu,\"reordered\":%lu,\"wrong\":%lu", totals.lost, totals.duplicated,
         totals.reordered, totals.wrong);
  printf(",\"unacknowledged\":%lu,\"acknowledgedOutOfOrder\":%lu,\"closed\":%lu},\"sent\":%lu}\n", unacknowledged,
         totals.acks_reordered, totals.closed, sent);
}
