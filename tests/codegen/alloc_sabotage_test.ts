/**
 * The allocation checker must reject allocations in which one thing is wrong. Some changes do no harm,
 * so whatever it accepts must behave as the true allocation does.
 */
import assert from "node:assert";
import { InternalError } from "../../lib/base/errors.ts";
import { Allocation, EditKind, FIRST_SLOT } from "../../lib/codegen/allocation.ts";
import { generate } from "./alloc_generator.ts";
import { Harness, machine, run } from "./alloc_machine.ts";

/** A copy in which edit `victim` is left out, or goes elsewhere. */
function copy(
  { code, allocation }: Harness,
  victim: number,
  change?: { readonly destination?: number; readonly source?: number },
): Allocation {
  const result = new Allocation();
  result.reset(code.count);
  for (let i = 0; i < code.count; i++) if (allocation.isDead(i)) result.markDead(i);
  for (let e = 0; e < allocation.count; e++) {
    const other = e === victim ? change : {};
    if (other === undefined) continue;
    result.append(
      allocation.before(e),
      allocation.kind(e),
      allocation.type(e),
      other.destination ?? allocation.destination(e),
      other.source ?? allocation.source(e),
    );
  }
  result.spillBytes = allocation.spillBytes;
  result.slotOffset = allocation.slotOffset.slice();
  result.usedPreservedInt = allocation.usedPreservedInt;
  result.usedPreservedFloat = allocation.usedPreservedFloat;
  return result;
}

function isRejected({ code, checker }: Harness, allocation: Allocation): boolean {
  try {
    checker.check(code, allocation);
    return false;
  } catch (error) {
    assert.ok(error instanceof InternalError);
    return true;
  }
}

/** Hands changed allocations to the checker, and runs what it accepts. */
class Trial {
  tried = 0;
  rejected = 0;

  try(harness: Harness, changed: Allocation): void {
    this.tried++;
    if (isRejected(harness, changed)) {
      this.rejected++;
      return;
    }
    const { code, registers, allocation } = harness, args = [7, 20, 3];
    assert.deepStrictEqual(
      run(code, args, registers, changed),
      run(code, args, registers, allocation),
    );
  }
  /** Asserts that enough was tried, and most of it harmful. */
  finish(): void {
    assert.ok(
      this.tried > 200 && this.rejected > 0.8 * this.tried,
      `${this.rejected} of ${this.tried}`,
    );
  }
}

/** Allocates random functions under pressure and hands each to `visit`. */
function eachFunction(visit: (harness: Harness) => void): void {
  for (let seed = 0; seed < 30; seed++) {
    const harness = new Harness(machine(6, 2, 3));
    harness.allocate(generate(seed, 60, 10));
    assert.ok(!isRejected(harness, copy(harness, -1)));
    visit(harness);
  }
}

Deno.test("the checker rejects an allocation without one of its edits", () => {
  const trial = new Trial();
  eachFunction((harness) => {
    for (let e = 0; e < harness.allocation.count; e += 3) trial.try(harness, copy(harness, e));
  });
  trial.finish();
});

Deno.test("the checker rejects edits that go elsewhere or come from elsewhere", () => {
  const trial = new Trial();
  eachFunction((harness) => {
    const { allocation } = harness;
    for (let e = 0; e < allocation.count; e += 3) {
      if (allocation.kind(e) !== EditKind.move) continue;
      const destination = allocation.destination(e), source = allocation.source(e);
      const isFloat = (location: number): boolean => location >= 32 && location < FIRST_SLOT;
      if (destination < FIRST_SLOT) {
        const [first, count] = isFloat(destination) ? [32, 3] : [0, 6];
        const other = first + (destination - first + 1) % count;
        trial.try(harness, copy(harness, e, { destination: other }));
      }
      if (source < FIRST_SLOT) {
        const [first, count] = isFloat(source) ? [32, 3] : [0, 6];
        const other = first + (source - first + 1) % count;
        trial.try(harness, copy(harness, e, { source: other }));
      }
    }
  });
  trial.finish();
});

Deno.test("the checker rejects slots that overlap or exceed the spill area", () => {
  let overlapping = 0;
  eachFunction((harness) => {
    const { allocation } = harness;
    const slots = new Set<number>();
    for (let e = 0; e < allocation.count; e++) {
      if (allocation.kind(e) !== EditKind.move) continue;
      for (const l of [allocation.destination(e), allocation.source(e)]) {
        if (l >= FIRST_SLOT) slots.add(l - FIRST_SLOT);
      }
    }
    if (slots.size < 2) return;
    overlapping++;
    const [first, second] = [...slots] as [number, number];
    const same = copy(harness, -1);
    same.slotOffset[second] = same.slotOffset[first] as number;
    assert.ok(isRejected(harness, same));
    const small = copy(harness, -1);
    small.spillBytes = 4;
    assert.ok(isRejected(harness, small));
  });
  assert.ok(overlapping > 10);
});

Deno.test("the checker rejects a preserved register that is not recorded as used", () => {
  let used = 0;
  eachFunction((harness) => {
    const mask = harness.allocation.usedPreservedInt;
    for (let bits = mask; bits !== 0; bits &= bits - 1) {
      const one = bits & -bits, forgotten = copy(harness, -1);
      forgotten.usedPreservedInt = mask & ~one;
      used++;
      assert.ok(isRejected(harness, forgotten));
    }
  });
  assert.ok(used > 10);
});

Deno.test("the checker rejects a live instruction that is left out", () => {
  eachFunction((harness) => {
    const { code } = harness;
    for (let i = 0; i < code.count; i++) {
      // Opcodes 1 (add) and 2 (subtract) compute something that an edit cannot compute again.
      if (code.opcode(i) !== 1 && code.opcode(i) !== 2) continue;
      const without = copy(harness, -1);
      without.markDead(i);
      assert.ok(isRejected(harness, without));
      return;
    }
  });
});
