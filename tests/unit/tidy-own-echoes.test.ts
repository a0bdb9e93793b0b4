import { describe, expect, it } from 'vitest';
import { OwnEchoes } from '../../renderer/panels/tidy/own-echoes.js';

describe('what the host says back', () => {
  it('is ours in the order that it was told in, each once', () => {
    const echoes = new OwnEchoes();
    for (const text of ['a', 'b']) echoes.tell(text);
    expect(echoes.take('a')).toBe(true);
    expect(echoes.take('b')).toBe(true);
    expect(echoes.take('b')).toBe(false);
  });

  // Deleted, undone and deleted again: the first echo must not be taken for the last.
  it('is ours where a text was told twice', () => {
    const echoes = new OwnEchoes();
    for (const text of [null, 'a', null]) echoes.tell(text);
    expect([echoes.take(null), echoes.take('a'), echoes.take(null)]).toEqual([true, true, true]);
  });

  it('is ours where the host left some out', () => {
    const echoes = new OwnEchoes();
    for (const text of ['a', 'b', 'c', 'd']) echoes.tell(text);
    expect([echoes.take('b'), echoes.take('d')]).toEqual([true, true]);
    expect(echoes.take('c')).toBe(false);
  });

  it('is another window’s once all of ours was answered, and after another project was opened', () => {
    const echoes = new OwnEchoes();
    for (const text of ['a', 'b']) echoes.tell(text);
    echoes.answered();
    expect(echoes.take('a')).toBe(true);
    echoes.answered();
    expect(echoes.take('b')).toBe(false);
    echoes.tell('c');
    echoes.forget();
    expect(echoes.take('c')).toBe(false);
  });
});
