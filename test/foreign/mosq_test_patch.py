# Appended to mosq_test.py of Mosquitto's own broker tests, so that they speak to another broker: the program in BROKER, which is
# started in place of `mosquitto` and may take longer.
#
# Exact bytes are expected there. What a broker may choose is taken out of the comparison: which limits CONNACK names, reasons in
# words and of success, which of two refusals a wrong password gets, whether it says why before it closes a connection, and what it tells of itself under its own root. Everything else has to be
# as the test says.

HAS_NOT = 3
START_SECONDS = 30
# Topic alias maximum, receive maximum, maximum packet size; reason string.
CHOSEN = {0x22: 2, 0x21: 2, 0x27: 4}
SERVER_KEEP_ALIVE = 0x13
REASON_STRING = 0x1f
# "Bad user name or password" for "not authorized", in version 3 and 5.
BAD_PASSWORD = {4: 5, 0x86: 0x87}


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
    length, shift, at = head[1] & 127, 7, 1
    while head[at] & 128:
        head += exactly(sock, 1)
        at += 1
        length |= (head[at] & 127) << shift
        shift += 7
    return head + exactly(sock, length)


def exactly(sock, length):
    found = b''
    while len(found) < length:
        more = sock.recv(length - len(found))
        if more == b'':
            break
        found += more
    return found


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


# A small packet of version 5 without the properties that are the broker's choice.
def plain(packet):
    if packet == b'':
        return packet
    kind = packet[0] >> 4
    if kind == 2 and packet[3] in BAD_PASSWORD:
        packet = packet[:3] + bytes([BAD_PASSWORD[packet[3]]]) + packet[4:]
    if kind in (4, 5) and packet[4:5] == b'\x10':  # nobody has asked for the message: success too
        packet = packet[:4] + b'\0' + packet[5:] if len(packet) > 5 else bytes([packet[0], 2]) + packet[2:4]
    start = {2: 4, 4: 5, 5: 5, 6: 5, 7: 5, 9: 4, 11: 4, 14: 3}.get(kind)
    if start is None or len(packet) > 127 or len(packet) <= start or (kind == 2 and len(packet) < 5):
        return packet
    end = start + 1 + packet[start]
    if packet[start] > 127 or end > len(packet):
        return packet
    kept, at = b'', start + 1
    while at < end:
        name = packet[at]
        if name == REASON_STRING:
            at += 3 + int.from_bytes(packet[at + 1:at + 3], 'big')
        elif kind == 2 and name in CHOSEN:
            at += 1 + CHOSEN[name]
        elif name == SERVER_KEEP_ALIVE:
            kept += packet[at:at + 3]
            at += 3
        else:
            kept += packet[at:end]
            break
    rest = bytes([len(kept)]) + kept + packet[end:]
    if rest == b'\0' and kind not in (2, 9, 11):
        rest = b''
    return bytes([packet[0], start - 2 + len(rest)]) + packet[2:start] + rest


def expect_packet(sock, name, expected):
    if len(expected) == 0:
        found = [whole_packet(sock)]
        if says_why(found[0]):
            found = [whole_packet(sock)]
        if found == [b'']:
            return True
    else:
        found = [whole_packet(sock) for _ in packets_in(expected)]
        if all(plain(a) == plain(b) for a, b in zip(found, packets_in(expected))):
            return True
    print('%s\n  received %s\n  expected %s' % (name, b''.join(found).hex(' '), expected.hex(' ')))
    raise TestError
