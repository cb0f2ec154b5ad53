import { setTimeout as sleep } from 'node:timers/promises';
import { Deadlines } from './deadlines.ts';

test('deadlines pass in order, unless they are cleared', async () => {
  const deadlines = new Deadlines(30);
  const passed: string[] = [];
  deadlines.set(() => passed.push('a'));
  const b = deadlines.set(() => passed.push('b'));
  await sleep(15);
  deadlines.set(() => passed.push('c'));
  deadlines.clear(b);
  expect(passed).toEqual([]);
  await sleep(24);
  expect(passed).toEqual(['a']);
  await sleep(30);
  expect(passed).toEqual(['a', 'c']);
});
