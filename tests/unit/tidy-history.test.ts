import { describe, expect, it } from 'vitest';
import type { Operation } from '../../renderer/viewer/tools/history.js';
import { History } from '../../renderer/viewer/tools/history.js';

/** A number that operations add to, and a record of who was disposed of. */
function counter() {
  const disposed: string[] = [];
  const box = { value: 0 };
  const add = (label: string, amount: number, bytes = 10, canMerge = false): Operation & { amount: number } => ({
    label,
    amount,
    bytes,
    do: () => (box.value += amount),
    undo: () => (box.value -= amount),
    dispose: () => disposed.push(label),
    ...(canMerge
      ? {
          merge: (next: Operation) =>
            next.label === label
              ? add(label, amount + (next as Operation & { amount: number }).amount, bytes, true)
              : null,
        }
      : {}),
  });
  return { box, disposed, add };
}

describe('history', () => {
  it('undoes and redoes in order, and says what comes next', () => {
    const { box, add } = counter();
    const history = new History();
    history.run(add('one', 1));
    history.run(add('ten', 10));
    expect(box.value).toBe(11);
    expect(history.state.undoLabel).toBe('ten');
    expect(history.undo()).toBe(true);
    expect(box.value).toBe(1);
    expect(history.state).toMatchObject({ undoLabel: 'one', redoLabel: 'ten' });
    expect(history.redo()).toBe(true);
    expect(box.value).toBe(11);
    history.undo();
    history.undo();
    expect(box.value).toBe(0);
    expect(history.undo()).toBe(false);
  });

  it('drops and disposes of what was undone when something new is done', () => {
    const { box, disposed, add } = counter();
    const history = new History();
    history.run(add('one', 1));
    history.undo();
    history.run(add('two', 2));
    expect(history.redo()).toBe(false);
    expect(disposed).toEqual(['one']);
    expect(box.value).toBe(2);
  });

  it('keeps to its bytes by forgetting the oldest, tells how many, and never the newest', () => {
    const { box, disposed, add } = counter();
    const history = new History(100);
    for (let i = 0; i < 5; i++) history.run(add(`op${i}`, 1, 30));
    expect(history.state.bytes).toBe(90);
    expect(history.state.forgotten).toBe(2);
    expect(disposed).toEqual(['op0', 'op1']);
    history.run(add('huge', 100, 1000));
    expect(history.state).toMatchObject({ undoLabel: 'huge', bytes: 1000, forgotten: 5 });
    while (history.undo());
    // What was forgotten stays done.
    expect(box.value).toBe(5);
  });

  it('takes a drag together as one step until it is sealed', () => {
    const { box, add } = counter();
    const history = new History();
    history.run(add('drag', 1, 10, true));
    history.run(add('drag', 2, 10, true));
    history.run(add('drag', 3, 10, true));
    history.seal();
    history.run(add('drag', 4, 10, true));
    expect(box.value).toBe(10);
    history.undo();
    expect(box.value).toBe(6);
    history.undo();
    expect(box.value).toBe(0);
    history.redo();
    expect(box.value).toBe(6);
    // After redo a new drag is a new step.
    history.run(add('drag', 5, 10, true));
    history.undo();
    expect(box.value).toBe(6);
  });

  it('forgets what a test picks and keeps the rest in order', () => {
    const { disposed, add } = counter();
    const history = new History();
    history.run(add('path', 1));
    history.run(add('scene', 2));
    history.run(add('path', 3));
    history.clear(({ label }) => label === 'scene');
    expect(disposed).toEqual(['scene']);
    history.undo();
    history.undo();
    expect(history.undo()).toBe(false);
  });

  it('tells its listeners, with a state that stays the same object between changes', () => {
    const { add } = counter();
    const history = new History();
    let calls = 0;
    const stop = history.subscribe(() => calls++);
    const before = history.state;
    expect(history.state).toBe(before);
    history.run(add('one', 1));
    expect(history.state).not.toBe(before);
    stop();
    history.undo();
    expect(calls).toBe(1);
  });
});
