/** Bytes together with the DataView over them, so that a hot loop reads words without making a view per message. */
export class BufferView {
  readonly bytes: Uint8Array;
  readonly view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  static ofSize(bytes: number): BufferView {
    // Through its own ArrayBuffer: JavaScriptCore keeps small typed arrays without one, and making a
    // view over such an array later costs microseconds.
    return new BufferView(new Uint8Array(new ArrayBuffer(bytes)));
  }
}
