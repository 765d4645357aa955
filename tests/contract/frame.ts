/** RFC 6455 section 5.2 opcodes. */
export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export interface Frame {
  readonly fin: boolean;
  /** The three reserved bits as a number from 0 to 7. */
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

export interface FrameOptions {
  readonly fin?: boolean;
  readonly rsv?: number;
  readonly masked?: boolean;
  /** Length written in the header when it is to differ from the payload's. */
  readonly claimedLength?: number;
}

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** Builds a client's frame as RFC 6455 section 5.2 lays it out; the options break its rules on purpose. */
export function encodeFrame(opcode: number, payload: Buffer, options: FrameOptions = {}): Buffer {
  const { fin = true, rsv = 0, masked = true, claimedLength = payload.length } = options;
  const maskBit = masked ? 0x80 : 0;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const header = [Buffer.from([first]), lengthField(claimedLength, maskBit)];
  if (!masked) return Buffer.concat([...header, payload]);
  const hidden = Buffer.from(payload);
  for (let i = 0; i < hidden.length; i++) hidden[i] = hidden[i]! ^ mask[i & 3]!;
  return Buffer.concat([...header, mask, hidden]);
}

function lengthField(length: number, maskBit: number): Buffer {
  if (length < 126) return Buffer.from([maskBit | length]);
  if (length < 65_536) {
    const field = Buffer.from([maskBit | 126, 0, 0]);
    field.writeUInt16BE(length, 1);
    return field;
  }
  const field = Buffer.alloc(9);
  field[0] = maskBit | 127;
  field.writeBigUInt64BE(BigInt(length), 1);
  return field;
}

/** The first frame of `bytes` and its size, or how many bytes must be there before asking again. */
export function decodeFrame(bytes: Buffer): { frame: Frame; size: number } | number {
  if (bytes.length < 2) return 2;
  const [first, second] = [bytes[0]!, bytes[1]!];
  let offset = 2;
  let length = second & 0x7f;
  if (length === 126) {
    if (bytes.length < 4) return 4;
    length = bytes.readUInt16BE(2);
    offset = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return 10;
    length = Number(bytes.readBigUInt64BE(2));
    offset = 10;
  }
  if (bytes.length < offset + length) return offset + length;
  const frame = {
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 7,
    opcode: first & 0xf,
    masked: (second & 0x80) !== 0,
    payload: bytes.subarray(offset, offset + length),
  };
  return { frame, size: offset + length };
}

/** Payload of a close frame: code as u16 big-endian, then the reason (RFC 6455 section 5.5.1). */
export function closePayload(code: number, reason = ""): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}

/** The code of a close frame; 1005 for none (RFC 6455 section 7.1.5). */
export function closeCode(frame: Frame): number {
  return frame.payload.length < 2 ? 1005 : frame.payload.readUInt16BE(0);
}
