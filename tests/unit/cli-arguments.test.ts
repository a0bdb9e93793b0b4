import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { checkSplatOutput, parseHoldOut, parseMemory, parseSeed, parseWidth } from '../../cli/arguments.js';
import { UsageError } from '../../host/run/user-errors.js';
import { describeError, exitCodeOf } from '../../cli/exit-codes.js';
import { formatBytes, formatCount, formatDuration, formatTable } from '../../host/run/format-text.js';
import { ImportError } from '../../engine/scene/errors.js';

describe('arguments', () => {
  it('takes whole numbers within bounds and nothing else', () => {
    expect([parseWidth('504'), parseSeed('0')]).toEqual([504, 0]);
    for (const text of ['', '-1', '1.5', '1e3', 'wide', '15', '99999', 'Infinity', '0x10'])
      expect(() => parseWidth(text), text).toThrow(InvalidArgumentError);
    expect(() => parseSeed('4294967296')).toThrow(InvalidArgumentError);
  });

  it('reads what is held out', () => {
    expect(parseHoldOut('every:8')).toEqual({ kind: 'every', step: 8 });
    expect(parseHoldOut('rest')).toEqual({ kind: 'rest' });
    expect(parseHoldOut('0,8,16')).toEqual({ kind: 'list', list: '0,8,16' });
    for (const text of ['every:', 'every:1', 'every:0', 'every:x', ' ']) {
      expect(() => parseHoldOut(text), text).toThrow(InvalidArgumentError);
    }
  });

  it('reads amounts of memory', () => {
    expect(parseMemory('2G')).toBe(2 * 2 ** 30);
    expect(parseMemory('1500M')).toBe(1500 * 2 ** 20);
    expect(parseMemory('0.5 GiB')).toBe(2 ** 29);
    expect(parseMemory('512')).toBe(2 ** 29);
    for (const text of ['lots', '1M', '-2G', '2T', ''])
      expect(() => parseMemory(text), text).toThrow(InvalidArgumentError);
  });

  it('writes .ply only, and says what to type instead', () => {
    checkSplatOutput('out/Szene 日本.PLY');
    expect(() => checkSplatOutput('scene.spz')).toThrow(/only \.ply/);
    expect(() => checkSplatOutput('out/scene')).toThrow(/out\/scene\.ply/);
    expect(() => checkSplatOutput('./out.d/')).toThrow(UsageError);
  });
});

describe('exit codes and messages', () => {
  it('tell bad usage, bad input and failed runs apart', () => {
    const bad = new ImportError('truncated', 'It ends early.', 'a.ply', 'byte 9', 'Copy it again.');
    expect([new UsageError('x'), bad, new Error('x'), 'x'].map(exitCodeOf)).toEqual([2, 3, 4, 4]);
    expect(describeError(bad)).toBe('a.ply (byte 9): It ends early.\n  Copy it again.');
    expect(describeError(Object.assign(new Error('x'), { code: 'ENOSPC', path: '/full/a.ply' }))).toBe(
      '/full/a.ply: The disk is full.',
    );
  });
});

describe('words for people', () => {
  it('counts, sizes and durations', () => {
    expect(formatCount(1234567)).toBe('1,234,567');
    expect([formatBytes(512), formatBytes(2 ** 20 * 1.5), formatBytes(2 ** 28)]).toEqual([
      '512 B',
      '1.5 MiB',
      '256 MiB',
    ]);
    expect([2340, 65000, 59700, 3725000, NaN].map(formatDuration)).toEqual([
      '2.3 s',
      '1 min 5 s',
      '1 min 0 s',
      '1 h 2 min',
      '?',
    ]);
  });

  it('lines numbers up', () => {
    expect(
      formatTable([
        ['view', 'PSNR'],
        ['a.jpg', '9.50'],
        ['b', '21.25'],
      ]),
    ).toEqual(['view    PSNR', 'a.jpg   9.50', 'b      21.25']);
  });
});
