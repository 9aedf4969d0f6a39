# Appended to mosq_test.py of Mosquitto's own broker tests, so that they speak to another broker: the program in BROKER, which is
# started in place of `mosquitto` and may take longer.
#
# Exact bytes are expected there. What a broker may choose is taken out of the comparison: which limits CONNACK names, the order of
# properties of different kinds, which packet ids it gives (a message that is sent again has to have the one that it had), reasons in
# words and of success, which of two refusals a wrong password gets, whether it says why before it closes a connection, and what it
# tells of itself under its own root. Everything else has to be as the test says.

HAS_NOT = 3
START_SECONDS = 30
CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT = 1, 2, 3, 4, 5, 6, 7, 9, 11, 14
# Topic alias maximum, receive maximum, maximum packet size.
LIMITS = {0x22, 0x21, 0x27}
REASON_STRING = 0x1f
WILL_DELAY = 0x18
# How many bytes a property takes; those that are not here begin with their length.
PROPERTY_BYTES = {
    0x01: 1, 0x02: 4, 0x11: 4, 0x13: 2, 0x17: 1, 0x18: 4, 0x19: 1, 0x21: 2, 0x22: 2, 0x23: 2, 0x24: 1, 0x25: 1, 0x27: 4,
    0x28: 1, 0x29: 1, 0x2a: 1,
}
SUBSCRIPTION_ID = 0x0b
USER_PROPERTY = 0x26
# "Bad user name or password" for "not authorized", in version 3 and 5.
BAD_PASSWORD = {4: 5, 0x86: 0x87}
# Nobody has asked for the message: success too.
NOBODY_THERE = 0x10


