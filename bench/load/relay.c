// The least that a broker can do, as the machine's own limit: takes connections, sends each message on to whoever
// subscribed to its topic, and acknowledges it. One thread, one epoll; what a turn gathers for a connection leaves in one
// write. It trusts its clients, keeps nothing and has no bounds: nobody should run it but the bench.
//
// Speaks as much of MQTT 3.1.1 as the load programs do: QoS 0 and 1, and filters that are a topic or end with
// "/#" or "/+".
//
//   relay PORT
#define _GNU_SOURCE // accept4
#include "load.h"

#include <stdbool.h>
#include <sys/epoll.h>

enum { CONNECT = 1, PUBLISH = 3, PUBACK = 4, SUBSCRIBE = 8, PINGREQ = 12 };

#define READ_BYTES (256 * 1024)
#define TOPICS (1 << 18)

typedef struct Connection {
  int fd;
  uint8_t *carry; // the beginning of a packet whose end has not arrived
  size_t carry_length;
  uint8_t *out;
  size_t out_length, out_capacity;
  bool is_dirty, is_blocked;
  char *filter; // null before it subscribes; without its wildcard
  size_t filter_length;
  bool is_wildcard;
  uint16_t last_id;
} Connection;

// Who wants a topic: looked up once, by its bytes.
typedef struct {
  char *name;
  size_t length;
  Connection **targets;
  uint32_t count;
} Topic;

static int poller;
static Topic topics[TOPICS];
static Connection **subscribers, **dirty;
static uint32_t subscriber_count, dirty_count, connection_count;
static uint8_t input[READ_BYTES + 65536];

static void put(Connection *to, const uint8_t *bytes, size_t length) {
  if (to->out_length + length > to->out_capacity) {
    to->out_capacity = 2 * (to->out_length + length) + 4096;
    to->out = realloc(to->out, to->out_capacity);
    if (!to->out) fail("Out of memory.");
  }
  memcpy(to->out + to->out_length, bytes, length);
  to->out_length += length;
  if (to->is_dirty) return;
  to->is_dirty = true;
  dirty[dirty_count++] = to;
}

static bool wants(const Connection *one, const char *topic, size_t length) {
  if (one->is_wildcard) return length >= one->filter_length && memcmp(topic, one->filter, one->filter_length) == 0;
  return length == one->filter_length && memcmp(topic, one->filter, length) == 0;
}

static const Topic *look_up(const char *name, size_t length) {
  uint64_t hash = 14695981039346656037ull;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (uint8_t)name[i]) * 1099511628211ull;
  Topic *topic = &topics[hash & (TOPICS - 1)];
  while (topic->name && (topic->length != length || memcmp(topic->name, name, length) != 0))
    topic = topic + 1 == topics + TOPICS ? topics : topic + 1;
  if (topic->name) return topic;
  topic->name = strndup(name, length);
  topic->length = length;
  topic->targets = allocate(subscriber_count, sizeof *topic->targets);
  for (uint32_t i = 0; i < subscriber_count; i++)
    if (wants(subscribers[i], name, length)) topic->targets[topic->count++] = subscribers[i];
  return topic;
}

static void forget_topics(void) {
  for (Topic *topic = topics; topic < topics + TOPICS; topic++) {
    if (!topic->name) continue;
    free(topic->name);
    free(topic->targets);
    *topic = (Topic){0};
  }
}

static void subscribe(Connection *from, const uint8_t *body) {
  size_t length = (size_t)body[2] << 8 | body[3];
  const uint8_t suback[] = {0x90, 3, body[0], body[1], body[4 + length]};
  uint8_t last = body[4 + length - 1];
  from->is_wildcard = last == '#' || last == '+';
  from->filter_length = length - from->is_wildcard;
  from->filter = strndup((const char *)body + 4, from->filter_length);
  subscribers[subscriber_count++] = from;
  forget_topics();
  put(from, suback, sizeof suback);
}

static void publish(Connection *from, uint8_t *packet, uint8_t *body, size_t length) {
  size_t topic_length = (size_t)body[0] << 8 | body[1];
  const Topic *topic = look_up((const char *)body + 2, topic_length);
  if ((packet[0] & 0x06) == 0) {
    for (uint32_t i = 0; i < topic->count; i++) put(topic->targets[i], packet, length);
    return;
  }
  uint8_t *id = body + 2 + topic_length;
  const uint8_t puback[] = {0x40, 2, id[0], id[1]};
  put(from, puback, sizeof puback);
  for (uint32_t i = 0; i < topic->count; i++) {
    Connection *to = topic->targets[i];
    if (++to->last_id == 0) to->last_id = 1;
    id[0] = (uint8_t)(to->last_id >> 8);
    id[1] = (uint8_t)to->last_id;
    put(to, packet, length);
  }
}

