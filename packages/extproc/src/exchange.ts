import type { Attributes } from './attributes.ts';
import { HttpHeaders } from './headers.ts';
import { fields } from './wire/fields.ts';
import type { Reader } from './wire/reader.ts';
import { type JsonValue, readStruct } from './wire/struct.ts';

/** Metadata that other filters left, by namespace. */
export type Metadata = Readonly<Record<string, Readonly<Record<string, JsonValue>> | undefined>>;

const noHeaders = new HttpHeaders();

/** What Envoy has sent about an exchange so far. What the policy does not ask for stays empty. */
export class Exchange {
  requestHeaders = noHeaders;
  requestTrailers = noHeaders;
  responseHeaders = noHeaders;
  responseTrailers = noHeaders;

  #attributes: Reader[] = [];
  #attributeValues: Record<string, JsonValue> = {};
  #metadata: Reader | undefined;
  #metadataValues: Metadata = {};
  #abort: AbortController | undefined;
  #ended = false;

  /** The attributes that the policy lists. */
  get attributes(): Attributes {
    for (const entry of this.#attributes.splice(0))
      while (entry.next())
        if (entry.field === fields.FieldsEntry.value) readStruct(entry.message, this.#attributeValues);
    return this.#attributeValues;
  }

  /** Metadata of other filters, of the namespaces in the policy's `metadata.accessibleNamespaces`. */
  get metadata(): Metadata {
    if (this.#metadata) {
      this.#metadataValues = readMetadata(this.#metadata);
      this.#metadata = undefined;
    }
    return this.#metadataValues;
  }

  /** Aborts when the exchange ends, also when the client has gone. Give it to `fetch` and the like. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#ended) this.#abort.abort();
    return this.#abort.signal;
  }

  /** @internal Keeps what came with a message. */
  observe(attributes: readonly Reader[], metadata: Reader | undefined): void {
    if (attributes.length) this.#attributes.push(...attributes);
    if (metadata) this.#metadata = metadata;
  }

  /** @internal */
  end(): void {
    this.#ended = true;
    this.#abort?.abort();
  }
}

function readMetadata(reader: Reader): Metadata {
  const metadata: Record<string, Record<string, JsonValue>> = Object.create(null) as Record<string, never>;
  while (reader.next()) {
    if (reader.field !== fields.Metadata.filter_metadata) continue;
    const entry = reader.message;
    let namespace = '';
    let values: Record<string, JsonValue> = {};
    while (entry.next()) {
      if (entry.field === fields.FieldsEntry.key) namespace = entry.string;
      if (entry.field === fields.FieldsEntry.value) values = readStruct(entry.message);
    }
    metadata[namespace] = values;
  }
  return metadata;
}