def start_broker(filename, cmd=None, port=0, use_conf=False, expect_fail=False):
    conf = filename.replace('.py', '.conf')
    if cmd is None:
        cmd = ['-p', str(port)] if port and not use_conf else ['-c', conf]
    else:
        cmd = cmd[1:]
    ports = ports_of(cmd) or [port or 1888]
    process = subprocess.Popen([os.environ['BROKER']] + cmd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    ends = time.time() + START_SECONDS
    while time.time() < ends:
        if process.poll() is not None:
            if process.returncode == HAS_NOT:
                print(process.stderr.read().decode())
                os._exit(HAS_NOT)
            break
        try:
            for each in ports:
                socket.create_connection(('127.0.0.1', each)).close()
            return process
        except OSError:
            time.sleep(0.05)
    if expect_fail:
        return None
    print(process.stderr.read().decode())
    raise IOError('the broker did not start')


def ports_of(cmd):
    if cmd[0] == '-c' and os.path.exists(cmd[1]):
        with open(cmd[1]) as f:
            words = [line.split() for line in f]
        return [int(line[1]) for line in words if line[:1] in (['port'], ['listener']) and line[1] != '0']


# A will is delayed as long as its session lasts: some tests forget to ask for one.
gen_connect_as_asked = gen_connect


def gen_connect(*args, properties=b'', will_properties=b'', **others):
    if properties == b'' and will_properties[:1] == bytes([WILL_DELAY]):
        properties = mqtt5_props.gen_uint32_prop(mqtt5_props.PROP_SESSION_EXPIRY_INTERVAL, 60)
    return gen_connect_as_asked(*args, properties=properties, will_properties=will_properties, **others)


# A client that acknowledges what it has got, where the test acknowledges the packet id that Mosquitto would have given.
class Client(socket.socket):
    version = 4
    # By the packet id that is expected; a later connection may be sent again what an earlier one was sent.
    given = {}

    def send(self, stream, *flags):
        if type(self) is not Client:  # TLS, which is put on top of it
            return super().send(stream, *flags)
        packets = [self.meant(packet) for packet in packets_in(stream)]
        # What is no row of packets goes as it is.
        meant = b''.join(packets)
        return super().send(meant if len(meant) == len(stream) else stream)

    def meant(self, packet):
        kind = packet[0] >> 4 if packet else 0
        if kind == CONNECT:
            body = body_of(packet)
            name = int.from_bytes(body[:2], 'big')
            self.version = body[2 + name]
        if kind in (PUBACK, PUBREC, PUBCOMP) and len(packet) >= 4:
            mid = int.from_bytes(packet[2:4], 'big')
            packet = packet[:2] + self.given.get(mid, mid).to_bytes(2, 'big') + packet[4:]
        return packet

    # For a test that looks itself whether the connection ends.
    def recv(self, length, *flags):
        if type(self) is not Client:
            return super().recv(length, *flags)
        start = super().recv(1, socket.MSG_PEEK)
        if start != b'' and start[0] >> 4 == DISCONNECT:
            any_packet(self)
        return super().recv(length)

    def recv_bytes(self, length):
        return super().recv(length)


socket.socket = Client


# DISCONNECT of version 5, or a CONNACK that refuses.
def says_why(packet):
    return packet[:1] == b'\xe0' or (packet[:1] == b'\x20' and packet[3] != 0)


# The broker's own messages, which Mosquitto keeps under $SYS, come by a subscription to `#`.
def whole_packet(sock):
    packet = any_packet(sock)
    while packet[:1] in (b'\x30', b'\x31') and b'vigie/' in packet[:12]:
        packet = any_packet(sock)
    return packet


def any_packet(sock):
    head = exactly(sock, 2)
    if len(head) < 2:
        return head
    while head[-1] & 128:
        more = exactly(sock, 1)
        if more == b'':
            return head
        head += more
    return head + exactly(sock, varint(head, 1)[0])


def exactly(sock, length):
    recv = sock.recv_bytes if type(sock) is Client else sock.recv
    found = b''
    while len(found) < length:
        more = recv(length - len(found))
        if more == b'':
            break
        found += more
    return found


# The number, and where it ends.
def varint(stream, at):
    number, shift = 0, 0
    while True:
        number |= (stream[at] & 127) << shift
        shift += 7
        at += 1
        if stream[at - 1] < 128:
            return number, at


def body_of(packet):
    return packet[varint(packet, 1)[1]:]


def packets_in(stream):
    class Reader:
        at = 0

        def recv(self, length):
            found = stream[self.at:self.at + length]
            self.at += len(found)
            return found
    reader = Reader()
    found = []
    while reader.at < len(stream):
        found.append(whole_packet(reader))
    return found


# What has to be the same of a packet, and apart from it the packet id that the broker has chosen.
def parts_of(packet, version):
    if len(packet) < 3:
        return packet, None
    kind, body = packet[0] >> 4, body_of(packet)
    given = None
    if kind == PUBLISH:
        end = 2 + int.from_bytes(body[:2], 'big')
        head = body[:end]
        if packet[0] & 6:
            given = int.from_bytes(body[end:end + 2], 'big')
            end += 2
    elif kind == CONNACK:
        head, end = bytes([body[0], BAD_PASSWORD.get(body[1], body[1])]), 2
    elif kind in (PUBACK, PUBREC, PUBREL, PUBCOMP):
        reason = body[2:3].replace(bytes([NOBODY_THERE]), b'\0') or b'\0'
        head, end = body[:2] + reason, 3
        if kind == PUBREL:
            head, given = reason, int.from_bytes(body[:2], 'big')
    elif kind in (SUBACK, UNSUBACK):
        head, end = body[:2], 2
    elif kind == DISCONNECT:
        head, end = body[:1] or b'\0', 1
    else:
        return packet, None
    properties = []
    if version == 5 and end < len(body):
        length, start = varint(body, end)
        end = start + length
        properties = sorted(properties_in(body[start:end]), key=lambda one: one[0])
        properties = [one for one in properties if is_told(kind, one[0])]
    return (packet[0], head, properties, body[end:]), given


def is_told(kind, name):
    return name != REASON_STRING and not (kind == CONNACK and name in LIMITS)


def properties_in(stream):
    at, found = 0, []
    while at < len(stream):
        name = stream[at]
        start = at + 1
        if name == SUBSCRIPTION_ID:
            at = varint(stream, start)[1]
        elif name in PROPERTY_BYTES:
            at = start + PROPERTY_BYTES[name]
        else:
            at = start
            for _ in range(2 if name == USER_PROPERTY else 1):
                at += 2 + int.from_bytes(stream[at:at + 2], 'big')
        found.append((name, stream[start:at]))
    return found


def is_same(sock, found, expected):
    version = getattr(sock, 'version', 5 if is_of_version_5(expected) else 4)
    (a, given), (b, meant) = parts_of(found, version), parts_of(expected, version)
    if a != b or (given is None) != (meant is None):
        return False
    if given is None or type(sock) is not Client:
        return given == meant
    sent_again = expected[0] >> 4 == PUBREL or expected[0] & 8
    if given == 0 or (sent_again and Client.given.get(meant, given) != given):
        return False
    Client.given[meant] = given
    return True


# Of a socket that the test has opened itself it is only known what it expects.
def is_of_version_5(packet):
    kind = packet[0] >> 4
    return kind == DISCONNECT or (kind == CONNACK and len(packet) > 4)


def expect_packet(sock, name, expected):
    if len(expected) == 0:
        found = [whole_packet(sock)]
        if says_why(found[0]):
            found = [whole_packet(sock)]
        if found == [b'']:
            return True
    else:
        wanted = packets_in(expected)
        found = [whole_packet(sock) for _ in wanted]
        if all(is_same(sock, a, b) for a, b in zip(found, wanted)):
            return True
    print('%s\n  received %s\n  expected %s' % (name, b''.join(found).hex(' '), expected.hex(' ')))
    raise TestError


def receive_unordered(sock, one, other, name):
    found = [whole_packet(sock), whole_packet(sock)]
    for wanted in ([one, other], [other, one]):
        if all(is_same(sock, a, b) for a, b in zip(found, wanted)):
            return
    print('%s\n  received %s\n  expected %s' % (name, b''.join(found).hex(' '), (one + other).hex(' ')))
    raise TestError
