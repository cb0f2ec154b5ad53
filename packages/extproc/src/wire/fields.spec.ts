import descriptors from './fields.json' with { type: 'json' };
import { enums, fields } from './fields.ts';

const real: Record<string, Record<string, number>> = descriptors;

/** As `[message, field, number]`. */
function rows(table: Readonly<Record<string, Readonly<Record<string, number>>>>) {
  return Object.entries(table).flatMap(([message, names]) =>
    Object.entries(names).map(([name, number]) => [message, name, number] as const),
  );
}

test.each(rows(fields))('%s.%s is field %i', (message, name, number) => {
  expect(real[message]?.[name]).toBe(number);
});

test.each(rows(enums))('%s.%s is %i', (name, value, number) => {
  expect(real[name]?.[value]).toBe(number);
});

test('the answer to a phase has the number of its message less one', () => {
  for (const [name, number] of Object.entries(fields.ProcessingRequest))
    if (/^(request|response)_(headers|body|trailers)$/.test(name))
      expect(real['ProcessingResponse']?.[name]).toBe(number - 1);
});
