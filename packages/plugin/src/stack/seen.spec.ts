import { SeenRequests } from './seen.ts';
import { VERIFY_ID, type Seen } from './types.ts';

const request = (id: string, body = ''): Seen => ({
  method: 'GET',
  path: '/',
  headers: { [VERIFY_ID]: id },
  body,
});
const remembered = (seen: SeenRequests, ...ids: string[]) => ids.filter((id) => seen.get(id));

it('keeps the latest', () => {
  const seen = new SeenRequests(2);
  for (const id of ['a', 'b', 'a', 'c']) seen.add(request(id));
  expect(remembered(seen, 'a', 'b', 'c')).toEqual(['a', 'c']);
});

it('keeps what fits, and the last in any case', () => {
  const seen = new SeenRequests(10, 10);
  for (const [id, size] of Object.entries({ a: 6, b: 5, c: 5 })) seen.add(request(id, 'x'.repeat(size)));
  expect(remembered(seen, 'a', 'b', 'c')).toEqual(['b', 'c']);
  seen.add(request('d', 'x'.repeat(100)));
  expect(remembered(seen, 'a', 'b', 'c', 'd')).toEqual(['d']);
});

it('does not keep a request without an id', () => {
  const seen = new SeenRequests();
  seen.add({ method: 'GET', path: '/', headers: {} });
  expect(seen.get('undefined')).toBeUndefined();
});
