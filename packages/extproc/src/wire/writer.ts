const initialSize = 16 << 10;
const largestKept = 1 << 20;
/** Strings up to this length are cheaper to copy by character than by a call. */
const shortString = 24;

/** Appends protobuf fields, and whatever frames them, to a buffer that grows. */
export class Writer {
  buffer: Buffer;
  position = 0;

  /** @param size bytes to begin with */
  constructor(size = initialSize) {
    this.buffer = Buffer.allocUnsafeSlow(size);
  }

  /** What has been written, as a copy. */
  take(): Buffer {
    return Buffer.from(this.buffer.subarray(0, this.position));
  }

  /** Gives memory back that a long message has taken. */
  shrink(): void {
    if (this.buffer.length > largestKept) this.buffer = Buffer.allocUnsafeSlow(initialSize);
  }

  /** Text without field or length. */
  raw(text: string): void {
    this.reserve(Buffer.byteLength(text));
    this.position += this.buffer.write(text, this.position);
  }

  /** Makes room for `size` more bytes. */
  reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.position);
    this.buffer = grown;
  }

  /** A varint, an enum or a boolean; 0 is the default of proto3 and takes no bytes. */
  number(field: number, value: number | boolean): void {
    if (value) this.present(field, value);
  }

  /** The same, written even when it is 0, as members of a oneof are. */
  present(field: number, value: number | boolean): void {
    this.reserve(20);
    this.#varint(field << 3);
    this.#varint(Number(value));
  }

  double(field: number, value: number): void {
    this.reserve(18);
    this.#varint((field << 3) | 1);
    this.position = this.buffer.writeDoubleLE(value, this.position);
  }

  /** A string or bytes, also when empty. */
  bytes(field: number, value: string | Uint8Array): void {
    const text = typeof value === 'string';
    const length = text ? Buffer.byteLength(value) : value.length;
    this.reserve(length + 20);
    this.#varint((field << 3) | 2);
    this.#varint(length);
    if (!text) {
      this.buffer.set(value, this.position);
    } else if (length === value.length && length <= shortString) {
      for (let i = 0; i < length; i++) this.buffer[this.position + i] = value.charCodeAt(i);
    } else {
      this.buffer.write(value, this.position, length, 'utf8');
    }
    this.position += length;
  }

  /** Starts a message in a field, and returns what `close` needs. */
  open(field: number): number {
    this.reserve(16);
    this.#varint((field << 3) | 2);
    return ++this.position;
  }

  /** Ends a message: its length goes in front, for which a long one moves by a few bytes. */
  close(start: number): void {
    const length = this.position - start;
    if (length < 128) {
      this.buffer[start - 1] = length;
      return;
    }
    const shift = length < 1 << 14 ? 1 : length < 1 << 21 ? 2 : length < 1 << 28 ? 3 : 4;
    this.reserve(shift);
    this.buffer.copyWithin(start + shift, start, this.position);
    this.position = start - 1;
    this.#varint(length);
    this.position += length;
  }

  #varint(value: number): void {
    while (value > 127) {
      this.buffer[this.position++] = (value % 128) | 128;
      value = Math.floor(value / 128);
    }
    this.buffer[this.position++] = value;
  }
}
