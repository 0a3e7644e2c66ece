import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isBefore, SortedList, type SortKey } from "../../src/core/sorted-list.ts";

type Key = SortKey<string>;

const key: fc.Arbitrary<Key> = fc.record({
  first: fc.integer({ min: 0, max: 20 }),
  second: fc.integer({ min: 0, max: 3 }),
  id: fc.integer({ min: 0, max: 200 }).map(String),
});

const same = (a: Key, b: Key) => a.first === b.first && a.second === b.second && a.id === b.id;

test("whatever is added and removed, a sorted list answers as a plain sorted array does", () => {
  const action = fc.tuple(fc.boolean(), key, key);
  fc.assert(
    fc.property(fc.array(action, { maxLength: 1_000, size: "max" }), (actions) => {
      const list = new SortedList<string>();
      const plain: Key[] = [];
      for (const [mayRemove, one, asked] of actions) {
        const at = plain.findIndex((other) => same(other, one));
        if (at < 0) {
          assert.throws(() => list.remove(one));
          list.add(one);
          plain.push(one);
          plain.sort((a, b) => (isBefore(a, b) ? -1 : 1));
        } else if (mayRemove) {
          list.remove(one);
          plain.splice(at, 1);
        }
        assert.equal(list.size, plain.length);
        assert.deepEqual(list.first(), plain[0] ?? null);
        assert.deepEqual(list.last(), plain.at(-1) ?? null);
        assert.equal(list.rank(asked), plain.filter((other) => isBefore(other, asked)).length);
        assert.deepEqual(list.firstAfter(asked), plain.find((other) => isBefore(asked, other)) ?? null);
      }
      assert.deepEqual([...list.keys()], plain);
      assert.deepEqual(
        list.ids(),
        plain.map(({ id }) => id),
      );
    }),
    { numRuns: 100, seed: 115 },
  );
});
