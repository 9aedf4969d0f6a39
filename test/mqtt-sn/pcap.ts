// A capture file of datagrams from port 1884, as tshark reads it: classic pcap, raw IPv4 (LINKTYPE_RAW, 101).

const IP_BYTES = 20
const UDP_BYTES = 8

export function pcapOf(datagrams: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(24)
  header.writeUInt32LE(0xa1b2c3d4, 0)
  header.writeUInt16LE(2, 4)
  header.writeUInt16LE(4, 6)
  header.writeUInt32LE(65_535, 16)
  header.writeUInt32LE(101, 20)
  return Buffer.concat([header, ...datagrams.flatMap((datagram) => recordOf(packetOf(datagram)))])
}

function recordOf(packet: Buffer): Buffer[] {
  const header = Buffer.alloc(16)
  header.writeUInt32LE(packet.length, 8)
  header.writeUInt32LE(packet.length, 12)
  return [header, packet]
}

function packetOf(datagram: Buffer): Buffer {
  const headers = Buffer.alloc(IP_BYTES + UDP_BYTES)
  headers[0] = 0x45
  headers.writeUInt16BE(IP_BYTES + UDP_BYTES + datagram.length, 2)
  headers[8] = 64
  headers[9] = 17 // UDP
  headers.writeUInt32BE(0x7f000001, 12)
  headers.writeUInt32BE(0x7f000001, 16)
  headers.writeUInt16BE(1884, IP_BYTES)
  headers.writeUInt16BE(40_000, IP_BYTES + 2)
  headers.writeUInt16BE(UDP_BYTES + datagram.length, IP_BYTES + 4)
  return Buffer.concat([headers, datagram])
}
