/** Ctrl-C in the middle of the optimisation still leaves a scene. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readSplatPly } from '../../engine/formats/read-splat-ply.js';

const VANTAGE = fileURLToPath(new URL('../../cli/vantage.mjs', import.meta.url));
const CAPTURE = fileURLToPath(new URL('../../assets/sample', import.meta.url));

interface Stopped {
  readonly exitCode: number | null;
  readonly events: Record<string, unknown>[];
}

/** Runs until an event of that type comes, then interrupts. */
function interruptAt(type: string, args: readonly string[]): Promise<Stopped> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [VANTAGE, ...args, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    let wasInterrupted = false;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (wasInterrupted || !output.includes(`"type":"${type}"`)) return;
      wasInterrupted = true;
      child.kill('SIGINT');
    });
    child.once('error', reject);
    child.once('close', (exitCode) => {
      const lines = output.split('\n').filter((line) => line !== '');
      resolve({ exitCode, events: lines.map((line) => JSON.parse(line) as Record<string, unknown>) });
    });
  });
}

it('keeps what there is, and leaves no temporary file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vantage-interrupt-'));
  try {
    const file = join(folder, 'scene.ply');
    const args = ['reconstruct', CAPTURE, '-o', file, '--width', '240', '--preset', 'high', '--depth-model', 'none'];
    const { exitCode, events } = await interruptAt('iteration', args);
    expect(exitCode).toBe(0);
    expect(events.at(-1)).toMatchObject({ type: 'result', stopped: true });
    expect(readdirSync(folder)).toEqual(['scene.ply']);
    expect(readSplatPly(new Uint8Array(readFileSync(file)), file).splats.count).toBeGreaterThan(1000);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('fails with 4 and writes nothing when there is nothing yet', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vantage-interrupt-'));
  try {
    const file = join(folder, 'scene.ply');
    const { exitCode, events } = await interruptAt('stage-started', ['reconstruct', CAPTURE, '-o', file]);
    expect(exitCode).toBe(4);
    expect(events.at(-1)).toMatchObject({ type: 'error', exitCode: 4 });
    expect(existsSync(file)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
