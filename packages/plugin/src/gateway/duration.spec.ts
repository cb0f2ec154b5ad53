import { DURATION, protobufDuration } from './duration.ts';

it.each([
  ['200ms', '0.200s'],
  ['1s', '1s'],
  ['1m500ms', '60.500s'],
  ['1h2m3s', '3723s'],
  ['1s1ms', '1.001s'],
  ['0s', '0s'],
])('%s is %s', (text, expected) => {
  expect(text).toMatch(new RegExp(DURATION));
  expect(protobufDuration(text)).toBe(expected);
});

it.each(['', '1', 's', '-1s', '1.5s', '1s ', '1s1s1s1s1s', '123456s', '1us'])('%j is none', (text) => {
  expect(text).not.toMatch(new RegExp(DURATION));
});
