import { fields } from './fields.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** What `google.protobuf.Value` can hold. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;

/** What `google.protobuf.Struct` can hold. A property that is undefined is left out. */
export interface JsonObject {
  readonly [name: string]: JsonValue | undefined;
}

/** Adds the fields of a `google.protobuf.Struct` to an object. */
export function readStruct(reader: Reader, into: Record<string, JsonValue> = {}): Record<string, JsonValue> {
  while (reader.next()) {
    if (reader.field !== fields.Struct.fields) continue;
    const entry = reader.message;
    let key = '';
    let value: JsonValue = null;
    while (entry.next()) {
      if (entry.field === fields.FieldsEntry.key) key = entry.string;
      if (entry.field === fields.FieldsEntry.value) value = readValue(entry.message);
    }
    // A plain assignment to __proto__ would change the object's prototype.
    Object.defineProperty(into, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return into;
}

function readValue(reader: Reader): JsonValue {
  let value: JsonValue = null;
  while (reader.next()) {
    switch (reader.field) {
      case fields.Value.number_value:
        value = reader.double;
        break;
      case fields.Value.string_value:
        value = reader.string;
        break;
      case fields.Value.bool_value:
        value = reader.bool;
        break;
      case fields.Value.struct_value:
        value = readStruct(reader.message);
        break;
      case fields.Value.list_value: {
        const list: JsonValue[] = [];
        const values = reader.message;
        while (values.next())
          if (values.field === fields.ListValue.values) list.push(readValue(values.message));
        value = list;
      }
    }
  }
  return value;
}

/** Writes an object as the fields of a `google.protobuf.Struct`. */
export function writeStruct(writer: Writer, object: JsonObject): void {
  for (const [key, value] of Object.entries(object)) {
    if (value === undefined) continue;
    const entry = writer.open(fields.Struct.fields);
    writer.bytes(fields.FieldsEntry.key, key);
    const mark = writer.open(fields.FieldsEntry.value);
    writeValue(writer, value);
    writer.close(mark);
    writer.close(entry);
  }
}

function writeValue(writer: Writer, value: JsonValue): void {
  switch (typeof value) {
    case 'number':
      writer.double(fields.Value.number_value, value);
      return;
    case 'string':
      writer.bytes(fields.Value.string_value, value);
      return;
    case 'boolean':
      // Members of a oneof are written even when they are false.
      writer.present(fields.Value.bool_value, value);
      return;
  }
  if (value === null) {
    writer.present(fields.Value.null_value, 0);
    return;
  }
  if (!isList(value)) {
    const mark = writer.open(fields.Value.struct_value);
    writeStruct(writer, value);
    writer.close(mark);
    return;
  }
  const list = writer.open(fields.Value.list_value);
  for (const item of value) {
    const mark = writer.open(fields.ListValue.values);
    writeValue(writer, item);
    writer.close(mark);
  }
  writer.close(list);
}

function isList(value: readonly JsonValue[] | JsonObject): value is readonly JsonValue[] {
  return Array.isArray(value);
}
