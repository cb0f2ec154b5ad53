/** A message that is not valid protobuf. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/**
 * Walks over the fields of one protobuf message without copying: `while (reader.next()) switch (reader.field)`.
 * Length-delimited fields are the range `start` to `stop` of the buffer, varints are in `number`.
 */
export class Reader {
  field = 0;
  number = 0;
  start = 0;
  stop = 0;
  readonly buffer: Buffer;
  #position: number;
  readonly #end: number;

  constructor(buffer: Buffer, start = 0, end = buffer.length) {
    this.buffer = buffer;
    this.#position = start;
    this.#end = end;
  }

  /** Moves to the next field; false at the end of the message. */
  next(): boolean {
    if (this.#position >= this.#end) return false;
    const tag = this.#varint();
    this.field = tag >>> 3;
    this.start = this.#position;
    switch (tag & 7) {
      case 0:
        this.number = this.#varint();
        this.stop = this.#position;
        break;
      case 1:
        this.stop = this.#position += 8;
        break;
      case 2: {
        const length = this.#varint();
        this.start = this.#position;
        this.stop = this.#position += length;
        break;
      }
      case 5:
        this.stop = this.#position += 4;
        break;
      default:
        throw new WireError(`field ${this.field} has an unknown wire type`);
    }
    if (this.#position > this.#end) throw new WireError(`field ${this.field} is cut off`);
    return true;
  }

  get bool(): boolean {
    return this.number !== 0;
  }

  get string(): string {
    return this.buffer.toString('utf8', this.start, this.stop);
  }

  get bytes(): Buffer {
    return this.buffer.subarray(this.start, this.stop);
  }

  get double(): number {
    return this.buffer.readDoubleLE(this.start);
  }

  /** A reader of the message in this field. */
  get message(): Reader {
    return new Reader(this.buffer, this.start, this.stop);
  }

  /** Exact up to 2^53, which covers every field in use. */
  #varint(): number {
    const { buffer } = this;
    let result = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      const byte = buffer[this.#position++];
      if (byte === undefined) break;
      result += (byte & 0x7f) * factor;
      if (byte < 0x80) return result;
      factor *= 128;
    }
    throw new WireError('a varint has no end');
  }
}