static void handle(Connection *from, uint8_t *packet, uint8_t *body, size_t length) {
  static const uint8_t connack[] = {0x20, 2, 0, 0}, pingresp[] = {0xd0, 0};
  switch (packet[0] >> 4) {
    case CONNECT: put(from, connack, sizeof connack); break;
    case PUBLISH: publish(from, packet, body, length); break;
    case SUBSCRIBE: subscribe(from, body); break;
    case PINGREQ: put(from, pingresp, sizeof pingresp); break;
    default: break; // a subscriber's PUBACK, and DISCONNECT, whose end of the connection follows
  }
}

// Handles whole packets; returns how many bytes they took.
static size_t parse(Connection *from, uint8_t *bytes, size_t count) {
  size_t at = 0;
  for (;;) {
    size_t length = 0, head = 1;
    for (uint32_t shift = 0;; shift += 7) {
      if (at + head >= count) return at;
      uint8_t byte = bytes[at + head++];
      length |= (size_t)(byte & 0x7f) << shift;
      if (!(byte & 0x80)) break;
    }
    if (at + head + length > count) return at;
    handle(from, bytes + at, bytes + at + head, head + length);
    at += head + length;
  }
}

// Returns whether the connection goes on.
static bool take(Connection *from) {
  if (from->carry_length > 0) memcpy(input, from->carry, from->carry_length);
  ssize_t got = recv(from->fd, input + from->carry_length, READ_BYTES, 0);
  if (got <= 0) return got < 0 && errno == EAGAIN;
  size_t count = from->carry_length + (size_t)got, used = parse(from, input, count);
  from->carry_length = count - used;
  if (from->carry_length > 65536) fail("A packet is longer than the relay takes.");
  if (from->carry_length == 0) return true;
  if (!from->carry) from->carry = allocate(1, 65536);
  memcpy(from->carry, input + used, from->carry_length);
  return true;
}

static void flush(Connection *to) {
  to->is_dirty = false;
  ssize_t sent = to->fd < 0 ? (ssize_t)to->out_length : send(to->fd, to->out, to->out_length, MSG_NOSIGNAL);
  if (sent < 0) sent = errno == EAGAIN ? 0 : (ssize_t)to->out_length;
  to->out_length -= (size_t)sent;
  memmove(to->out, to->out + sent, to->out_length);
  bool is_blocked = to->out_length > 0;
  if (is_blocked == to->is_blocked || to->fd < 0) return;
  to->is_blocked = is_blocked;
  struct epoll_event event = {.events = EPOLLIN | (is_blocked ? EPOLLOUT : 0), .data.ptr = to};
  epoll_ctl(poller, EPOLL_CTL_MOD, to->fd, &event);
}

static void open_client(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  Connection *client = allocate(1, sizeof *client);
  client->fd = fd;
  connection_count++;
  subscribers = realloc(subscribers, connection_count * sizeof *subscribers);
  dirty = realloc(dirty, connection_count * sizeof *dirty);
  if (!subscribers || !dirty) fail("Out of memory.");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
  epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

// A client that has gone stays in memory: others may have it among their targets.
static void close_client(Connection *client) {
  close(client->fd);
  client->fd = -1;
  for (uint32_t i = 0; i < subscriber_count; i++) {
    if (subscribers[i] != client) continue;
    subscribers[i--] = subscribers[--subscriber_count];
    forget_topics();
  }
}

int main(int argc, char **argv) {
  if (argc != 2) fail("relay PORT");
  allow_connections(2000);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)parse_number("PORT", argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 4096) < 0)
    fail("Port %s cannot be listened on: %s.", argv[1], strerror(errno));
  poller = epoll_create1(EPOLL_CLOEXEC);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[256];
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    int ready = epoll_wait(poller, events, 256, -1);
    for (int i = 0; i < ready; i++) {
      Connection *client = events[i].data.ptr;
      if (!client) {
        for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) open_client(fd);
      } else {
        if (events[i].events & EPOLLOUT && !client->is_dirty) flush(client);
        if (events[i].events & ~(uint32_t)EPOLLOUT && !take(client)) close_client(client);
      }
    }
    for (uint32_t i = 0; i < dirty_count; i++) flush(dirty[i]);
    dirty_count = 0;
  }
}
